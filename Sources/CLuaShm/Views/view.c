/* The userdata "shm.view": a window on shared memory, and its handle. */
#include "module.h"

#include <stdio.h>
#include <string.h>

enum { NAME_VALUE = 1 };
/* Lua interns strings up to 40 bytes: it hashes and then copies them. Bytes
   that another process may change in between go through here. */
enum { SHORT = 256 };

struct luashm_view *luashm_new_view(lua_State *L, int name) {
  struct luashm_view *view =
      luashm_push_new(L, TYPE_VIEW, sizeof *view, NAME_VALUE);
  view->host = host_of(L);
  if (name != 0) {
    lua_pushvalue(L, name);
    lua_setiuservalue(L, -2, NAME_VALUE);
  }
  return view;
}

struct luashm_view *luashm_new_draft(lua_State *L, int index,
                                     const unsigned char *like,
                                     size_t length) {
  enum { ALIGNMENT = 64 };
  static const struct cshm_window never_lost;
  static struct luashm_host unheard; /* private memory is nobody's business */
  size_t room = sizeof(struct luashm_view) + 2 * ALIGNMENT + length;
  struct luashm_view *draft = luashm_push_new(L, TYPE_VIEW, room, NAME_VALUE);
  lua_getiuservalue(L, index, NAME_VALUE);
  lua_setiuservalue(L, -2, NAME_VALUE);
  uintptr_t first = (uintptr_t)(draft + 1) + ALIGNMENT - 1;
  uintptr_t skew = (uintptr_t)like % ALIGNMENT;
  draft->base = (unsigned char *)(first - first % ALIGNMENT + skew);
  draft->size = length;
  draft->access = LUASHM_READ_WRITE;
  draft->guard = &never_lost;
  draft->host = &unheard;
  return draft;
}

struct luashm_bytes luashm_name_of(lua_State *L, int index) {
  struct luashm_bytes name = {NULL, 0};
  if (lua_getiuservalue(L, index, NAME_VALUE) == LUA_TSTRING)
    name.data = lua_tolstring(L, -1, &name.length);
  lua_pop(L, 1);
  return name;
}

const char *luashm_shown_name(lua_State *L, int index) {
  struct luashm_bytes name = luashm_name_of(L, index);
  if (name.length == 0)
    return lua_pushliteral(L, "an unnamed object");
  return luashm_push_shown(L, name, LUASHM_LINE);
}

struct luashm_view *luashm_open_view(lua_State *L) {
  struct luashm_view *view = luashm_self(L);
  if (__builtin_expect(!view->base, 0))
    luaL_error(L, "attempt to use a closed view (of %s)",
               luashm_shown_name(L, 1));
  return view;
}

int luashm_past_end(lua_State *L, const char *verb, lua_Integer length,
                    lua_Integer offset) {
  const struct luashm_view *view = luashm_open_view(L); /* or one closed it */
  return luaL_error(L,
                    "%s of %I bytes at offset %I is not inside of %s "
                    "(%I bytes)",
                    verb, length, offset, luashm_shown_name(L, 1),
                    (lua_Integer)view->size);
}

static int text_past_end(lua_State *L, lua_Integer offset) {
  const struct luashm_view *view = luashm_open_view(L); /* as above */
  return luaL_error(L, "read at offset %I is not inside of %s (%I bytes)",
                    offset, luashm_shown_name(L, 1), (lua_Integer)view->size);
}

int luashm_lost(lua_State *L, const char *verb) {
  return luaL_error(
      L,
      "%s: the memory of %s is gone: a process truncated its file, or the "
      "pages of an object that was only reserved could not be committed; "
      "close the view and create the object again",
      verb, luashm_shown_name(L, 1));
}

static bool heard(lua_State *L, struct luashm_host *host,
                  struct luashm_operation *operation, int kind,
                  const struct luashm_view *view, size_t offset,
                  size_t length) {
  if (!luashm_heard(host))
    return false;
  *operation = (struct luashm_operation){.kind = kind,
                                         .name = luashm_name_of(L, 1),
                                         .key = view->key,
                                         .offset = offset,
                                         .length = length,
                                         .state = L};
  return true;
}

/* view:write(data [, offset]) -> view */
static int view_write(lua_State *L) {
  struct luashm_view *view = luashm_open_view(L);
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);
  lua_Integer offset = luaL_optinteger(L, 3, 0);
  if (view->access == LUASHM_READ)
    return luaL_error(L, "write: the view of %s is read-only",
                      luashm_shown_name(L, 1));
  if (offset < 0 || (size_t)offset > view->size ||
      length > view->size - (size_t)offset)
    return luashm_past_end(L, "write", (lua_Integer)length, offset);
  struct luashm_host *host = view->host;
  struct luashm_operation operation;
  bool listening =
      heard(L, host, &operation, LUASHM_WRITE, view, (size_t)offset, length);
  if (listening) {
    operation.data = (struct luashm_bytes){data, length};
    luashm_enter(host, &operation);
  }
  if (cshm_reaches(view->guard, view->base + offset, length))
    memcpy(view->base + offset, data, length);
  bool gone = cshm_lost(view->guard);
  if (listening)
    luashm_leave(host, &operation, gone ? -1 : 0, view, true);
  if (__builtin_expect(gone, 0))
    return luashm_lost(L, "write");
  lua_settop(L, 1);
  return 1;
}

void luashm_push_copy(lua_State *L, const unsigned char *from, size_t length,
                      bool text) {
  if (length <= SHORT) {
    char copy[SHORT];
    memcpy(copy, from, length);
    lua_pushlstring(L, copy, text ? strnlen(copy, length) : length);
    return;
  }
  const char *copy = lua_pushlstring(L, (const char *)from, length);
  size_t end = text ? strnlen(copy, length) : length;
  if (end < length) { /* a NUL came while we copied */
    lua_pushlstring(L, copy, end);
    lua_remove(L, -2);
  }
}

/* With a listener the result must be complete before the gate is left, and
   nothing may raise before that: the buffer is made first. Making it may run
   finalizers, and one may close the view. */
static int read_heard(lua_State *L, struct luashm_host *host,
                      struct luashm_operation *operation) {
  luaL_Buffer buffer;
  bool text = operation->kind == LUASHM_TEXT;
  char *copy = luaL_buffinitsize(L, &buffer, operation->length);
  const struct luashm_view *view = luashm_open_view(L);
  luashm_enter(host, operation);
  const unsigned char *from = view->base + operation->offset;
  size_t length = operation->length;
  if (text) /* of a buffer for all that may come, only the text is touched */
    length = strnlen((const char *)from, length);
  if (cshm_reaches(view->guard, from, length))
    memcpy(copy, from, length);
  else
    length = 0;
  if (text)
    length = strnlen(copy, length);
  operation->length = length;
  bool gone = cshm_lost(view->guard);
  operation->data = (struct luashm_bytes){copy, length};
  luashm_leave(host, operation, gone ? -1 : 0, view, true);
  if (gone)
    return luashm_lost(L, "read");
  luaL_pushresultsize(&buffer, length);
  return 1;
}

/* view:read([length [, offset]]) -> string */
static int view_read(lua_State *L) {
  struct luashm_view *view = luashm_open_view(L);
  bool text = lua_isnoneornil(L, 2);
  lua_Integer offset = luaL_optinteger(L, 3, 0);
  lua_Integer length = text ? 0 : luaL_checkinteger(L, 2);
  if (offset < 0 || length < 0 || (size_t)offset > view->size ||
      (size_t)length > view->size - (size_t)offset)
    return text ? text_past_end(L, offset)
                : luashm_past_end(L, "read", length, offset);
  size_t room = view->size - (size_t)offset;
  struct luashm_host *host = view->host;
  struct luashm_operation operation;
  if (heard(L, host, &operation, text ? LUASHM_TEXT : LUASHM_GET, view,
            (size_t)offset, text ? room : (size_t)length))
    return read_heard(L, host, &operation);
  const unsigned char *from = view->base + offset;
  size_t wanted =
      text ? strnlen((const char *)from, room) : (size_t)length;
  /* The collector may run after the copy, and a finalizer close the view; the
     guard's entry is never freed. */
  const struct cshm_window *guard = view->guard;
  if (!cshm_reaches(guard, from, wanted))
    return luashm_lost(L, "read");
  luashm_push_copy(L, from, wanted, text);
  if (__builtin_expect(cshm_lost(guard), 0))
    return luashm_lost(L, "read");
  return 1;
}

/* Closes the view at index 1 if it is open; false: a stranger had removed
   the name, and the failure says so. */
static bool close_view(lua_State *L, struct luashm_failure *failure) {
  struct luashm_view *view = luashm_self(L);
  if (!view->base)
    return true;
  struct luashm_host *host = host_of(L);
  struct luashm_operation operation;
  struct luashm_view closing = *view;
  if (view->key == 0) { /* a draft */
    *view = (struct luashm_view){0};
    return true;
  }
  bool listening = heard(L, host, &operation, LUASHM_CLOSE, view, 0, 0);
  *view = (struct luashm_view){0};
  if (listening)
    luashm_enter(host, &operation);
  int32_t code = host->close(host->context, closing.key, failure);
  if (listening)
    luashm_leave(host, &operation, code, NULL, true);
  return code == 0;
}

/* view:close() -> true [, message] */
static int view_close(lua_State *L) {
  struct luashm_failure failure;
  bool intact = close_view(L, &failure);
  lua_pushboolean(L, true);
  if (intact)
    return 1;
  lua_warning(L, failure.message, 0);
  lua_pushstring(L, failure.message);
  return 2;
}

/* __gc and __close: nobody reads results, so only a warning says it. */
static int view_end(lua_State *L) {
  struct luashm_failure failure;
  if (!close_view(L, &failure))
    lua_warning(L, failure.message, 0);
  return 0;
}

/* An open view that is no draft. */
static struct luashm_view *view_of_object(lua_State *L, const char *verb) {
  struct luashm_view *view = luashm_open_view(L);
  if (view->key == 0)
    luaL_error(L, "%s: a draft of %s is private memory until the update "
                  "publishes it",
               verb, luashm_shown_name(L, 1));
  return view;
}

/* view:map{offset=, length=, access=} -> view */
static int view_map(lua_State *L) {
  struct luashm_view *view = view_of_object(L, "map");
  struct luashm_host *host = host_of(L);
  struct luashm_options options;
  luashm_check_options(L, 2, false, true, &options);
  lua_settop(L, 2);
  lua_getiuservalue(L, 1, NAME_VALUE);
  struct luashm_view *window = luashm_new_view(L, 3);
  view = luashm_open_view(L); /* a finalizer may have closed it just now */
  struct luashm_operation operation = {.kind = LUASHM_MAP,
                                       .name = luashm_name_of(L, 1),
                                       .key = view->key,
                                       .offset = (uint64_t)options.offset,
                                       .length = (uint64_t)options.length,
                                       .options = &options,
                                       .state = L};
  struct luashm_failure failure;
  luashm_enter(host, &operation);
  int32_t code =
      host->map(host->context, view->key, &options, window, &failure);
  luashm_leave(host, &operation, code, window, true);
  return code == 0 ? 1 : luashm_refuse(L, &failure);
}

/* view:check() -> true, or nil, message, code */
static int view_check(lua_State *L) {
  struct luashm_view *view = view_of_object(L, "check");
  struct luashm_host *host = host_of(L);
  struct luashm_operation operation;
  struct luashm_failure failure;
  bool listening = heard(L, host, &operation, LUASHM_CHECK, view, 0, 0);
  if (listening)
    luashm_enter(host, &operation);
  int32_t code = host->check(host->context, view->key, &failure);
  if (listening)
    luashm_leave(host, &operation, code, view, true);
  if (code != 0)
    return luashm_refuse(L, &failure);
  lua_pushboolean(L, true);
  return 1;
}

/* view:size() and #view -> bytes */
static int view_size(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)luashm_open_view(L)->size);
  return 1;
}

/* view:name() -> string, or nil for an object without one */
static int view_name(lua_State *L) {
  luashm_self(L);
  lua_getiuservalue(L, 1, NAME_VALUE);
  return 1;
}

static const char *access_text(const struct luashm_view *view) {
  static const char *const texts[] = {"rw", "r", "copy"};
  return texts[view->access];
}

/* view:access() -> "rw", "r" or "copy" */
static int view_access(lua_State *L) {
  lua_pushstring(L, access_text(luashm_open_view(L)));
  return 1;
}

static int view_tostring(lua_State *L) {
  struct luashm_view *view = luashm_self(L);
  if (view->base)
    lua_pushfstring(L, "%s of %s (%I bytes, %s)", view->key ? "view" : "draft",
                    luashm_shown_name(L, 1),
                    (lua_Integer)view->size, access_text(view));
  else
    lua_pushfstring(L, "view of %s (closed)", luashm_shown_name(L, 1));
  return 1;
}

static const luaL_Reg methods[] = {
    {"write", view_write}, {"read", view_read},     {"close", view_close},
    {"map", view_map},     {"check", view_check},   {"size", view_size},
    {"name", view_name},   {"access", view_access}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", view_end},
                                       {"__close", view_end},
                                       {"__len", view_size},
                                       {"__tostring", view_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_views = {
    .name = "shm.view",
    .methods = {methods, luashm_scalar_methods, luashm_pack_methods,
                luashm_text_methods, luashm_byte_methods, luashm_cell_methods,
                luashm_sequence_methods, luashm_record_view_methods},
    .metamethods = metamethods};
