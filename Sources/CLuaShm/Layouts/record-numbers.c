/* record:numbers: all elements of an array of numbers in one call. */
#include "../Views/number-lists.h"
#include "record.h"

static const struct cshm_type *innermost(const struct luashm_image *image,
                                         const struct cshm_type *type) {
  while (type->kind == CSHM_ARRAY)
    type = luashm_element(image, type);
  return type;
}

/* False: Lua has no number for it. */
static bool scalar_of(const struct cshm_type *type,
                      enum luashm_scalar *scalar) {
  static const enum luashm_scalar of_unsigned[] = {LUASHM_U8, LUASHM_U16,
                                                   LUASHM_U32, LUASHM_U64};
  bool is_power = type->size != 0 && type->size <= 8 &&
                  (type->size & (type->size - 1)) == 0;
  int power = is_power ? __builtin_ctzll(type->size) : 0;
  if (type->kind == CSHM_FLOATING) {
    *scalar = type->size == 4 ? LUASHM_F32 : LUASHM_F64;
    return type->size == 4 || type->size == 8;
  }
  *scalar = (enum luashm_scalar)(of_unsigned[power] +
                                 (type->kind == CSHM_SIGNED));
  return is_power &&
         (type->kind == CSHM_SIGNED || type->kind == CSHM_UNSIGNED);
}

_Static_assert(LUASHM_I8 == LUASHM_U8 + 1 && LUASHM_I64 == LUASHM_U64 + 1,
               "the signed one of a size comes behind the other");

/* Raises for what is no array of numbers. */
static struct luashm_run run_of(lua_State *L,
                                const struct luashm_record *record) {
  const struct cshm_type *element = innermost(record->image, record->type);
  struct luashm_run run = {.object = record->data->head.object,
                           .at = record->data->offset,
                           .big_endian = element->flags & CSHM_BIG_ENDIAN,
                           .record = record};
  if (record->type->kind != CSHM_ARRAY || !scalar_of(element, &run.type)) {
    const char *path = luashm_push_path(L, record);
    luaL_error(L, "numbers: %s has the type %s, which is no array of numbers",
               path, luashm_push_type(L, record->image, record->type));
  }
  run.count = record->data->room / element->size;
  return run;
}

/* record:numbers([table]) -> table, or the record */
int luashm_record_numbers(lua_State *L) {
  struct luashm_record record;
  lua_settop(L, 2);
  luashm_own_record(L, &record);
  struct luashm_run run = run_of(L, &record);
  struct luashm_handle *view = luashm_view_of(&record);
  if (!view->base)
    return luashm_closed_view(L, 1);
  if (lua_isnil(L, 2))
    return luashm_push_numbers(L, &run);
  luaL_checktype(L, 2, LUA_TTABLE);
  if (view->access == LUASHM_READ)
    luaL_error(L, "numbers: the view of %s is read-only",
               luashm_shown_name(L, 1));
  uint64_t count = lua_rawlen(L, 2);
  if (count > run.count) {
    const char *type = luashm_push_type(L, record.image, record.type);
    luaL_argerror(L, 2,
                  lua_pushfstring(L, "%I numbers are given, and %s has %I",
                                  (lua_Integer)count, type,
                                  (lua_Integer)run.count));
  }
  run.count = count;
  return luashm_write_numbers(L, &run, 2);
}
