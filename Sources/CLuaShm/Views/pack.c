/*
 * view:pack and view:unpack: string.pack's formats, straight into and out of
 * the memory. Alignments count from the view's first byte.
 */
#include "access.h"
#include "format.h"

#include <limits.h>
#include <string.h>

static const char pack_verb[] = "view:pack";
static const char unpack_verb[] = "view:unpack";

enum { FORMAT_ARGUMENT = 2, OFFSET_ARGUMENT = 3, FIRST_VALUE = 4 };

/* ---- walking a format over the view ---- */

struct walk {
  lua_State *L;
  struct luashm_format format;
  struct luashm_item item;
  size_t position; /* of the item, in the view */
  size_t gap;      /* bytes that were skipped before it */
};

static struct walk walk_from(lua_State *L, const char *text, size_t offset) {
  return (struct walk){
      .L = L, .format = luashm_format_of(text), .position = offset};
}

static bool next_item(struct walk *walk) {
  walk->item = luashm_next_item(walk->L, FORMAT_ARGUMENT, &walk->format);
  walk->gap = luashm_gap(walk->item, walk->position);
  walk->position += walk->gap;
  return walk->item.kind != ITEM_END;
}

/* ---- numbers ---- */

enum { WIDEST = 16, WIDE = sizeof(uint64_t) };

static bool is_scalar(size_t size) {
  return size == 1 || size == 2 || size == 4 || size == 8;
}

static uint64_t swapped(uint64_t bits, size_t size, bool big) {
  return big ? __builtin_bswap64(bits) >> (64 - 8 * size) : bits;
}

/* `above` fills the bytes that 64 bits do not reach. */
static void put_bits(unsigned char *at, size_t size, bool big, uint64_t bits,
                     unsigned char above) {
  if (is_scalar(size)) {
    cshm_store_scalar(at, size, swapped(bits, size, big));
    return;
  }
  unsigned char bytes[WIDEST];
  for (size_t i = 0; i < size; i++)
    bytes[big ? size - 1 - i : i] =
        i < WIDE ? (unsigned char)(bits >> (8 * i)) : above;
  memcpy(at, bytes, size);
}

/* All bytes of a number that is wider than 64 bits above them are alike. */
static bool get_bits(const unsigned char *at, struct luashm_item item, bool big,
                     uint64_t *bits) {
  if (is_scalar(item.size)) {
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

static uint64_t floating_bits(lua_Number number, size_t size) {
  uint64_t bits = 0;
  float narrow = (float)number;
  if (size == sizeof narrow)
    memcpy(&bits, &narrow, sizeof narrow);
  else
    memcpy(&bits, &number, sizeof number);
  return bits;
}

static lua_Number floating_value(uint64_t bits, size_t size) {
  lua_Number number;
  float narrow;
  memcpy(&narrow, &bits, sizeof narrow);
  memcpy(&number, &bits, sizeof number);
  return size == sizeof narrow ? narrow : number;
}

static lua_Integer integer_value(uint64_t bits, struct luashm_item item) {
  if (item.kind != ITEM_SIGNED || item.size >= WIDE)
    return (lua_Integer)bits;
  unsigned spare = 64 - 8 * (unsigned)item.size;
  return (lua_Integer)(bits << spare) >> spare;
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

/* How many bytes a string takes in an item. */
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

/* How many bytes an item takes with its value, which fits, or this raises.
   A number in place of a string has become one afterwards. */
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

/* Checks everything but the view, so that what is written is all of it. */
static size_t packed_size(lua_State *L, const char *text, size_t offset) {
  struct walk walk = walk_from(L, text, offset);
  for (int index = FIRST_VALUE; next_item(&walk);) {
    walk.position += value_size(L, walk.item, index);
    index += luashm_takes_value(walk.item);
  }
  return walk.position - offset;
}

/* Strings: what is left of the item's room becomes zeroes. */
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
             floating_bits(lua_tonumber(L, index), item.size), 0);
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

/* Everything was checked: nothing here raises or allocates. */
static void put_all(lua_State *L, const struct luashm_view *view,
                    const char *text, size_t offset) {
  struct walk walk = walk_from(L, text, offset);
  for (int index = FIRST_VALUE; next_item(&walk);) {
    unsigned char *at = view->base + walk.position;
    memset(at - walk.gap, 0, walk.gap);
    walk.position += put_item(L, at, walk.item, walk.format.big, index);
    index += luashm_takes_value(walk.item);
  }
}

/* view:pack(format, offset, …) -> next offset */
static int view_pack(lua_State *L) {
  luashm_open_view(L);
  const char *text = luaL_checkstring(L, FORMAT_ARGUMENT);
  lua_Integer offset = luaL_checkinteger(L, OFFSET_ARGUMENT);
  /* Alignments are powers of two: of an offset that is refused, a few bits
     tell the length. */
  size_t length = packed_size(L, text, (size_t)offset);
  struct luashm_view *view = luashm_writable(L, pack_verb);
  if (!luashm_inside(view, offset, length))
    return luashm_refuse_access(L, pack_verb, (lua_Integer)length, offset,
                                true);
  struct luashm_turn turn;
  luashm_begin(L, &turn, LUASHM_STORE, pack_verb, view, (size_t)offset, length);
  put_all(L, view, text, (size_t)offset);
  if (turn.listening)
    turn.operation.result = offset + (lua_Integer)length;
  if (!luashm_end(&turn, view))
    return luashm_lost(L, luashm_word(pack_verb));
  lua_pushinteger(L, offset + (lua_Integer)length);
  return 1;
}

/* ---- unpacking ---- */

enum problem { NO_PROBLEM, CLOSED, GONE, PAST_END, NO_END, TOO_WIDE };

/* Bytes that another process may change: each is loaded once, and no length
   that was loaded is believed. */
struct reading {
  const struct luashm_view *view;
  const char *text;
  size_t offset;
  size_t position;
  enum problem problem;
  size_t length; /* of what has the problem */
};

static bool fail(struct reading *reading, enum problem problem,
                 size_t position, size_t length) {
  reading->problem = problem;
  reading->position = position;
  reading->length = length < LUA_MAXINTEGER ? length : LUA_MAXINTEGER;
  return false;
}

static bool has_room(struct reading *reading, size_t position, size_t length) {
  const struct luashm_view *view = reading->view;
  if (position <= view->size && length <= view->size - position)
    return true;
  return fail(reading, PAST_END, position, length);
}

static bool get_integer(struct reading *reading, struct walk *walk,
                        uint64_t *bits) {
  struct luashm_item item = walk->item;
  if (!has_room(reading, walk->position, item.size))
    return false;
  if (!get_bits(reading->view->base + walk->position, item, walk->format.big,
                bits))
    return fail(reading, TOO_WIDE, walk->position, item.size);
  walk->position += item.size;
  return true;
}

/* Pushing allocates: a finalizer may close the view then. */
static bool push_string(struct reading *reading, struct walk *walk,
                        size_t length, bool text) {
  if (!has_room(reading, walk->position, length))
    return false;
  const unsigned char *from = reading->view->base + walk->position;
  if (!cshm_reaches(reading->view->guard, from, length))
    return fail(reading, GONE, walk->position, length);
  luashm_push_copy(walk->L, from, length, text);
  walk->position += text ? lua_rawlen(walk->L, -1) + 1 : length;
  return reading->view->base || fail(reading, CLOSED, 0, 0);
}

static bool push_terminated(struct reading *reading, struct walk *walk) {
  if (!has_room(reading, walk->position, 0))
    return false;
  const unsigned char *from = reading->view->base + walk->position;
  size_t room = reading->view->size - walk->position;
  size_t length = strnlen((const char *)from, room);
  if (length == room)
    return fail(reading, NO_END, walk->position, room);
  return push_string(reading, walk, length, true);
}

static bool push_number(struct reading *reading, struct walk *walk) {
  uint64_t bits;
  if (!get_integer(reading, walk, &bits))
    return false;
  if (walk->item.kind == ITEM_FLOATING)
    lua_pushnumber(walk->L, floating_value(bits, walk->item.size));
  else
    lua_pushinteger(walk->L, integer_value(bits, walk->item));
  return true;
}

static bool push_item(struct reading *reading, struct walk *walk) {
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

/* Pushes the values, and the offset behind them; returns how many. Raises for
   want of memory only: what is wrong is in the reading. */
static int push_all(lua_State *L, struct reading *reading) {
  struct walk walk = walk_from(L, reading->text, reading->offset);
  int count = 0;
  while (next_item(&walk)) {
    if (!push_item(reading, &walk))
      return 0;
    count += luashm_takes_value(walk.item);
  }
  lua_pushinteger(L, (lua_Integer)walk.position);
  reading->position = walk.position;
  return count + 1;
}

static int push_protected(lua_State *L) {
  struct reading *reading = lua_touserdata(L, 1);
  luaL_checkstack(L, (int)reading->length, "too many results");
  return push_all(L, reading);
}

/* With a listener the gate is left whatever happens. The collector stands
   still meanwhile, so that no finalizer is heard inside of the operation. */
static int push_heard(lua_State *L, struct reading *reading) {
  int before = lua_gettop(L);
  bool ran = lua_gc(L, LUA_GCISRUNNING) > 0;
  struct luashm_turn turn;
  lua_pushcfunction(L, push_protected);
  lua_pushlightuserdata(L, reading);
  if (ran)
    lua_gc(L, LUA_GCSTOP);
  luashm_begin(L, &turn, LUASHM_LOAD, unpack_verb, reading->view,
               reading->offset, reading->position - reading->offset);
  int status = lua_pcall(L, 1, LUA_MULTRET, 0);
  bool well = status == LUA_OK && reading->problem == NO_PROBLEM;
  luashm_tell(&turn, NULL, 0, (int64_t)reading->position);
  if (well)
    turn.operation.length = reading->position - reading->offset;
  luashm_leave(turn.host, &turn.operation,
               well && !cshm_lost(reading->view->guard) ? 0 : -1,
               reading->view, true);
  if (ran)
    lua_gc(L, LUA_GCRESTART);
  if (status != LUA_OK)
    lua_error(L);
  return lua_gettop(L) - before;
}

/* Checks the format; returns how many values it has, of more than a stack can
   hold as many as it cannot. The reading's position is then the end of the
   least that it can take. */
static int count_items(lua_State *L, struct reading *reading) {
  enum { TOO_MANY = INT_MAX / 2 };
  struct walk walk = walk_from(L, reading->text, reading->offset);
  int count = 0;
  while (count < TOO_MANY && next_item(&walk)) {
    walk.position += walk.item.size + (walk.item.kind == ITEM_TERMINATED);
    count += luashm_takes_value(walk.item);
  }
  reading->position = walk.position;
  return count;
}

static int refuse_reading(lua_State *L, const struct reading *reading) {
  lua_Integer position = (lua_Integer)reading->position;
  luashm_open_view(L);
  switch (reading->problem) {
  case NO_END:
    return luaL_error(
        L, "unpack: unfinished string for format 'z' at offset %I of %s",
        position, luashm_shown_name(L, 1));
  case TOO_WIDE:
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
  struct reading reading = {.text = luaL_checkstring(L, FORMAT_ARGUMENT)};
  lua_Integer offset = luaL_checkinteger(L, OFFSET_ARGUMENT);
  reading.offset = (size_t)offset;
  reading.length = (size_t)count_items(L, &reading) + LUA_MINSTACK;
  luaL_checkstack(L, (int)reading.length, "too many results");
  const struct luashm_view *view = luashm_open_view(L);
  const struct cshm_window *guard = view->guard;
  reading.view = view;
  size_t least = reading.position - reading.offset;
  if (!luashm_inside(view, offset, least))
    return luashm_refuse_access(L, unpack_verb, (lua_Integer)least, offset,
                                false);
  int count = luashm_heard(view->host) ? push_heard(L, &reading)
                                       : push_all(L, &reading);
  if (cshm_lost(guard))
    return luashm_lost(L, luashm_word(unpack_verb));
  if (reading.problem != NO_PROBLEM)
    return refuse_reading(L, &reading);
  return count;
}

const luaL_Reg luashm_pack_methods[] = {
    {"pack", view_pack}, {"unpack", view_unpack}, {NULL, NULL}};
