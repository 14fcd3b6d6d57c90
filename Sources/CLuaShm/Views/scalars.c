/*
 * view:u8(offset [, value]) and its nine siblings: read or write one number.
 * Each is a method of its own. All share one inline function in which `type` is
 * a constant, so that no type is tested at run time.
 */
#include "access.h"
#include "numbers.h"

#include <math.h>

struct scalar {
  const char *verb; /* "view:u32" */
  enum luashm_scalar code;
  struct luashm_number number;
};

#define INLINE static inline __attribute__((always_inline))

INLINE lua_Integer integer_at(lua_State *L, int index) {
  int whole;
  lua_Integer value = lua_tointegerx(L, index, &whole);
  return __builtin_expect(whole, 1) ? value : luaL_checkinteger(L, index);
}

INLINE lua_Number number_at(lua_State *L, int index) {
  int is;
  lua_Number value = lua_tonumberx(L, index, &is);
  return __builtin_expect(is, 1) ? value : luaL_checknumber(L, index);
}

/* Every Lua integer fits in 64 bits, so u64 and i64 differ in name only. */
INLINE uint64_t integer_bits(lua_State *L, int index,
                             const struct scalar type) {
  lua_Integer value = integer_at(L, index);
  if (type.number.size < 8) {
    lua_Integer half = (lua_Integer)1 << (8 * type.number.size % 64 - 1);
    lua_Integer lowest = type.number.form == NUMBER_SIGNED ? -half : 0;
    lua_Integer highest = lowest + 2 * half - 1;
    if (__builtin_expect(value < lowest || value > highest, 0))
      luashm_does_not_fit(L, index, value, luashm_word(type.verb), lowest,
                          highest);
  }
  return (uint64_t)value;
}

/* Raises: a finite number would become infinite. */
static __attribute__((noinline)) void float_does_not_fit(lua_State *L,
                                                         int index,
                                                         lua_Number number) {
  luaL_argerror(L, index,
                lua_pushfstring(L, "%f does not fit into f32", number));
}

INLINE uint64_t floating_bits(lua_State *L, int index,
                              const struct luashm_number type) {
  lua_Number number = number_at(L, index);
  if (type.size == sizeof(float) &&
      __builtin_expect(isinf((float)number) && !isinf(number), 0))
    float_does_not_fit(L, index, number);
  return luashm_floating_bits(number, type);
}

INLINE void push_value(lua_State *L, uint64_t bits,
                       const struct luashm_number type) {
  if (type.form == NUMBER_FLOATING)
    lua_pushnumber(L, luashm_floating_of(bits, type));
  else
    lua_pushinteger(L, luashm_integer_of(bits, type));
}

/* The access when a world is set. */
static __attribute__((noinline)) uint64_t
access_in_world(lua_State *L, lua_Integer offset, uint64_t bits, bool writes,
                const struct scalar type) {
  struct luashm_operation operation =
      luashm_access(L, writes ? LUASHM_OP_STORE : LUASHM_OP_LOAD, offset,
                    type.number.size);
  operation.type = type.code;
  operation.a = (int64_t)bits;
  luashm_perform(L, &operation);
  return (uint64_t)operation.result;
}

/* A closed view has 0 bytes, so the check of bounds refuses it, too. */
INLINE int access_scalar(lua_State *L, const struct scalar type) {
  bool writes = lua_gettop(L) > 2;
  int whole;
  lua_Integer offset = lua_tointegerx(L, 2, &whole);
  const struct luashm_head *head = luashm_own(L, TYPE_VIEW);
  if (__builtin_expect(!whole, 0))
    luaL_checkinteger(L, 2); /* raises */
  uint64_t bits = 0;
  if (writes)
    bits = type.number.form == NUMBER_FLOATING
               ? floating_bits(L, 3, type.number)
               : integer_bits(L, 3, type);
  struct luashm_handle *view = luashm_handle(head->object);
  if (__builtin_expect(!luashm_inside(view, offset, type.number.size) ||
                           (writes && view->access == LUASHM_READ),
                       0))
    return luashm_refuse_access(L, type.verb, (lua_Integer)type.number.size,
                                offset, writes);
  if (__builtin_expect(view->world != NULL, 0))
    bits = access_in_world(L, offset, bits, writes, type);
  else {
    if (writes)
      cshm_store_scalar(view->base + offset, type.number.size, bits);
    else
      bits = cshm_load_scalar(view->base + offset, type.number.size);
    if (__builtin_expect(cshm_lost(view->guard), 0))
      return luashm_lost(L, 1, luashm_word(type.verb));
  }
  if (writes)
    lua_pushvalue(L, 1);
  else
    push_value(L, bits, type.number);
  return 1;
}

/* view:NAME(offset [, value]) -> value, or the view */
#define SCALAR(name, code, bytes, form)                                        \
  static int view_##name(lua_State *L) {                                       \
    const struct scalar type = {"view:" #name, code, {bytes, form}};           \
    return access_scalar(L, type);                                             \
  }

SCALAR(u8, LUASHM_U8, 1, NUMBER_UNSIGNED)
SCALAR(i8, LUASHM_I8, 1, NUMBER_SIGNED)
SCALAR(u16, LUASHM_U16, 2, NUMBER_UNSIGNED)
SCALAR(i16, LUASHM_I16, 2, NUMBER_SIGNED)
SCALAR(u32, LUASHM_U32, 4, NUMBER_UNSIGNED)
SCALAR(i32, LUASHM_I32, 4, NUMBER_SIGNED)
SCALAR(u64, LUASHM_U64, 8, NUMBER_UNSIGNED)
SCALAR(i64, LUASHM_I64, 8, NUMBER_SIGNED)
SCALAR(f32, LUASHM_F32, 4, NUMBER_FLOATING)
SCALAR(f64, LUASHM_F64, 8, NUMBER_FLOATING)

const luaL_Reg luashm_scalar_methods[] = {
    {"u8", view_u8},   {"i8", view_i8},   {"u16", view_u16}, {"i16", view_i16},
    {"u32", view_u32}, {"i32", view_i32}, {"u64", view_u64}, {"i64", view_i64},
    {"f32", view_f32}, {"f64", view_f64}, {NULL, NULL}};
