/*
 * The path of a record from the whole that view:as made, for messages. A part
 * knows its type and its offset but no parent, so the path is searched for. If
 * a union has several members of one type, the first one is named.
 */
#include "record.h"

/* Does the member contain the byte at this offset of its record? A member
   without bytes contains the one at which it begins. */
static bool holds(const struct luashm_member *member, uint64_t offset) {
  if (offset < member->offset)
    return false;
  return offset - member->offset < member->type->size ||
         offset == member->offset || member->flexible;
}

/* The type that is searched for, and its offset from the start of another. */
struct target {
  const struct cshm_type *type;
  uint64_t offset;
};

static bool push_way(lua_State *, const struct luashm_image *,
                     const struct cshm_type *from, struct target);

/* Puts the step in front of the path at the top of the stack; pops the step. */
static bool prepend(lua_State *L) {
  lua_insert(L, -2);
  lua_concat(L, 2);
  return true;
}

static bool push_element(lua_State *L, const struct luashm_image *image,
                         const struct cshm_type *array, struct target target) {
  const struct cshm_type *element = luashm_element(image, array);
  uint64_t index = element->size ? target.offset / element->size : 0;
  target.offset -= index * element->size;
  if (!push_way(L, image, element, target))
    return false;
  lua_pushfstring(L, "[%I]", (lua_Integer)index);
  return prepend(L);
}

static bool push_field(lua_State *L, const struct luashm_image *image,
                       const struct cshm_type *record, struct target target) {
  uint32_t count;
  const struct luashm_member *member =
      luashm_members_of(image, record, &count);
  for (; count > 0; count--, member++) {
    struct target inner = {target.type, target.offset - member->offset};
    if (!holds(member, target.offset) ||
        !push_way(L, image, member->type, inner))
      continue;
    lua_pushliteral(L, ".");
    lua_pushlstring(L, image->names + member->field->name,
                    member->field->name_length);
    lua_concat(L, 2);
    return prepend(L);
  }
  return false;
}

/* Tries each path to the byte; LayoutTypes.mostSharing keeps them few. */
static bool push_way(lua_State *L, const struct luashm_image *image,
                     const struct cshm_type *from, struct target target) {
  luaL_checkstack(L, 4, "a record is nested too deeply");
  if (from == target.type && target.offset == 0) {
    lua_pushliteral(L, "");
    return true;
  }
  if (from->kind == CSHM_ARRAY)
    return push_element(L, image, from, target);
  return luashm_has_fields(from) && push_field(L, image, from, target);
}

const char *luashm_push_path(lua_State *L,
                             const struct luashm_record *record) {
  const struct luashm_image *image = record->image;
  const struct cshm_type *root = &image->types[image->layout->root];
  struct target target = {record->type,
                          record->data->offset - record->data->origin};
  luashm_push_type(L, image, root);
  if (push_way(L, image, root, target))
    lua_concat(L, 2);
  return lua_tostring(L, -1);
}
