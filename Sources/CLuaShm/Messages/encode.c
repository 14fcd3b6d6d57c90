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
  growing->state = L;
  growing->index = lua_gettop(L);
  growing->bytes = growing->few;
  growing->used = 0;
  growing->capacity = sizeof growing->few;
}

static void move_to(struct luashm_growing *growing, size_t capacity) {
  lua_State *L = growing->state;
  unsigned char *bytes = luashm_push_scratch(L, capacity);
  memcpy(bytes, growing->bytes, growing->used);
  lua_replace(L, growing->index);
  growing->bytes = bytes;
  growing->capacity = capacity;
}

static void grow(struct luashm_growing *growing, size_t count) {
  size_t capacity = growing->capacity;
  while (capacity - growing->used < count)
    capacity *= 2;
  move_to(growing, capacity);
}

void luashm_keep(struct luashm_growing *growing) {
  if (growing->bytes == growing->few)
    move_to(growing, growing->capacity);
}

static inline unsigned char *room_for(struct luashm_growing *growing,
                                      size_t count) {
  if (__builtin_expect(growing->capacity - growing->used < count, 0))
    grow(growing, count);
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
static inline void write_number(unsigned char *to, uint64_t number,
                                size_t size) {
  for (size_t i = 0; i < size; i++)
    to[i] = (unsigned char)(number >> 8 * (size - 1 - i));
}

static inline void append(struct luashm_growing *growing, uint8_t first,
                          uint64_t number, size_t size) {
  unsigned char *to = room_for(growing, 1 + size);
  to[0] = first;
  write_number(to + 1, number, size);
}

/* ---- errors ---- */

static bool is_name(struct luashm_bytes key) {
  if (key.length == 0 || (key.data[0] >= '0' && key.data[0] <= '9'))
    return false;
  for (size_t i = 0; i < key.length; i++) {
    char c = key.data[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
          (c >= '0' && c <= '9') || c == '_'))
      return false;
  }
  return true;
}

void luashm_push_key(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (lua_type(L, index) != LUA_TSTRING) {
    lua_pushliteral(L, "[");
    luaL_tolstring(L, index, NULL);
    lua_pushliteral(L, "]");
    lua_concat(L, 3);
    return;
  }
  struct luashm_bytes key = luashm_bytes_at(L, index);
  bool is_plain = is_name(key);
  lua_pushstring(L, is_plain ? "." : "[\"");
  luashm_push_shown(L, key, LUASHM_QUOTED);
  lua_pushstring(L, is_plain ? "" : "\"]");
  lua_concat(L, 3);
}

static void add_key(lua_State *L, luaL_Buffer *text, const struct path *path) {
  if (path->key == 0)
    lua_pushfstring(L, "[%I]", path->place);
  else
    luashm_push_key(L, path->key);
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
  if (length < 32) {
    unsigned char *to = room_for(growing, 1 + length);
    to[0] = (unsigned char)(0xa0 | length);
    memcpy(to + 1, text, length);
    return;
  }
  if (length <= UINT8_MAX)
    append(growing, 0xd9, length, 1);
  else if (length <= UINT16_MAX)
    append(growing, 0xda, length, 2);
  else if (length <= UINT32_MAX)
    append(growing, 0xdb, length, 4);
  else
    refuse(encoder, path, "a string of more than 4 GiB");
  memcpy(room_for(growing, length), text, length);
}

static void check_count(const struct encoder *encoder, const struct path *path,
                        lua_Integer count) {
  if (count > UINT32_MAX)
    refuse(encoder, path, "a table of more than 4,294,967,295 values");
}

static void append_array(struct encoder *encoder, int index, lua_Integer count,
                         const struct path *path) {
  lua_State *L = encoder->state;
  struct luashm_growing *growing = encoder->growing;
  struct path below = {.above = path};
  check_count(encoder, path, count);
  if (count < 16)
    append(growing, (uint8_t)(0x90 | count), 0, 0);
  else if (count <= UINT16_MAX)
    append(growing, 0xdc, (uint64_t)count, 2);
  else
    append(growing, 0xdd, (uint64_t)count, 4);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, index, i);
    below.place = i;
    append_value(encoder, lua_gettop(L), &below);
    lua_pop(L, 1);
  }
}

/* Writes how many pairs there are before those that begin here, now that it is
   known: mostly into the byte that was left for it. No pair: an empty array. */
static void count_map(struct luashm_growing *growing, size_t begin,
                      uint64_t count) {
  size_t size = count < 16 ? 0 : count <= UINT16_MAX ? 2 : 4;
  if (size > 0) {
    room_for(growing, size);
    unsigned char *pairs = growing->bytes + begin + 1;
    memmove(pairs + size, pairs, growing->used - size - begin - 1);
    write_number(pairs, count, size);
  }
  growing->bytes[begin] = (unsigned char)(size == 4   ? 0xdf
                                          : size == 2 ? 0xde
                                          : count > 0 ? 0x80 | count
                                                      : 0x90);
}

static void append_key(struct encoder *encoder, const struct path *path,
                       const struct path *below) {
  int type = lua_type(encoder->state, below->key);
  if (type == LUA_TSTRING)
    append_string(encoder, below->key, below);
  else if (type == LUA_TNUMBER || type == LUA_TBOOLEAN)
    append_value(encoder, below->key, below);
  else
    refuse(encoder, path, "a table with a key that is none of string, number "
                          "or boolean");
}

/* The key and the value at the top. */
static void append_pair(struct encoder *encoder, const struct path *path) {
  struct path below = {.above = path, .key = lua_gettop(encoder->state) - 1};
  append_key(encoder, path, &below);
  append_value(encoder, below.key + 1, &below);
}

/* How many pairs. In an order that is the same in each process, for worlds. */
static lua_Integer append_in_order(struct encoder *encoder, int index,
                                   const struct path *path) {
  lua_State *L = encoder->state;
  lua_Integer count = 0;
  lua_pushnil(L);
  for (; lua_next(L, index); lua_pop(L, 1))
    count++;
  if (!luashm_push_ordered_keys(L, index, count))
    refuse(encoder, path, "a table that a finalizer changes meanwhile");
  int keys = lua_gettop(L);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, keys, i);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, index) == LUA_TNIL)
      refuse(encoder, path, "a table that a finalizer changes meanwhile");
    append_pair(encoder, path);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  return count;
}

/* In one pass: counting the pairs before takes as long as writing them. */
static lua_Integer append_pairs(struct encoder *encoder, int index,
                                const struct path *path) {
  lua_State *L = encoder->state;
  lua_Integer count = 0;
  lua_pushnil(L);
  for (; lua_next(L, index); lua_pop(L, 1)) {
    append_pair(encoder, path);
    count++;
  }
  return count;
}

static void append_map(struct encoder *encoder, int index,
                       const struct path *path) {
  size_t begin = encoder->growing->used;
  room_for(encoder->growing, 1);
  lua_Integer count = host_of(encoder->state)->world
                          ? append_in_order(encoder, index, path)
                          : append_pairs(encoder, index, path);
  check_count(encoder, path, count);
  count_map(encoder->growing, begin, (uint64_t)count);
}

/* Are its keys 1 to count? */
static bool is_array(lua_State *L, int index, lua_Integer count) {
  lua_Integer found = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    lua_Integer key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
    if (key < 1 || key > count) {
      lua_pop(L, 1);
      return false;
    }
    found++;
  }
  return found == count;
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
  lua_Integer count = (lua_Integer)lua_rawlen(L, index);
  if (count > 0 && is_array(L, index, count))
    append_array(encoder, index, count, path);
  else
    append_map(encoder, index, path);
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
