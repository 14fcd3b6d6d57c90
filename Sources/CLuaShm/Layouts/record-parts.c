/* Makes records: from a view, and from other records. */
#include "record.h"

int luashm_no_layout(lua_State *L, int index) {
  return luaL_error(L, "attempt to use a record (of %s) without its layout",
                    luashm_shown_name(L, index));
}

void luashm_push_record(lua_State *L, int at, const struct luashm_image *image,
                        const struct cshm_type *type,
                        struct luashm_record_data data) {
  struct luashm_record_data *made =
      luashm_push_new(L, TYPE_RECORD, sizeof *made, RECORD_VALUES);
  data.head.mark = made->head.mark;
  data.layout = image->head.object;
  data.type = luashm_type_index(image, type);
  *made = data;
  lua_pushvalue(L, at);
  lua_setiuservalue(L, -2, RECORD_IMAGE);
}

void luashm_push_part(lua_State *L, const struct luashm_record *of,
                      const struct luashm_member *member) {
  lua_getiuservalue(L, 1, RECORD_IMAGE);
  luashm_push_record(L, lua_gettop(L), of->image, member->type,
                     (struct luashm_record_data){
                         .head.object = of->data->head.object,
                         .offset = of->data->offset + member->offset,
                         .origin = of->data->origin,
                         .room = luashm_member_room(of->image, member,
                                                    of->data->room)});
  for (int value = RECORD_NAME; value <= RECORD_VIEW; value++) {
    lua_getiuservalue(L, 1, value);
    lua_setiuservalue(L, -2, value);
  }
}
