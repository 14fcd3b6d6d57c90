/* From MessagePack to Lua values. The bytes are private, but whoever wrote them
   may be hostile: every length is checked against their end. */
#include "messages.h"

#include <string.h>

struct decoder {
  lua_State *state;
  const unsigned char *at, *end;
  int depth;
  const char *problem; /* static; NULL: none */
};

static bool fail(struct decoder *decoder, const char *problem) {
  decoder->problem = problem;
  return false;
}

/* A number of so many bytes, the most significant one first. */
static inline bool number(struct decoder *decoder, size_t size,
                          uint64_t *value) {
  if ((size_t)(decoder->end - decoder->at) < size)
    return fail(decoder, "it ends too soon");
  *value = 0;
  for (size_t i = 0; i < size; i++)
    *value = *value << 8 | *decoder->at++;
  return true;
}

static inline bool push_string(struct decoder *decoder, uint64_t length) {
  if ((uint64_t)(decoder->end - decoder->at) < length)
    return fail(decoder, "it ends too soon");
  lua_pushlstring(decoder->state, (const char *)decoder->at, (size_t)length);
  decoder->at += length;
  return true;
}

static bool push_sized_string(struct decoder *decoder, size_t size) {
  uint64_t length;
  return number(decoder, size, &length) && push_string(decoder, length);
}

/* An integer past Lua's becomes a float. */
static bool push_unsigned(struct decoder *decoder, size_t size) {
  uint64_t value;
  if (!number(decoder, size, &value))
    return false;
  if (value <= INT64_MAX)
    lua_pushinteger(decoder->state, (lua_Integer)value);
  else
    lua_pushnumber(decoder->state, (lua_Number)value);
  return true;
}

static bool push_signed(struct decoder *decoder, size_t size) {
  uint64_t value;
  if (!number(decoder, size, &value))
    return false;
  unsigned unused = 64 - 8 * (unsigned)size;
  lua_pushinteger(decoder->state,
                  (lua_Integer)((int64_t)(value << unused) >> unused));
  return true;
}

static bool push_float(struct decoder *decoder, size_t size) {
  uint64_t bits;
  if (!number(decoder, size, &bits))
    return false;
  double wide;
  float narrow;
  uint32_t low = (uint32_t)bits;
  memcpy(&wide, &bits, sizeof wide);
  memcpy(&narrow, &low, sizeof narrow);
  lua_pushnumber(decoder->state,
                 size == sizeof narrow ? (lua_Number)narrow : (lua_Number)wide);
  return true;
}

static bool push(struct decoder *);

/* What a table has room for from the start: no memory is asked for on a hostile
   number's word. */
enum { MOST_AT_ONCE = 1024 };

/* Each value takes a byte at least: otherwise so many cannot be there. */
static bool begin_table(struct decoder *decoder, uint64_t count,
                        uint64_t values) {
  if ((uint64_t)(decoder->end - decoder->at) / values < count)
    return fail(decoder, "it ends too soon");
  if (++decoder->depth > LUASHM_DEEPEST)
    return fail(decoder, "it is nested more than 100 deep");
  luaL_checkstack(decoder->state, LUA_MINSTACK, NULL);
  return true;
}

static bool push_array(struct decoder *decoder, uint64_t count) {
  if (!begin_table(decoder, count, 1))
    return false;
  lua_State *L = decoder->state;
  lua_createtable(L, (int)(count < MOST_AT_ONCE ? count : MOST_AT_ONCE), 0);
  for (uint64_t i = 1; i <= count; i++) {
    if (!push(decoder))
      return false;
    lua_rawseti(L, -2, (lua_Integer)i);
  }
  decoder->depth--;
  return true;
}

/* May the value at the top be a table's key? Most are strings. */
static inline bool is_key(lua_State *L) {
  int type = lua_type(L, -1);
  return type == LUA_TSTRING ||
         (type != LUA_TNIL &&
          (type != LUA_TNUMBER || lua_isinteger(L, -1) ||
           lua_tonumber(L, -1) == lua_tonumber(L, -1)));
}

static bool push_map(struct decoder *decoder, uint64_t count) {
  if (!begin_table(decoder, count, 2))
    return false;
  lua_State *L = decoder->state;
  lua_createtable(L, 0, (int)(count < MOST_AT_ONCE ? count : MOST_AT_ONCE));
  for (uint64_t i = 0; i < count; i++) {
    if (!push(decoder))
      return false;
    if (!is_key(L))
      return fail(decoder, "a key is nil or not a number");
    if (!push(decoder))
      return false;
    lua_rawset(L, -3);
  }
  decoder->depth--;
  return true;
}

static bool push_sized(struct decoder *decoder, size_t size,
                       bool (*push_counted)(struct decoder *, uint64_t)) {
  uint64_t count;
  return number(decoder, size, &count) && push_counted(decoder, count);
}

static bool push_boolean(struct decoder *decoder, bool value) {
  lua_pushboolean(decoder->state, value);
  return true;
}

static bool push_by_byte(struct decoder *decoder, uint8_t first) {
  switch (first) {
  case 0xc0:
    lua_pushnil(decoder->state);
    return true;
  case 0xc2:
  case 0xc3:
    return push_boolean(decoder, first == 0xc3);
  case 0xc4:
  case 0xc5:
  case 0xc6:
    return push_sized_string(decoder, (size_t)1 << (first - 0xc4));
  case 0xca:
  case 0xcb:
    return push_float(decoder, first == 0xca ? 4 : 8);
  case 0xcc:
  case 0xcd:
  case 0xce:
  case 0xcf:
    return push_unsigned(decoder, (size_t)1 << (first - 0xcc));
  case 0xd0:
  case 0xd1:
  case 0xd2:
  case 0xd3:
    return push_signed(decoder, (size_t)1 << (first - 0xd0));
  case 0xd9:
  case 0xda:
  case 0xdb:
    return push_sized_string(decoder, (size_t)1 << (first - 0xd9));
  case 0xdc:
  case 0xdd:
    return push_sized(decoder, first == 0xdc ? 2 : 4, push_array);
  case 0xde:
  case 0xdf:
    return push_sized(decoder, first == 0xde ? 2 : 4, push_map);
  default:
    return fail(decoder, "it has a type that Lua has not");
  }
}

static bool push(struct decoder *decoder) {
  if (decoder->at == decoder->end)
    return fail(decoder, "it ends too soon");
  uint8_t first = *decoder->at++;
  if (first < 0x80 || first >= 0xe0) {
    lua_pushinteger(decoder->state, (int8_t)first);
    return true;
  }
  if (first < 0x90)
    return push_map(decoder, first & 15);
  if (first < 0xa0)
    return push_array(decoder, first & 15);
  if (first < 0xc0)
    return push_string(decoder, first & 31);
  return push_by_byte(decoder, first);
}

const char *luashm_push_message(lua_State *L, const unsigned char *bytes,
                              size_t length) {
  struct decoder decoder = {.state = L, .at = bytes, .end = bytes + length};
  int top = lua_gettop(L);
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  if (push(&decoder) && decoder.at != decoder.end)
    fail(&decoder, "there is more behind it");
  if (!decoder.problem && !lua_toboolean(L, -1))
    fail(&decoder, "nil and false are no messages");
  if (decoder.problem)
    lua_settop(L, top);
  return decoder.problem;
}
