/* view:fill, view:copy, view:find and view:hex: many bytes at once. */
#define _GNU_SOURCE
#include "access.h"
#include "waiting.h"

#include <stdio.h>
#include <string.h>

static const char fill_verb[] = "view:fill";
static const char copy_verb[] = "view:copy";
static const char find_verb[] = "view:find";
static const char hex_verb[] = "view:hex";

/* Copied at once where addresses do not tell what overlaps. */
enum { PIECE = 4096 };

/* ---- stretches ----
 *
 * No C function hears Ctrl-C, and an object may have terabytes: work on many
 * bytes is done in stretches, with a look between them whether it shall stop,
 * and whether the memory is gone. */

enum { STRETCH = 1 << 24, STRETCH_OF_ROWS = 1 << 20 };

struct work {
  const struct luashm_view *view;
  size_t length; /* of all of it */
  bool stopped;
  struct luashm_waiting waiting;
};

static struct work begin_work(lua_State *L, const struct luashm_view *view,
                              lua_Integer length) {
  struct work work = {.view = view, .length = (size_t)length};
  if (work.length > STRETCH_OF_ROWS)
    luashm_begin_waiting(L, LUASHM_FOREVER, &work.waiting);
  return work;
}

/* The next stretch of what has been done up to here; 0: there is none. */
static size_t next_stretch(struct work *work, size_t done, size_t most) {
  size_t rest = work->length - done;
  if (cshm_lost(work->view->guard))
    return 0;
  work->stopped = done > 0 && rest > 0 && luashm_should_stop(&work->waiting);
  return work->stopped ? 0 : rest < most ? rest : most;
}

struct range {
  lua_Integer offset, length;
};

/* Offset and length at index, of the open view `view`: by default 0, and all
   that follow. A length that is given is not looked at. */
static struct range range_at(lua_State *L, int index, const char *verb,
                             const struct luashm_view *view) {
  struct range range = {luaL_optinteger(L, index, 0), 0};
  if (!lua_isnoneornil(L, index + 1))
    range.length = luaL_checkinteger(L, index + 1);
  else if (luashm_inside(view, range.offset, 0))
    range.length = (lua_Integer)view->size - range.offset;
  else
    luashm_refuse_offset(L, verb, range.offset);
  return range;
}

static bool holds(const struct luashm_view *view, struct range range) {
  return range.length >= 0 &&
         luashm_inside(view, range.offset, (size_t)range.length);
}

/* view:fill(byte [, offset [, length]]) -> view */
static int view_fill(lua_State *L) {
  luashm_open_view(L);
  lua_Integer byte = luaL_checkinteger(L, 2);
  if (byte < 0 || byte > UINT8_MAX)
    return luashm_does_not_fit(L, 2, byte, "a byte", 0, UINT8_MAX);
  struct luashm_view *view = luashm_writable(L, fill_verb);
  struct range range = range_at(L, 3, fill_verb, view);
  if (!holds(view, range))
    return luashm_refuse_access(L, fill_verb, range.length, range.offset, true);
  struct luashm_turn turn;
  luashm_begin(L, &turn, LUASHM_STORE, fill_verb, view, (size_t)range.offset,
               (size_t)range.length);
  unsigned char *base = view->base + range.offset;
  struct work work = begin_work(L, view, range.length);
  for (size_t done = 0, count;
       (count = next_stretch(&work, done, STRETCH)) > 0; done += count)
    if (cshm_reaches(view->guard, base + done, count))
      memset(base + done, (int)byte, count);
  if (!luashm_end(&turn, view))
    return luashm_lost(L, "fill");
  if (work.stopped)
    return luashm_stop(&work.waiting);
  lua_settop(L, 1);
  return 1;
}

/* The open view that copy has as its source, with what is read of it. */
static struct luashm_view *source_at(lua_State *L, int index,
                                     struct range *range) {
  struct luashm_view *source = luashm_check(L, index, TYPE_VIEW);
  if (!source->base)
    luaL_error(L, "attempt to use a closed view (of %s)",
               luashm_shown_name(L, index));
  range->offset = luaL_optinteger(L, index + 1, 0);
  bool inside = luashm_inside(source, range->offset, 0);
  lua_Integer rest = inside ? (lua_Integer)source->size - range->offset : 0;
  range->length = luaL_optinteger(L, index + 2, rest);
  if (!inside || !holds(source, *range))
    luaL_error(L,
               "copy of %I bytes from offset %I is not inside of %s (%I bytes)",
               range->length, range->offset, luashm_shown_name(L, index),
               (lua_Integer)source->size);
  return source;
}

/* Of one object? Drafts are private memory. */
static bool share(struct luashm_view *one, struct luashm_view *two) {
  struct luashm_view *views[] = {one, two};
  for (int i = 0; i < 2; i++) {
    if (views[i]->key == 0)
      return false;
    if (views[i]->inode == 0)
      views[i]->host->identify(views[i]->host->context, views[i]);
  }
  return one->device == two->device && one->inode == two->inode;
}

/* memmove knows by their addresses which bytes are the same. Those of two views
   of one object have two addresses: they are copied in pieces, and from the end
   if they go up. */
static void copy_pieces(unsigned char *to, const unsigned char *from,
                        size_t length, bool up) {
  unsigned char piece[PIECE];
  for (size_t done = 0; done < length;) {
    size_t count = length - done < PIECE ? length - done : PIECE;
    size_t at = up ? length - done - count : done;
    memcpy(piece, from + at, count);
    memcpy(to + at, piece, count);
    done += count;
  }
}

static void copy(struct work *work, struct luashm_view *view, struct range to,
                 struct luashm_view *source, struct range from) {
  size_t length = (size_t)to.length;
  uint64_t first = view->place + (uint64_t)to.offset;
  uint64_t second = source->place + (uint64_t)from.offset;
  bool overlap = first < second + length && second < first + length;
  bool up = overlap && first > second;
  bool blind = overlap && view != source && share(view, source);
  for (size_t done = 0, count;
       (count = next_stretch(work, done, STRETCH)) > 0; done += count) {
    size_t at = up ? length - done - count : done;
    unsigned char *target = view->base + to.offset + at;
    const unsigned char *origin = source->base + from.offset + at;
    if (!cshm_reaches(source->guard, origin, count) ||
        !cshm_reaches(view->guard, target, count))
      return;
    if (blind)
      copy_pieces(target, origin, count, up);
    else
      memmove(target, origin, count);
  }
}

/* view:copy(offset, source [, from [, length]]) -> view. The bytes may
   overlap. */
static int view_copy(lua_State *L) {
  struct luashm_view *view = luashm_writable(L, copy_verb);
  struct range from, to = {luaL_checkinteger(L, 2), 0};
  struct luashm_view *source = source_at(L, 3, &from);
  to.length = from.length;
  if (!holds(view, to))
    return luashm_refuse_access(L, copy_verb, to.length, to.offset, true);
  /* Into a draft, which is private, it is a load from its source. */
  bool shared = view->key != 0;
  const struct luashm_view *told = shared ? view : source;
  struct luashm_turn turn;
  luashm_begin(L, &turn, shared ? LUASHM_STORE : LUASHM_LOAD, copy_verb, told,
               (size_t)(shared ? to : from).offset, (size_t)to.length);
  struct work work = begin_work(L, view, to.length);
  copy(&work, view, to, source, from);
  bool kept = !cshm_lost(view->guard), whole = !cshm_lost(source->guard);
  luashm_end(&turn, told);
  if (!kept)
    return luashm_lost(L, "copy");
  if (!whole) {
    lua_copy(L, 3, 1); /* for the message */
    return luashm_lost(L, "copy");
  }
  if (work.stopped)
    return luashm_stop(&work.waiting);
  lua_settop(L, 1);
  return 1;
}

/* Of two stretches the second begins so much earlier that nothing is between
   them; a stretch is never shorter than what is looked for. */
static const unsigned char *search(struct work *work,
                                   const unsigned char *from,
                                   const void *bytes, size_t length) {
  size_t most = length < STRETCH ? STRETCH : length;
  const unsigned char *found = NULL;
  for (size_t done = 0, count;
       !found && (count = next_stretch(work, done, most)) > 0; done += count) {
    size_t rest = work->length - done - count;
    size_t reach = count + (rest < length ? rest : length);
    if (cshm_reaches(work->view->guard, from + done, reach))
      found = memmem(from + done, reach, bytes, length);
  }
  return found;
}

/* view:find(bytes [, offset]) -> offset, or nil */
static int view_find(lua_State *L) {
  luashm_open_view(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  lua_Integer offset = luaL_optinteger(L, 3, 0);
  const struct luashm_view *view = luashm_open_view(L);
  if (!luashm_inside(view, offset, 0))
    return luashm_refuse_offset(L, find_verb, offset);
  size_t room = view->size - (size_t)offset;
  struct luashm_turn turn;
  luashm_begin(L, &turn, LUASHM_LOAD, find_verb, view, (size_t)offset, room);
  struct work work = begin_work(L, view, (lua_Integer)room);
  const unsigned char *found =
      length == 0 ? view->base + offset
                  : search(&work, view->base + offset, bytes, length);
  lua_Integer place = found ? found - view->base : -1;
  if (turn.listening)
    turn.operation.result = place;
  if (!luashm_end(&turn, view))
    return luashm_lost(L, "find");
  if (work.stopped)
    return luashm_stop(&work.waiting);
  if (found)
    lua_pushinteger(L, place);
  else
    lua_pushnil(L);
  return 1;
}

/* ---- view:hex ---- */

enum { ROW = 16, ROW_TEXT = 96 };

/* "00000010  61 62 … 70  |ab…p|\n"; returns its length. */
static size_t put_row(char *to, const unsigned char *bytes, size_t count,
                      size_t offset) {
  static const char digits[] = "0123456789abcdef";
  int address = snprintf(to, ROW_TEXT, "%08zx", offset);
  memset(to + address, ' ', 2 + 3 * ROW + 2);
  char *cell = to + address + 2;
  for (size_t i = 0; i < count; i++) {
    cell += i == ROW / 2;
    cell[0] = digits[bytes[i] >> 4];
    cell[1] = digits[bytes[i] & 15];
    cell += 3;
  }
  char *text = to + address + 2 + 3 * ROW + 2;
  *text++ = '|';
  for (size_t i = 0; i < count; i++)
    *text++ = (char)(bytes[i] >= 0x20 && bytes[i] < 0x7F ? bytes[i] : '.');
  *text++ = '|';
  *text++ = '\n';
  return (size_t)(text - to);
}

/* A dump on its way. */
struct dump {
  char *to;
  unsigned char before[ROW];
  bool starred;
};

/* Rows that are as the one before are one "*". */
static void put_rows(struct dump *dump, const unsigned char *from,
                     size_t length, size_t offset, bool first) {
  unsigned char row[ROW];
  for (size_t done = 0; done < length; done += ROW, first = false) {
    size_t count = length - done < ROW ? length - done : ROW;
    memcpy(row, from + done, count);
    if (!first && count == ROW && memcmp(row, dump->before, ROW) == 0) {
      if (!dump->starred)
        dump->to += snprintf(dump->to, ROW_TEXT, "*\n");
      dump->starred = true;
      continue;
    }
    dump->to += put_row(dump->to, row, count, offset + done);
    memcpy(dump->before, row, ROW);
    dump->starred = false;
  }
}

/* The last line is the offset behind the bytes, as of hexdump -C and of
   moonpool dump. Returns the text's length. */
static size_t put_dump(struct work *work, char *to, const unsigned char *from,
                       size_t offset) {
  struct dump dump = {.to = to};
  for (size_t done = 0, count;
       (count = next_stretch(work, done, STRETCH_OF_ROWS)) > 0; done += count)
    if (cshm_reaches(work->view->guard, from + done, count))
      put_rows(&dump, from + done, count, offset + done, done == 0);
  dump.to += snprintf(dump.to, ROW_TEXT, "%08zx", offset + work->length);
  return (size_t)(dump.to - to);
}

/* view:hex([offset [, length]]) -> string */
static int view_hex(lua_State *L) {
  struct range range = range_at(L, 2, hex_verb, luashm_open_view(L));
  if (!holds(luashm_open_view(L), range))
    return luashm_refuse_access(L, hex_verb, range.length, range.offset, false);
  size_t rows = ((size_t)range.length + ROW - 1) / ROW;
  luaL_Buffer buffer;
  char *copy = luaL_buffinitsize(L, &buffer, (rows + 1) * ROW_TEXT);
  struct luashm_view *view = luashm_open_view(L); /* or a finalizer closed it */
  struct luashm_turn turn;
  luashm_begin(L, &turn, LUASHM_LOAD, hex_verb, view, (size_t)range.offset,
               (size_t)range.length);
  struct work work = begin_work(L, view, range.length);
  size_t length = put_dump(&work, copy, view->base + range.offset,
                           (size_t)range.offset);
  if (turn.listening)
    luashm_tell(&turn, copy, length, (int64_t)length);
  if (!luashm_end(&turn, view))
    return luashm_lost(L, "hex");
  if (work.stopped)
    return luashm_stop(&work.waiting);
  luaL_pushresultsize(&buffer, length);
  return 1;
}

const luaL_Reg luashm_byte_methods[] = {{"fill", view_fill},
                                        {"copy", view_copy},
                                        {"find", view_find},
                                        {"hex", view_hex},
                                        {NULL, NULL}};
