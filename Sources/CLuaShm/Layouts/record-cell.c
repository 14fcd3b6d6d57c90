/*
 * Atomic cells on a record's fields and elements. Here the field's type is
 * known, so whatever a cell would read wrongly is refused: above all a field in
 * the other byte order. view:atomic takes an offset, which says nothing about
 * that.
 */
#include "../Views/cell.h"
#include "record.h"

/* Pushes "Link.head", "Link.slots[3]". */
static const char *push_place(lua_State *L, const struct luashm_record *record,
                              const struct luashm_member *member) {
  luashm_push_path(L, record);
  if (member->field) {
    lua_pushliteral(L, ".");
    lua_pushlstring(L, record->image->names + member->field->name,
                    member->field->name_length);
  } else {
    uint64_t size = member->type->size ? member->type->size : 1;
    lua_pushfstring(L, "[%I", (lua_Integer)(member->offset / size));
    lua_pushliteral(L, "]");
  }
  lua_concat(L, 3);
  return lua_tostring(L, -1);
}

static bool is_integer(const struct cshm_type *type) {
  return type->kind != CSHM_FLOATING && type->kind < CSHM_OPAQUE &&
         (type->size == 4 || type->size == 8);
}

/* Raises an error that says what keeps the member from being a cell. */
static void check_member(lua_State *L, const struct luashm_record *record,
                         const struct luashm_member *member) {
  const struct cshm_type *type = member->type;
  if (member->bit_width > 0)
    luaL_error(L, "atomic: %s is a bit-field, and a cell is a whole word",
               push_place(L, record, member));
  if (!is_integer(type)) {
    const char *place = push_place(L, record, member);
    luaL_error(L, "atomic: %s has the type %s, and a cell is an integer of 4 "
                  "or 8 bytes",
               place, luashm_push_type(L, record->image, type));
  }
  if (type->flags & CSHM_BIG_ENDIAN)
    luaL_error(L, "atomic: %s is big-endian, and a cell counts in this "
                  "machine's order",
               push_place(L, record, member));
}

void luashm_push_member_cell(lua_State *L, const struct luashm_record *record,
                             const struct luashm_member *member) {
  check_member(L, record, member);
  bool wide = member->type->size == 8;
  bool is_signed = member->type->kind == CSHM_SIGNED;
  struct cell cell = {
      .head.object = record->data->head.object,
      .offset = record->data->offset + member->offset,
      .type = wide ? is_signed ? CELL_I64 : CELL_U64
                   : is_signed ? CELL_I32 : CELL_U32};
  const struct luashm_handle *view = luashm_view_of(record);
  if (!view->base)
    luashm_closed_view(L, 1);
  if ((uintptr_t)(view->base + cell.offset) % member->type->size != 0)
    luaL_error(L, "atomic: %s is at offset %I, which is not aligned to its %d "
                  "bytes",
               push_place(L, record, member), (lua_Integer)cell.offset,
               (int)member->type->size);
  lua_getiuservalue(L, 1, RECORD_NAME);
  lua_getiuservalue(L, 1, RECORD_VIEW);
  luashm_push_cell(L, &cell);
}
