/*
 * view:u8(offset [, value]) and its nine kin: one number, read or written.
 * Each is a method of its own, and all are one inline function whose `type` is
 * a constant: no test of a type is left at run time.
 */
#include "access.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum form { UNSIGNED, SIGNED, FLOATING };

struct scalar {
  const char *verb; /* "view:u32" */
  size_t size;      /* bytes */
  enum form form;
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

/* Of 64 bits every integer fits: u64 and i64 differ in name only. */
INLINE uint64_t integer_bits(lua_State *L, int index,
                             const struct scalar type) {
  lua_Integer value = integer_at(L, index);
  if (type.size < 8) {
    lua_Integer half = (lua_Integer)1 << (8 * type.size % 64 - 1);
    lua_Integer lowest = type.form == SIGNED ? -half : 0;
    lua_Integer highest = lowest + 2 * half - 1;
    if (__builtin_expect(value < lowest || value > highest, 0))
      luashm_does_not_fit(L, index, value, luashm_word(type.verb), lowest,
                          highest);
  }
  return (uint64_t)value;
}

/* Raises for a number that only infinity could stand for. */
static __attribute__((noinline)) void float_does_not_fit(lua_State *L,
                                                         int index,
                                                         lua_Number number) {
  luaL_argerror(L, index,
                lua_pushfstring(L, "%f does not fit into f32", number));
}

INLINE uint64_t floating_bits(lua_State *L, int index, size_t size) {
  lua_Number number = number_at(L, index);
  uint64_t bits = 0;
  if (size == sizeof(float)) {
    float narrow = (float)number;
    if (__builtin_expect(isinf(narrow) && !isinf(number), 0))
      float_does_not_fit(L, index, number);
    memcpy(&bits, &narrow, sizeof narrow);
  } else
    memcpy(&bits, &number, sizeof number);
  return bits;
}

INLINE lua_Number floating_value(uint64_t bits, size_t size) {
  if (size == sizeof(float)) {
    float narrow;
    memcpy(&narrow, &bits, sizeof narrow);
    return narrow;
  }
  lua_Number number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

INLINE lua_Integer integer_value(uint64_t bits, const struct scalar type) {
  unsigned spare = 64 - 8 * (unsigned)type.size;
  return type.form == SIGNED ? (lua_Integer)(bits << spare) >> spare
                             : (lua_Integer)bits;
}

INLINE void push_value(lua_State *L, uint64_t bits, const struct scalar type) {
  if (type.form == FLOATING)
    lua_pushnumber(L, floating_value(bits, type.size));
  else
    lua_pushinteger(L, integer_value(bits, type));
}

static void tell_value(struct luashm_turn *turn, uint64_t bits,
                       const struct scalar type) {
  if (type.form != FLOATING) {
    turn->operation.result = integer_value(bits, type);
    return;
  }
  int length = snprintf(turn->number, sizeof turn->number, LUA_NUMBER_FMT,
                        floating_value(bits, type.size));
  luashm_tell(turn, turn->number, (size_t)length, 0);
}

/* The access with a listener. */
static __attribute__((noinline)) bool heard(lua_State *L, size_t offset,
                                            uint64_t *bits, bool writes,
                                            const struct scalar type) {
  struct luashm_view *view = luashm_open_view(L);
  struct luashm_turn turn;
  luashm_begin(L, &turn, writes ? LUASHM_STORE : LUASHM_LOAD, type.verb, view,
               offset, type.size);
  if (writes)
    cshm_store_scalar(view->base + offset, type.size, *bits);
  else {
    *bits = cshm_load_scalar(view->base + offset, type.size);
    tell_value(&turn, *bits, type);
  }
  return luashm_end(&turn, view);
}

/* As luashm_self, but the metatable stays on the stack, perhaps where an
   argument is missing: to pop it would cost a twentieth of the call. */
INLINE struct luashm_view *self_of(lua_State *L) {
  void *value = lua_touserdata(L, 1);
  if (__builtin_expect(value && lua_getmetatable(L, 1) &&
                           lua_rawequal(L, -1, lua_upvalueindex(UPVALUE_OWN)),
                       1))
    return value;
  return luashm_self(L); /* raises */
}

/* A closed view has no bytes, so that the bounds refuse it, too. */
INLINE int access_scalar(lua_State *L, const struct scalar type) {
  bool writes = lua_gettop(L) > 2;
  int whole;
  lua_Integer offset = lua_tointegerx(L, 2, &whole);
  struct luashm_view *view = self_of(L);
  if (__builtin_expect(!whole, 0)) {
    lua_pop(L, 1);
    luaL_checkinteger(L, 2); /* raises */
  }
  uint64_t bits = 0;
  if (writes)
    bits = type.form == FLOATING ? floating_bits(L, 3, type.size)
                                 : integer_bits(L, 3, type);
  if (__builtin_expect(!luashm_inside(view, offset, type.size) ||
                           (writes && view->access == LUASHM_READ),
                       0))
    return luashm_refuse_access(L, type.verb, (lua_Integer)type.size, offset,
                                writes);
  bool well;
  if (luashm_heard(view->host))
    well = heard(L, (size_t)offset, &bits, writes, type);
  else {
    if (writes)
      cshm_store_scalar(view->base + offset, type.size, bits);
    else
      bits = cshm_load_scalar(view->base + offset, type.size);
    well = !cshm_lost(view->guard);
  }
  if (__builtin_expect(!well, 0))
    return luashm_lost(L, luashm_word(type.verb));
  if (writes)
    lua_pushvalue(L, 1);
  else
    push_value(L, bits, type);
  return 1;
}

/* view:NAME(offset [, value]) -> value, or the view */
#define SCALAR(name, bytes, form)                                              \
  static int view_##name(lua_State *L) {                                       \
    const struct scalar type = {"view:" #name, bytes, form};                   \
    return access_scalar(L, type);                                             \
  }

SCALAR(u8, 1, UNSIGNED)
SCALAR(i8, 1, SIGNED)
SCALAR(u16, 2, UNSIGNED)
SCALAR(i16, 2, SIGNED)
SCALAR(u32, 4, UNSIGNED)
SCALAR(i32, 4, SIGNED)
SCALAR(u64, 8, UNSIGNED)
SCALAR(i64, 8, SIGNED)
SCALAR(f32, 4, FLOATING)
SCALAR(f64, 8, FLOATING)

const luaL_Reg luashm_scalar_methods[] = {
    {"u8", view_u8},   {"i8", view_i8},   {"u16", view_u16}, {"i16", view_i16},
    {"u32", view_u32}, {"i32", view_i32}, {"u64", view_u64}, {"i64", view_i64},
    {"f32", view_f32}, {"f64", view_f64}, {NULL, NULL}};
