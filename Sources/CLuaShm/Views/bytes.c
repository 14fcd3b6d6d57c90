/* view:fill, view:copy, view:find and view:hex: many bytes at once. */
#include "access.h"
#include "dump.h"
#include "waiting.h"

static const char fill_verb[] = "view:fill";
static const char copy_verb[] = "view:copy";
static const char find_verb[] = "view:find";
static const char hex_verb[] = "view:hex";

struct range {
  lua_Integer offset, length;
};

/* Reads offset and length from stack index on, for the open view `view`. By
   default the offset is 0 and the length reaches to the end. A length that is
   given is not checked here. */
static struct range range_at(lua_State *L, int index, const char *verb,
                             const struct luashm_handle *view) {
  struct range range = {luaL_optinteger(L, index, 0), 0};
  if (!lua_isnoneornil(L, index + 1))
    range.length = luaL_checkinteger(L, index + 1);
  else if (luashm_inside(view, range.offset, 0))
    range.length = (lua_Integer)view->size - range.offset;
  else
    luashm_refuse_offset(L, verb, range.offset);
  return range;
}

static bool holds(const struct luashm_handle *view, struct range range) {
  return range.length >= 0 &&
         luashm_inside(view, range.offset, (size_t)range.length);
}

/* Performs the operation, which Ctrl-C may interrupt; returns the view. */
static int perform(lua_State *L, struct luashm_operation *operation) {
  struct luashm_waiting waiting;
  operation->waiting = &waiting;
  if (luashm_perform(L, operation) == LUASHM_ANSWER_INTERRUPTED)
    return luashm_answered(L, operation);
  lua_settop(L, 1);
  return 1;
}

/* view:fill(byte [, offset [, length]]) -> view */
static int view_fill(lua_State *L) {
  luashm_open_view(L);
  lua_Integer byte = luaL_checkinteger(L, 2);
  if (byte < 0 || byte > UINT8_MAX)
    return luashm_does_not_fit(L, 2, byte, "a byte", 0, UINT8_MAX);
  struct luashm_handle *view = luashm_writable(L, fill_verb);
  struct range range = range_at(L, 3, fill_verb, view);
  if (!holds(view, range))
    return luashm_refuse_access(L, fill_verb, range.length, range.offset, true);
  struct luashm_operation operation =
      luashm_access(L, LUASHM_OP_FILL, range.offset, (size_t)range.length);
  operation.a = byte;
  return perform(L, &operation);
}

/* Reads the source of view:copy, whose view is open. */
static void source_at(lua_State *L, int index,
                                     struct range *range) {
  const struct luashm_head *head = luashm_check(L, index, TYPE_VIEW);
  struct luashm_handle *source = luashm_handle(head->object);
  if (!source->base)
    luashm_closed_view(L, index);
  range->offset = luaL_optinteger(L, index + 1, 0);
  bool inside = luashm_inside(source, range->offset, 0);
  lua_Integer rest = inside ? (lua_Integer)source->size - range->offset : 0;
  range->length = luaL_optinteger(L, index + 2, rest);
  if (!inside || !holds(source, *range))
    luaL_error(L,
               "copy of %I bytes from offset %I is not inside of %s (%I bytes)",
               range->length, range->offset, luashm_shown_name(L, index),
               (lua_Integer)source->size);
}

/* view:copy(offset, source [, from [, length]]) -> view. Source and target may
   overlap. */
static int view_copy(lua_State *L) {
  struct luashm_handle *view = luashm_writable(L, copy_verb);
  struct range from, to = {luaL_checkinteger(L, 2), 0};
  source_at(L, 3, &from);
  to.length = from.length;
  if (!holds(view, to))
    return luashm_refuse_access(L, copy_verb, to.length, to.offset, true);
  struct luashm_operation operation =
      luashm_access(L, LUASHM_OP_COPY, to.offset, (size_t)to.length);
  operation.source = luashm_object_at(L, 3);
  operation.a = from.offset;
  return perform(L, &operation);
}

/* view:find(bytes [, offset]) -> offset, or nil */
static int view_find(lua_State *L) {
  luashm_open_view(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  lua_Integer offset = luaL_optinteger(L, 3, 0);
  const struct luashm_handle *view = luashm_open_view(L);
  if (!luashm_inside(view, offset, 0))
    return luashm_refuse_offset(L, find_verb, offset);
  struct luashm_operation operation = luashm_access(
      L, LUASHM_OP_FIND, offset, view->size - (size_t)offset);
  struct luashm_waiting waiting;
  operation.waiting = &waiting;
  operation.text = (struct luashm_bytes){bytes, length};
  if (luashm_perform(L, &operation) == LUASHM_ANSWER_INTERRUPTED)
    return luashm_answered(L, &operation);
  if (operation.result >= 0)
    lua_pushinteger(L, operation.result);
  else
    lua_pushnil(L);
  return 1;
}

/* False: Ctrl-C was pressed meanwhile. */
static bool put_dump(lua_State *L, struct luashm_dump *dump,
                     const struct luashm_operation *operation) {
  enum { STRETCH = 1 << 20 };
  size_t length = (size_t)operation->length, at = (size_t)operation->at;
  luashm_begin_waiting(L, LUASHM_FOREVER, operation->waiting);
  for (size_t done = 0; done < length; done += STRETCH) {
    if (done > 0 && luashm_should_stop(operation->waiting))
      return false;
    size_t rest = length - done;
    luashm_dump_rows(dump, operation->bytes + done,
                     rest < STRETCH ? rest : STRETCH, at + done);
  }
  luashm_dump_end(dump, at + length);
  return true;
}

/* view:hex([offset [, length]]) -> string */
static int view_hex(lua_State *L) {
  struct range range = range_at(L, 2, hex_verb, luashm_open_view(L));
  if (!holds(luashm_open_view(L), range))
    return luashm_refuse_access(L, hex_verb, range.length, range.offset, false);
  size_t length = (size_t)range.length, room = luashm_dump_room(length);
  luaL_Buffer buffer;
  char *text = luaL_buffinitsize(L, &buffer, room);
  struct luashm_dump dump = {.to = text};
  struct luashm_operation operation =
      luashm_access(L, LUASHM_OP_HEX, range.offset, length);
  operation.bytes = (unsigned char *)text + room - length;
  struct luashm_waiting waiting;
  operation.waiting = &waiting;
  if (luashm_perform(L, &operation) == LUASHM_ANSWER_INTERRUPTED ||
      !put_dump(L, &dump, &operation))
    return luashm_stop(L, &waiting);
  luaL_pushresultsize(&buffer, (size_t)(dump.to - text));
  return 1;
}

const luaL_Reg luashm_byte_methods[] = {{"fill", view_fill},
                                        {"copy", view_copy},
                                        {"find", view_find},
                                        {"hex", view_hex},
                                        {NULL, NULL}};
