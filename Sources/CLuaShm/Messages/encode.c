/* From Lua values to MessagePack. */
#include "messages.h"

#include <string.h>

/* The way from the message to a value in it: the keys are on the stack. */
struct path {
  const struct path *above; /* NULL: the message itself */
  const void *table;        /* to find cycles */
  int key;                  /* stack index; 0: `place` */
  lua_Integer place;        /* in an array, from 1 */
};

struct encoder {
  lua_State *state;
  struct luashm_growing *growing;
  int argument, depth;
};

/* ---- bytes ---- */

void luashm_begin_growing(lua_State *L, struct luashm_growing *growing) {
  lua_pushnil(L);
  *growing = (struct luashm_growing){.state = L, .index = lua_gettop(L)};
}

static unsigned char *room_for(struct luashm_growing *growing, size_t count) {
  if (growing->capacity - growing->used < count) {
    lua_State *L = growing->state;
    size_t capacity = growing->capacity ? growing->capacity : 128;
    while (capacity - growing->used < count)
      capacity *= 2;
    unsigned char *bytes = luashm_push_scratch(L, capacity);
    if (growing->used > 0)
      memcpy(bytes, growing->bytes, growing->used);
    lua_replace(L, growing->index);
    growing->bytes = bytes;
    growing->capacity = capacity;
  }
  unsigned char *to = growing->bytes + growing->used;
  growing->used += count;
  return to;
}

void luashm_append_bytes(struct luashm_growing *growing,
                         struct luashm_bytes bytes) {
  if (bytes.length > 0)
    memcpy(room_for(growing, bytes.length), bytes.data, bytes.length);
}

/* A byte, then a number of so many bytes, the most significant one first. */
static void append(struct luashm_growing *growing, uint8_t first,
                   uint64_t number, size_t size) {
  unsigned char *to = room_for(growing, 1 + size);
  to[0] = first;
  for (size_t i = 0; i < size; i++)
    to[1 + i] = (unsigned char)(number >> 8 * (size - 1 - i));
}

/* ---- errors ---- */

static void add_key(lua_State *L, luaL_Buffer *text, const struct path *path) {
  if (path->key == 0) {
    lua_pushfstring(L, "[%I]", path->place);
  } else if (lua_type(L, path->key) == LUA_TSTRING) {
    lua_pushliteral(L, ".");
    struct luashm_bytes key = {NULL, 0};
    key.data = lua_tolstring(L, path->key, &key.length);
    luashm_push_shown(L, key, LUASHM_LINE);
    lua_concat(L, 2);
  } else {
    lua_pushliteral(L, "[");
    luaL_tolstring(L, path->key, NULL);
    lua_pushliteral(L, "]");
    lua_concat(L, 3);
  }
  luaL_addvalue(text);
}

/* The innermost key comes last. */
static void add_path(lua_State *L, luaL_Buffer *text, const struct path *path) {
  const struct path *keys[LUASHM_DEEPEST + 1];
  int count = 0;
  for (; path->above && count <= LUASHM_DEEPEST; path = path->above)
    keys[count++] = path;
  while (count > 0)
    add_key(L, text, keys[--count]);
}

static int refuse(const struct encoder *encoder, const struct path *path,
                  const char *what) {
  lua_State *L = encoder->state;
  luaL_Buffer text;
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  luaL_buffinit(L, &text);
  if (path->above) {
    add_path(L, &text, path);
    luaL_addstring(&text, ": ");
  }
  luaL_addstring(&text, "cannot send ");
  luaL_addstring(&text, what);
  luaL_pushresult(&text);
  const char *message = lua_tostring(L, -1);
  return luaL_argerror(L, encoder->argument,
                       path->above && message[0] == '.' ? message + 1
                                                        : message);
}

static const char *with_article(lua_State *L, int index) {
  return lua_pushfstring(L, "a %s", luaL_typename(L, index));
}

/* ---- values ---- */

static void append_value(struct encoder *, int index, const struct path *);

static void append_integer(struct luashm_growing *growing, lua_Integer value) {
  enum { UINT8 = 0xcc, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 };
  uint64_t bits = (uint64_t)value;
  if (value >= -32 && value < 128)
    append(growing, (uint8_t)value, 0, 0);
  else if (value >= 0) {
    if (bits <= UINT8_MAX)
      append(growing, UINT8, bits, 1);
    else if (bits <= UINT16_MAX)
      append(growing, UINT16, bits, 2);
    else if (bits <= UINT32_MAX)
      append(growing, UINT32, bits, 4);
    else
      append(growing, UINT64, bits, 8);
  } else if (value >= INT8_MIN)
    append(growing, INT8, bits, 1);
  else if (value >= INT16_MIN)
    append(growing, INT16, bits, 2);
  else if (value >= INT32_MIN)
    append(growing, INT32, bits, 4);
  else
    append(growing, INT64, bits, 8);
}

static void append_float(struct luashm_growing *growing, lua_Number value) {
  double number = (double)value;
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  append(growing, 0xcb, bits, 8);
}

static void append_string(struct encoder *encoder, int index,
                          const struct path *path) {
  struct luashm_growing *growing = encoder->growing;
  size_t length;
  const char *text = lua_tolstring(encoder->state, index, &length);
  if (length < 32)
    append(growing, (uint8_t)(0xa0 | length), 0, 0);
  else if (length <= UINT8_MAX)
    append(growing, 0xd9, length, 1);
  else if (length <= UINT16_MAX)
    append(growing, 0xda, length, 2);
  else if (length <= UINT32_MAX)
    append(growing, 0xdb, length, 4);
  else
    refuse(encoder, path, "a string of more than 4 GiB");
  memcpy(room_for(growing, length), text, length);
}

/* Of an array or a map. `least`: the byte of the shortest form; `first`: that
   of the form with 2 bytes. */
static void append_count(struct luashm_growing *growing, uint8_t least,
                         uint8_t first, uint64_t count) {
  if (count < 16)
    append(growing, (uint8_t)(least | count), 0, 0);
  else if (count <= UINT16_MAX)
    append(growing, first, count, 2);
  else
    append(growing, first + 1, count, 4);
}

static void append_array(struct encoder *encoder, int index, lua_Integer count,
                         const struct path *path) {
  lua_State *L = encoder->state;
  append_count(encoder->growing, 0x90, 0xdc, (uint64_t)count);
  struct path below = {.above = path};
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, index, i);
    below.place = i;
    append_value(encoder, lua_gettop(L), &below);
    lua_pop(L, 1);
  }
}

/* The key and the value at the top. */
static void append_pair(struct encoder *encoder, const struct path *path) {
  lua_State *L = encoder->state;
  struct path below = {.above = path, .key = lua_gettop(L) - 1};
  int type = lua_type(L, below.key);
  if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
    refuse(encoder, path, "a table with a key that is none of string, "
                          "number or boolean");
  append_value(encoder, below.key, &below);
  append_value(encoder, below.key + 1, &below);
}

/* In an order that is the same in each process; false: it was changed. */
static bool append_in_order(struct encoder *encoder, int index,
                            lua_Integer count, const struct path *path) {
  lua_State *L = encoder->state;
  if (!luashm_push_ordered_keys(L, index, count))
    return false;
  int keys = lua_gettop(L);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, keys, i);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, index) == LUA_TNIL)
      return false;
    append_pair(encoder, path);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  return true;
}

static void append_map(struct encoder *encoder, int index, lua_Integer count,
                       const struct path *path) {
  lua_State *L = encoder->state;
  append_count(encoder->growing, 0x80, 0xde, (uint64_t)count);
  lua_Integer found = 0;
  if (host_of(L)->world) {
    found = append_in_order(encoder, index, count, path) ? count : -1;
  } else {
    lua_pushnil(L);
    while (lua_next(L, index)) {
      append_pair(encoder, path);
      lua_pop(L, 1);
      found++;
    }
  }
  if (found != count)
    refuse(encoder, path, "a table that a finalizer changes meanwhile");
}

/* How many pairs there are; *is_array: their keys are 1 to that. */
static lua_Integer count_pairs(lua_State *L, int index, bool *is_array) {
  lua_Integer length = (lua_Integer)lua_rawlen(L, index), count = 0;
  *is_array = true;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    lua_Integer key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
    if (key < 1 || key > length)
      *is_array = false;
    count++;
  }
  *is_array = *is_array && count == length;
  return count;
}

static void append_table(struct encoder *encoder, int index,
                         struct path *path) {
  lua_State *L = encoder->state;
  path->table = lua_topointer(L, index);
  for (const struct path *above = path->above; above; above = above->above)
    if (above->table == path->table)
      refuse(encoder, path, "a table that contains itself");
  if (++encoder->depth > LUASHM_DEEPEST)
    refuse(encoder, path, "tables nested more than 100 deep");
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  bool is_array;
  lua_Integer count = count_pairs(L, index, &is_array);
  if (count > UINT32_MAX)
    refuse(encoder, path, "a table of more than 4,294,967,295 values");
  if (is_array)
    append_array(encoder, index, count, path);
  else
    append_map(encoder, index, count, path);
  encoder->depth--;
  path->table = NULL;
}

static void append_value(struct encoder *encoder, int index,
                         const struct path *above) {
  lua_State *L = encoder->state;
  struct luashm_growing *growing = encoder->growing;
  switch (lua_type(L, index)) {
  case LUA_TNIL:
    append(growing, 0xc0, 0, 0);
    return;
  case LUA_TBOOLEAN:
    append(growing, lua_toboolean(L, index) ? 0xc3 : 0xc2, 0, 0);
    return;
  case LUA_TNUMBER:
    if (lua_isinteger(L, index))
      append_integer(growing, lua_tointeger(L, index));
    else
      append_float(growing, lua_tonumber(L, index));
    return;
  case LUA_TSTRING:
    append_string(encoder, index, above);
    return;
  case LUA_TTABLE: {
    struct path path = *above;
    append_table(encoder, index, &path);
    return;
  }
  default:
    refuse(encoder, above, with_article(L, index));
  }
}

void luashm_append_value(struct luashm_growing *growing, int index,
                         int argument, lua_Integer item) {
  struct encoder encoder = {.state = growing->state,
                            .growing = growing,
                            .argument = argument};
  const struct path list = {NULL, NULL, 0, 0}, in_list = {&list, NULL, 0, item};
  append_value(&encoder, lua_absindex(growing->state, index),
               item > 0 ? &in_list : &list);
}
