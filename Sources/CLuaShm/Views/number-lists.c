/* view:numbers, and what record:numbers shares with it. */
#include "number-lists.h"

#include "access.h"
#include "numbers.h"
#include "waiting.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

static const char *const type_names[] = {
    [LUASHM_U8] = "u8",   [LUASHM_I8] = "i8",   [LUASHM_U16] = "u16",
    [LUASHM_I16] = "i16", [LUASHM_U32] = "u32", [LUASHM_I32] = "i32",
    [LUASHM_U64] = "u64", [LUASHM_I64] = "i64", [LUASHM_F32] = "f32",
    [LUASHM_F64] = "f64"};

enum { TYPES_OF_NUMBERS = sizeof type_names / sizeof *type_names };

/* So many values are on the stack at once: taking each away would be a call. */
enum { TOGETHER = 16 };

static struct luashm_operation operation_on(const struct luashm_run *run,
                                            enum luashm_op op,
                                            unsigned char *bytes) {
  return (struct luashm_operation){
      .op = op,
      .type = run->type,
      .object = run->object,
      .at = run->at,
      .length = run->count * luashm_numbers[run->type].size,
      .bytes = bytes,
      .result = (int64_t)run->count,
      .record = run->record};
}

static unsigned char *push_bytes(lua_State *L, const struct luashm_run *run) {
  size_t size = luashm_numbers[run->type].size;
  return luashm_push_scratch(L, run->count * size);
}

static void swap(unsigned char *bytes, size_t size, uint64_t count) {
  for (uint64_t i = 0; i < count; i++, bytes += size)
    for (size_t low = 0, high = size - 1; low < high; low++, high--) {
      unsigned char byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
}

/* ---- reading ---- */

/* Each type is a loop of its own. */
INLINE void push_all(lua_State *L, const unsigned char *bytes, uint64_t count,
                     const struct luashm_number type) {
  for (uint64_t i = 0; i < count; i++, bytes += type.size) {
    uint64_t bits = 0;
    memcpy(&bits, bytes, type.size);
    if (type.form == NUMBER_FLOATING)
      lua_pushnumber(L, luashm_floating_of(bits, type));
    else
      lua_pushinteger(L, luashm_integer_of(bits, type));
  }
}

#define EACH_TYPE(EACH)                                                        \
  EACH(LUASHM_U8, 1, NUMBER_UNSIGNED)                                          \
  EACH(LUASHM_I8, 1, NUMBER_SIGNED)                                            \
  EACH(LUASHM_U16, 2, NUMBER_UNSIGNED)                                         \
  EACH(LUASHM_I16, 2, NUMBER_SIGNED)                                           \
  EACH(LUASHM_U32, 4, NUMBER_UNSIGNED)                                         \
  EACH(LUASHM_I32, 4, NUMBER_SIGNED)                                           \
  EACH(LUASHM_U64, 8, NUMBER_UNSIGNED)                                         \
  EACH(LUASHM_I64, 8, NUMBER_SIGNED)                                           \
  EACH(LUASHM_F32, 4, NUMBER_FLOATING)                                         \
  EACH(LUASHM_F64, 8, NUMBER_FLOATING)

/* Pushes `count` numbers, which the stack has room for. */
static void push_values(lua_State *L, enum luashm_scalar type,
                        const unsigned char *bytes, uint64_t count) {
  switch (type) {
#define PUSH(code, bytes_of_one, form)                                         \
  case code:                                                                   \
    push_all(L, bytes, count, (struct luashm_number){bytes_of_one, form});     \
    return;
    EACH_TYPE(PUSH)
#undef PUSH
  }
}

/* Pushes a function of Lua that makes a table of its arguments. The interpreter
   does so in a third of the time that a call for each of them takes. */
static void push_maker(lua_State *L) {
  static const char text[] = "return {...}";
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TFUNCTION)
    return;
  lua_pop(L, 1);
  if (luaL_loadbuffer(L, text, sizeof text - 1, "=numbers") != LUA_OK)
    lua_error(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

/* As far as they fit on Lua's stack, twice, and do not make it large. */
static bool push_list_at_once(lua_State *L, const struct luashm_run *run,
                              const unsigned char *bytes) {
  enum { MOST = 1 << 17, SPARE = 32 };
  if (run->count > MOST || !lua_checkstack(L, 2 * (int)run->count + SPARE))
    return false;
  push_maker(L);
  push_values(L, run->type, bytes, run->count);
  lua_call(L, (int)run->count, 1);
  return true;
}

static void push_list_in_pieces(lua_State *L, const struct luashm_run *run,
                                const unsigned char *bytes) {
  size_t size = luashm_numbers[run->type].size;
  luaL_checkstack(L, TOGETHER + 4, NULL);
  lua_createtable(L, run->count < INT32_MAX ? (int)run->count : 0, 0);
  int list = lua_gettop(L);
  for (uint64_t done = 0; done < run->count; done += TOGETHER) {
    uint64_t rest = run->count - done;
    int count = rest < TOGETHER ? (int)rest : TOGETHER;
    push_values(L, run->type, bytes + done * size, (uint64_t)count);
    for (int place = count; place > 0; place--)
      lua_rawseti(L, list, (lua_Integer)done + place);
    luashm_look_up(L, done + TOGETHER - 1);
  }
}

int luashm_push_numbers(lua_State *L, const struct luashm_run *run) {
  unsigned char *bytes = push_bytes(L, run);
  struct luashm_operation operation =
      operation_on(run, LUASHM_OP_LOAD_NUMBERS, bytes);
  luashm_perform(L, &operation);
  if (run->big_endian)
    swap(bytes, luashm_numbers[run->type].size, run->count);
  if (!push_list_at_once(L, run, bytes))
    push_list_in_pieces(L, run, bytes);
  return 1;
}

/* ---- writing ---- */

/* Raises what keeps the value at the top from being item i of the table at
   `index`. */
static int misfit(lua_State *L, int index, uint64_t i,
                  enum luashm_scalar type) {
  const struct luashm_number number = luashm_numbers[type];
  lua_Integer place = (lua_Integer)i + 1;
  if (lua_type(L, -1) != LUA_TNUMBER)
    lua_pushfstring(L, "item %I is a %s, and no number", place,
                    luaL_typename(L, -1));
  else if (number.form == NUMBER_FLOATING)
    lua_pushfstring(L, "item %I is %f, which does not fit into %s", place,
                    lua_tonumber(L, -1), type_names[type]);
  else if (!lua_isinteger(L, -1) &&
           lua_tonumber(L, -1) != floor(lua_tonumber(L, -1)))
    lua_pushfstring(L, "item %I is %f, and no integer", place,
                    lua_tonumber(L, -1));
  else
    lua_pushfstring(L, "item %I is %s, which does not fit into %s", place,
                    luaL_tolstring(L, -1, NULL), type_names[type]);
  return luaL_argerror(L, index, lua_tostring(L, -1));
}

/* The bits of the value at the top; false: it does not fit. */
INLINE bool take_bits(lua_State *L, const struct luashm_number type,
                      uint64_t *bits) {
  int is;
  if (type.form == NUMBER_FLOATING) {
    lua_Number number = lua_tonumberx(L, -1, &is);
    *bits = luashm_floating_bits(number, type);
    return type.size == 8 || !isinf((float)number) || isinf(number);
  }
  lua_Integer value = lua_tointegerx(L, -1, &is);
  *bits = (uint64_t)value;
  return is && (type.size == 8 || luashm_integer_of(*bits & ~(uint64_t)0 >>
                                                        (64 - 8 * type.size),
                                                    type) == value);
}

INLINE void take_all(lua_State *L, const struct luashm_run *run, int index,
                     unsigned char *bytes, const struct luashm_number type) {
  int top = lua_gettop(L);
  luaL_checkstack(L, TOGETHER + 4, NULL);
  for (uint64_t i = 0; i < run->count; i++, bytes += type.size) {
    uint64_t bits;
    if (__builtin_expect(lua_rawgeti(L, index, (lua_Integer)i + 1) !=
                             LUA_TNUMBER, 0) ||
        __builtin_expect(!take_bits(L, type, &bits), 0))
      misfit(L, index, i, run->type);
    memcpy(bytes, &bits, type.size);
    if (i % TOGETHER == TOGETHER - 1) {
      lua_settop(L, top);
      luashm_look_up(L, i);
    }
  }
  lua_settop(L, top);
}

static void take_list(lua_State *L, const struct luashm_run *run, int index,
                      unsigned char *bytes) {
  switch (run->type) {
#define TAKE(code, bytes_of_one, form)                                         \
  case code:                                                                   \
    take_all(L, run, index, bytes,                                             \
             (struct luashm_number){bytes_of_one, form});                      \
    return;
    EACH_TYPE(TAKE)
#undef TAKE
  }
}

int luashm_write_numbers(lua_State *L, const struct luashm_run *run,
                         int index) {
  unsigned char *bytes = push_bytes(L, run);
  take_list(L, run, index, bytes);
  if (run->big_endian)
    swap(bytes, luashm_numbers[run->type].size, run->count);
  struct luashm_operation operation =
      operation_on(run, LUASHM_OP_STORE_NUMBERS, bytes);
  luashm_perform(L, &operation);
  lua_settop(L, 1);
  return 1;
}

/* ---- view:numbers ---- */

static enum luashm_scalar check_type(lua_State *L, int index) {
  const char *name = luaL_checkstring(L, index);
  for (int type = 0; type < TYPES_OF_NUMBERS; type++)
    if (strcmp(name, type_names[type]) == 0)
      return (enum luashm_scalar)type;
  luaL_argerror(L, index,
                lua_pushfstring(L, "'%s' is none of u8, i8, u16, i16, u32, "
                                   "i32, u64, i64, f32 and f64",
                                luashm_push_shown_word(L, name)));
  return LUASHM_U8;
}

/* By default as many as are whole up to the view's end. */
static uint64_t check_count(lua_State *L, int index, size_t size,
                            uint64_t offset) {
  if (lua_istable(L, index))
    return lua_rawlen(L, index);
  if (!lua_isnoneornil(L, index)) {
    lua_Integer count = luaL_checkinteger(L, index);
    luaL_argcheck(L, count >= 0, index, "a number of numbers from 0");
    return (uint64_t)count;
  }
  const struct luashm_handle *view = luashm_open_view(L);
  return offset <= view->size ? (view->size - offset) / size : 0;
}

static int refuse(lua_State *L, const struct luashm_run *run, bool writes) {
  size_t size = luashm_numbers[run->type].size;
  uint64_t most = INT64_MAX / size;
  return luashm_refuse_access(
      L, "view:numbers",
      run->count < most ? (lua_Integer)(run->count * size) : INT64_MAX,
      (lua_Integer)run->at, writes);
}

/* view:numbers(type, offset [, count]) -> table;
   view:numbers(type, offset, table) -> view */
static int view_numbers(lua_State *L) {
  luashm_open_view(L);
  struct luashm_run run = {.object = luashm_object_at(L, 1),
                           .type = check_type(L, 2)};
  size_t size = luashm_numbers[run.type].size;
  run.at = (uint64_t)luaL_checkinteger(L, 3);
  bool writes = lua_istable(L, 4);
  run.count = check_count(L, 4, size, run.at);
  const struct luashm_handle *view = luashm_open_view(L);
  if (writes && view->access == LUASHM_READ)
    luashm_writable(L, "view:numbers");
  if (run.at > view->size || run.count > (view->size - run.at) / size)
    return refuse(L, &run, writes);
  return writes ? luashm_write_numbers(L, &run, 4)
                : luashm_push_numbers(L, &run);
}

const luaL_Reg luashm_number_methods[] = {{"numbers", view_numbers},
                                          {NULL, NULL}};
