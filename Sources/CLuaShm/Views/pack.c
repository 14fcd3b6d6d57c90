/*
 * view:pack and view:unpack: the formats of string.pack, directly into and out
 * of memory. Alignments count from the view's first byte.
 */
#include "access.h"
#include "items.h"
#include "numbers.h"

#include <limits.h>
#include <string.h>

static const char pack_verb[] = "view:pack";
static const char unpack_verb[] = "view:unpack";

enum { FORMAT_ARGUMENT = 2, OFFSET_ARGUMENT = 3, FIRST_VALUE = 4 };

/* ---- numbers ---- */

enum { WIDEST = 16, WIDE = sizeof(uint64_t) };

static uint64_t swapped(uint64_t bits, size_t size, bool big) {
  return big ? __builtin_bswap64(bits) >> (64 - 8 * size) : bits;
}

/* `above` fills the bytes beyond the 64 bits. */
static void put_bits(unsigned char *at, size_t size, bool big, uint64_t bits,
                     unsigned char above) {
  if (luashm_is_scalar(size)) {
    cshm_store_scalar(at, size, swapped(bits, size, big));
    return;
  }
  unsigned char bytes[WIDEST];
  for (size_t i = 0; i < size; i++)
    bytes[big ? size - 1 - i : i] =
        i < WIDE ? (unsigned char)(bits >> (8 * i)) : above;
  memcpy(at, bytes, size);
}

/* In a number wider than 64 bits all bytes above them must be alike. */
static bool get_bits(const unsigned char *at, struct luashm_item item, bool big,
                     uint64_t *bits) {
  if (luashm_is_scalar(item.size)) {
    *bits = swapped(cshm_load_scalar(at, item.size), item.size, big);
    return true;
  }
  unsigned char bytes[WIDEST];
  memcpy(bytes, at, item.size);
  *bits = 0;
  for (size_t i = 0; i < item.size && i < WIDE; i++)
    *bits |= (uint64_t)bytes[big ? item.size - 1 - i : i] << (8 * i);
  bool negative = item.kind == ITEM_SIGNED && (int64_t)*bits < 0;
  for (size_t i = WIDE; i < item.size; i++)
    if (bytes[big ? item.size - 1 - i : i] != (negative ? 0xFF : 0))
      return false;
  return true;
}

static struct luashm_number number_of(struct luashm_item item) {
  return (struct luashm_number){
      item.size < WIDE ? item.size : WIDE,
      item.kind == ITEM_FLOATING ? NUMBER_FLOATING
      : item.kind == ITEM_SIGNED ? NUMBER_SIGNED
                                 : NUMBER_UNSIGNED};
}

/* ---- packing ---- */

static void check_integer(lua_State *L, struct luashm_item item, int index) {
  lua_Integer value = luaL_checkinteger(L, index);
  if (item.size >= WIDE)
    return;
  lua_Integer half = (lua_Integer)1 << (8 * item.size - 1);
  if (item.kind == ITEM_SIGNED)
    luaL_argcheck(L, -half <= value && value < half, index, "integer overflow");
  else
    luaL_argcheck(L, (uint64_t)value < (uint64_t)half * 2, index,
                  "unsigned overflow");
}

/* How many bytes a string takes as this item. */
static size_t string_size(lua_State *L, struct luashm_item item, int index) {
  size_t length;
  const char *text = luaL_checklstring(L, index, &length);
  switch (item.kind) {
  case ITEM_CHARACTERS:
    luaL_argcheck(L, length <= item.size, index,
                  "string longer than given size");
    return item.size;
  case ITEM_COUNTED:
    luaL_argcheck(L, item.size >= WIDE || length >> (8 * item.size) == 0,
                  index, "string length does not fit in given size");
    return item.size + length;
  default:
    luaL_argcheck(L, strlen(text) == length, index, "string contains zeros");
    return length + 1;
  }
}

/* How many bytes an item takes with the value at the index; raises if that does
   not fit. A number in place of a string is converted to one. */
static size_t value_size(lua_State *L, struct luashm_item item, int index) {
  switch (item.kind) {
  case ITEM_SIGNED:
  case ITEM_UNSIGNED:
    check_integer(L, item, index);
    return item.size;
  case ITEM_FLOATING:
    luaL_checknumber(L, index);
    return item.size;
  case ITEM_CHARACTERS:
  case ITEM_COUNTED:
  case ITEM_TERMINATED:
    return string_size(L, item, index);
  default:
    return item.size;
  }
}

/* Checks everything but the view, so that either all is written or nothing. */
static size_t packed_size(lua_State *L, const char *text, size_t offset) {
  struct luashm_walk walk = luashm_walk_from(L, text, offset);
  for (int index = FIRST_VALUE; luashm_walk_on(&walk);) {
    walk.position += value_size(L, walk.item, index);
    index += luashm_takes_value(walk.item);
  }
  return walk.position - offset;
}

/* Writes a string; the rest of the item's room becomes zeroes. */
static size_t put_string(lua_State *L, unsigned char *at,
                         struct luashm_item item, bool big, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  size_t size = item.size;
  if (item.kind == ITEM_COUNTED) {
    put_bits(at, item.size, big, length, 0);
    at += item.size;
    size = length;
  } else if (item.kind == ITEM_TERMINATED)
    size = length + 1;
  memcpy(at, text, length);
  memset(at + length, 0, size - length);
  return item.kind == ITEM_COUNTED ? item.size + length : size;
}

static size_t put_item(lua_State *L, unsigned char *at,
                       struct luashm_item item, bool big, int index) {
  switch (item.kind) {
  case ITEM_SIGNED:
  case ITEM_UNSIGNED: {
    lua_Integer value = lua_tointeger(L, index);
    bool negative = item.kind == ITEM_SIGNED && value < 0;
    put_bits(at, item.size, big, (uint64_t)value, negative ? 0xFF : 0);
    return item.size;
  }
  case ITEM_FLOATING:
    put_bits(at, item.size, big,
             luashm_floating_bits(lua_tonumber(L, index), number_of(item)), 0);
    return item.size;
  case ITEM_CHARACTERS:
  case ITEM_COUNTED:
  case ITEM_TERMINATED:
    return put_string(L, at, item, big, index);
  default:
    memset(at, 0, item.size);
    return item.size;
  }
}

/* Writes all values. They were checked: nothing here raises or allocates. `to`
   is the address of the byte at `offset`. */
static void put_all(lua_State *L, unsigned char *to, const char *text,
                    size_t offset) {
  struct luashm_walk walk = luashm_walk_from(L, text, offset);
  for (int index = FIRST_VALUE; luashm_walk_on(&walk);) {
    unsigned char *at = to + (walk.position - offset);
    memset(at - walk.gap, 0, walk.gap);
    walk.position += put_item(L, at, walk.item, walk.format.big, index);
    index += luashm_takes_value(walk.item);
  }
}

static void pack_in_world(lua_State *L, const char *text, lua_Integer offset,
                          size_t length) {
  unsigned char *bytes = luashm_push_scratch(L, length);
  put_all(L, bytes, text, (size_t)offset);
  struct luashm_operation operation =
      luashm_access(L, LUASHM_OP_PACK, offset, length);
  operation.bytes = bytes;
  operation.room = length;
  operation.text.data = text;
  luashm_perform(L, &operation);
}

/* view:pack(format, offset, …) -> next offset */
static int view_pack(lua_State *L) {
  luashm_open_view(L);
  const char *text = luaL_checkstring(L, FORMAT_ARGUMENT);
  lua_Integer offset = luaL_checkinteger(L, OFFSET_ARGUMENT);
  /* Alignments are powers of two, so even for an offset that will be refused
     its low bits determine the length. */
  size_t length = packed_size(L, text, (size_t)offset);
  struct luashm_handle *view = luashm_writable(L, pack_verb);
  if (!luashm_inside(view, offset, length))
    return luashm_refuse_access(L, pack_verb, (lua_Integer)length, offset,
                                true);
  if (__builtin_expect(view->world != NULL, 0))
    pack_in_world(L, text, offset, length);
  else {
    put_all(L, view->base + offset, text, (size_t)offset);
    if (__builtin_expect(cshm_lost(view->guard), 0))
      return luashm_lost(L, 1, luashm_word(pack_verb));
  }
  lua_pushinteger(L, offset + (lua_Integer)length);
  return 1;
}

/* ---- unpacking ---- */

/* Bytes of the view, which another process may change, or a copy of them. Each
   byte is loaded once, and a length that was loaded is not trusted. */
struct reading {
  struct luashm_object view;       /* none: a copy */
  const struct cshm_window *guard; /* NULL: a copy */
  const unsigned char *bytes; /* the byte at `origin` */
  size_t origin, end;
  const char *text;
  size_t offset;
  size_t position;
  enum luashm_problem problem;
  size_t length; /* of the item that has the problem */
};

static const unsigned char *byte_at(const struct reading *reading,
                                    size_t position) {
  return reading->bytes + (position - reading->origin);
}

static bool fail(struct reading *reading, enum luashm_problem problem,
                 size_t position, size_t length) {
  reading->problem = problem;
  reading->position = position;
  reading->length = length < LUA_MAXINTEGER ? length : LUA_MAXINTEGER;
  return false;
}

static bool has_room(struct reading *reading, size_t position, size_t length) {
  if (position <= reading->end && length <= reading->end - position)
    return true;
  return fail(reading, PROBLEM_PAST_END, position, length);
}

static bool get_integer(struct reading *reading, struct luashm_walk *walk,
                        uint64_t *bits) {
  struct luashm_item item = walk->item;
  if (!has_room(reading, walk->position, item.size))
    return false;
  if (!get_bits(byte_at(reading, walk->position), item, walk->format.big, bits))
    return fail(reading, PROBLEM_TOO_WIDE, walk->position, item.size);
  walk->position += item.size;
  return true;
}

/* Pushing a string allocates, so a finalizer may close the view. */
static bool push_string(struct reading *reading, struct luashm_walk *walk,
                        size_t length, bool text) {
  if (!has_room(reading, walk->position, length))
    return false;
  const unsigned char *from = byte_at(reading, walk->position);
  if (reading->guard && !cshm_reaches(reading->guard, from, length))
    return fail(reading, PROBLEM_GONE, walk->position, length);
  luashm_push_copy(walk->L, from, length, text);
  walk->position += text ? lua_rawlen(walk->L, -1) + 1 : length;
  if (reading->view.index != 0 && !luashm_handle(reading->view)->base)
    luashm_closed_view(walk->L, 1);
  return true;
}

static bool push_terminated(struct reading *reading, struct luashm_walk *walk) {
  if (!has_room(reading, walk->position, 0))
    return false;
  const unsigned char *from = byte_at(reading, walk->position);
  size_t room = reading->end - walk->position;
  size_t length = strnlen((const char *)from, room);
  if (length == room)
    return fail(reading, PROBLEM_NO_END, walk->position, room);
  return push_string(reading, walk, length, true);
}

static bool push_number(struct reading *reading, struct luashm_walk *walk) {
  uint64_t bits;
  if (!get_integer(reading, walk, &bits))
    return false;
  if (walk->item.kind == ITEM_FLOATING)
    lua_pushnumber(walk->L, luashm_floating_of(bits, number_of(walk->item)));
  else
    lua_pushinteger(walk->L, luashm_integer_of(bits, number_of(walk->item)));
  return true;
}

static bool push_item(struct reading *reading, struct luashm_walk *walk) {
  uint64_t length;
  switch (walk->item.kind) {
  case ITEM_SIGNED:
  case ITEM_UNSIGNED:
  case ITEM_FLOATING:
    return push_number(reading, walk);
  case ITEM_CHARACTERS:
    return push_string(reading, walk, walk->item.size, false);
  case ITEM_COUNTED:
    return get_integer(reading, walk, &length) &&
           push_string(reading, walk, length, false);
  case ITEM_TERMINATED:
    return push_terminated(reading, walk);
  default:
    if (!has_room(reading, walk->position, walk->item.size))
      return false;
    walk->position += walk->item.size;
    return true;
  }
}

/* Pushes the values and the offset behind them; returns how many. Raises only
   if memory runs out: any other problem is noted in the reading. */
static int push_all(lua_State *L, struct reading *reading) {
  struct luashm_walk walk = luashm_walk_from(L, reading->text, reading->offset);
  int count = 0;
  while (luashm_walk_on(&walk)) {
    if (!push_item(reading, &walk))
      return 0;
    count += luashm_takes_value(walk.item);
  }
  lua_pushinteger(L, (lua_Integer)walk.position);
  reading->position = walk.position;
  return count + 1;
}

/* Pushes what the world has read, or raises its problem. */
static int push_from_world(lua_State *L, struct reading *reading, size_t room) {
  struct luashm_operation operation = luashm_access(
      L, LUASHM_OP_UNPACK, (lua_Integer)reading->offset,
      reading->position - reading->offset);
  operation.bytes = luashm_push_scratch(L, room);
  operation.room = room;
  operation.text.data = reading->text;
  bool read = luashm_perform(L, &operation) == LUASHM_ANSWER_DONE;
  reading->view = (struct luashm_object){0, 0};
  reading->bytes = operation.bytes;
  reading->origin = reading->offset;
  reading->end = (size_t)operation.result;
  if (read)
    return push_all(L, reading);
  fail(reading, (enum luashm_problem)operation.problem,
       (size_t)operation.result, (size_t)operation.b);
  return 0;
}

struct need {
  int values;   /* counting stops at TOO_MANY */
  bool is_open; /* its length depends on what memory says */
};

/* Checks the format. Afterwards the reading's position is the end of the least
   that the format can take. */
static struct need look_at(lua_State *L, struct reading *reading) {
  enum { TOO_MANY = INT_MAX / 2 };
  struct luashm_walk walk =
      luashm_walk_from(L, reading->text, reading->offset);
  struct need need = {0, false};
  while (need.values < TOO_MANY && luashm_walk_on(&walk)) {
    walk.position += walk.item.size + (walk.item.kind == ITEM_TERMINATED);
    need.values += luashm_takes_value(walk.item);
    need.is_open |= luashm_is_open(walk.item);
  }
  reading->position = walk.position;
  return need;
}

static int refuse_reading(lua_State *L, const struct reading *reading) {
  lua_Integer position = (lua_Integer)reading->position;
  luashm_open_view(L);
  switch (reading->problem) {
  case PROBLEM_NO_END:
    return luaL_error(
        L, "unpack: unfinished string for format 'z' at offset %I of %s",
        position, luashm_shown_name(L, 1));
  case PROBLEM_TOO_WIDE:
    return luaL_error(
        L, "unpack: %I-byte integer at offset %I does not fit into Lua Integer",
        (lua_Integer)reading->length, position);
  default:
    return luashm_refuse_access(L, unpack_verb, (lua_Integer)reading->length,
                                position, false);
  }
}

/* view:unpack(format, offset) -> values, next offset */
static int view_unpack(lua_State *L) {
  luashm_open_view(L);
  struct reading reading = {.text = luaL_checkstring(L, FORMAT_ARGUMENT),
                            .view = luashm_object_at(L, 1)};
  lua_Integer offset = luaL_checkinteger(L, OFFSET_ARGUMENT);
  reading.offset = (size_t)offset;
  struct need need = look_at(L, &reading);
  luaL_checkstack(L, need.values + LUA_MINSTACK, "too many results");
  const struct luashm_handle *view = luashm_open_view(L);
  size_t least = reading.position - reading.offset;
  if (!luashm_inside(view, offset, least))
    return luashm_refuse_access(L, unpack_verb, (lua_Integer)least, offset,
                                false);
  int count;
  if (__builtin_expect(view->world != NULL, 0))
    count = push_from_world(
        L, &reading, need.is_open ? view->size - (size_t)offset : least);
  else {
    reading.guard = view->guard;
    reading.bytes = view->base;
    reading.end = view->size;
    count = push_all(L, &reading);
    if (cshm_lost(reading.guard))
      return luashm_lost(L, 1, luashm_word(unpack_verb));
  }
  if (reading.problem != PROBLEM_NONE)
    return refuse_reading(L, &reading);
  return count;
}

const luaL_Reg luashm_pack_methods[] = {
    {"pack", view_pack}, {"unpack", view_unpack}, {NULL, NULL}};
