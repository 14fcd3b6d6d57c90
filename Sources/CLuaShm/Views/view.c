/* The userdata "shm.view": a window on shared memory, and its handle. */
#include "access.h"
#include "options.h"

#include <string.h>

enum { NAME_VALUE = 1 };
/* Strings of up to 40 bytes are interned: Lua hashes them and then copies them
   (lstring.c). Bytes that another process may change in between are copied here
   first. */
enum { SHORT = 256 };

/* Gives the userdata at the top an entry of its own. */
static struct luashm_object take_handle(lua_State *L) {
  struct luashm_head *head = lua_touserdata(L, -1);
  struct luashm_object object = luashm_take(L);
  if (object.index == 0)
    luaL_error(L, "not enough memory for another view");
  struct luashm_handle *handle = luashm_handle(object);
  handle->host = host_of(L);
  handle->world = handle->host->world;
  return head->object = object;
}

struct luashm_object luashm_new_view(lua_State *L, int name) {
  luashm_push_new(L, TYPE_VIEW, sizeof(struct luashm_head), NAME_VALUE);
  if (name != 0) {
    lua_pushvalue(L, name);
    lua_setiuservalue(L, -2, NAME_VALUE);
  }
  return take_handle(L);
}

/* ---- drafts ---- */

enum { ALIGNMENT = 64 };

/* The block is no userdata, so that nobody can take it away while it is used.
   It comes from the state's allocator, as all of the state's memory does, and
   not from malloc. */
static void *allocate(lua_State *L, size_t size) {
  void *context;
  lua_Alloc allocator = lua_getallocf(L, &context);
  void *block = allocator(context, NULL, 0, size);
  if (!block) { /* as Lua itself does */
    lua_gc(L, LUA_GCCOLLECT);
    block = allocator(context, NULL, 0, size);
  }
  return block;
}

struct luashm_handle *luashm_new_draft(lua_State *L, int index,
                                       const unsigned char *like,
                                       size_t length) {
  static const struct cshm_window never_lost;
  luashm_push_new(L, TYPE_VIEW, sizeof(struct luashm_head), NAME_VALUE);
  lua_getiuservalue(L, index, NAME_VALUE);
  lua_setiuservalue(L, -2, NAME_VALUE);
  struct luashm_object object = take_handle(L);
  void *block = allocate(L, length + 2 * ALIGNMENT);
  if (!block)
    luaL_error(L, "not enough memory");
  struct luashm_handle *draft = luashm_handle(object);
  uintptr_t first = (uintptr_t)block + ALIGNMENT - 1;
  uintptr_t skew = (uintptr_t)like % ALIGNMENT;
  memset(block, 0, length + 2 * ALIGNMENT);
  draft->block = block;
  draft->block_size = length + 2 * ALIGNMENT;
  draft->base = (unsigned char *)(first - first % ALIGNMENT + skew);
  draft->size = length;
  draft->access = LUASHM_READ_WRITE;
  draft->guard = &never_lost;
  draft->world = NULL; /* a draft is private; no world sees it */
  return draft;
}

void luashm_give_back(lua_State *L, struct luashm_object object) {
  const struct luashm_handle *handle = luashm_handle(object);
  void *context, *block = handle->block;
  size_t size = handle->block_size;
  luashm_give_handle(object);
  if (block)
    lua_getallocf(L, &context)(context, block, size, 0);
}

/* ---- bytes ---- */

static int text_past_end(lua_State *L, lua_Integer offset) {
  const struct luashm_handle *view = luashm_open_view(L); /* or it was closed */
  return luaL_error(L, "read at offset %I is not inside of %s (%I bytes)",
                    offset, luashm_shown_name(L, 1), (lua_Integer)view->size);
}

/* The arguments as they are checked one after the other: what the fast way does
   not take, and whatever is raised. */
static __attribute__((noinline)) int write_checked(lua_State *L) {
  luashm_open_view(L);
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);
  lua_Integer offset = luaL_optinteger(L, 3, 0);
  const struct luashm_handle *view = luashm_open_view(L); /* still open */
  if (view->access == LUASHM_READ)
    return luaL_error(L, "write: the view of %s is read-only",
                      luashm_shown_name(L, 1));
  if (!luashm_inside(view, offset, length))
    return luashm_past_end(L, "write", (lua_Integer)length, offset);
  struct luashm_operation operation =
      luashm_access(L, LUASHM_OP_WRITE, offset, length);
  operation.bytes = (unsigned char *)data;
  luashm_perform(L, &operation);
  lua_settop(L, 1);
  return 1;
}

/* view:write(data [, offset]) -> view. Of a string, to a view without a world,
   in line; a closed view has no bytes, and a string of none takes the other
   way. */
static int view_write(lua_State *L) {
  const struct luashm_head *head = luashm_own(L, TYPE_VIEW);
  int whole = true, given = lua_gettop(L);
  size_t length; /* none where there is no string */
  const char *data = lua_tolstring(L, 2, &length);
  lua_Integer offset = given > 2 ? lua_tointegerx(L, 3, &whole) : 0;
  const struct luashm_handle *view = luashm_handle(head->object);
  if (__builtin_expect(!whole || length == 0 || view->world ||
                           view->access == LUASHM_READ ||
                           !luashm_inside(view, offset, length),
                       0))
    return write_checked(L);
  if (cshm_reaches(view->guard, view->base + offset, length))
    memcpy(view->base + offset, data, length);
  if (__builtin_expect(cshm_lost(view->guard), 0))
    return luashm_lost(L, 1, "write");
  lua_pushvalue(L, 1);
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
  if (end < length) { /* a NUL appeared while we copied */
    lua_pushlstring(L, copy, end);
    lua_remove(L, -2);
  }
}

/* Reads into a buffer that is made first: making it may run a finalizer that
   closes the view, which the world then reports. For a text the buffer has room
   for the longest one, but only the text's bytes are touched. */
static int read_in_world(lua_State *L, struct luashm_operation *operation) {
  luaL_Buffer buffer;
  operation->room = (size_t)operation->length;
  operation->bytes =
      (unsigned char *)luaL_buffinitsize(L, &buffer, operation->room);
  luashm_perform(L, operation);
  luaL_pushresultsize(&buffer, (size_t)operation->length);
  return 1;
}

static __attribute__((noinline)) int read_checked(lua_State *L) {
  const struct luashm_handle *view = luashm_open_view(L);
  bool text = lua_isnoneornil(L, 2);
  lua_Integer offset = luaL_optinteger(L, 3, 0);
  lua_Integer length = text ? 0 : luaL_checkinteger(L, 2);
  if (length < 0 || !luashm_inside(view, offset, (size_t)length))
    return text ? text_past_end(L, offset)
                : luashm_past_end(L, "read", length, offset);
  size_t room = view->size - (size_t)offset;
  if (__builtin_expect(view->world != NULL, 0)) {
    struct luashm_operation operation =
        luashm_access(L, text ? LUASHM_OP_READ_TEXT : LUASHM_OP_READ, offset,
                      text ? room : (size_t)length);
    return read_in_world(L, &operation);
  }
  const unsigned char *from = view->base + offset;
  size_t wanted =
      text ? strnlen((const char *)from, room) : (size_t)length;
  /* A finalizer may close the view after the copy; the guard's entry stays, as
     those are never freed. */
  const struct cshm_window *guard = view->guard;
  if (!cshm_reaches(guard, from, wanted))
    return luashm_lost(L, 1, "read");
  luashm_push_copy(L, from, wanted, text);
  if (__builtin_expect(cshm_lost(guard), 0))
    return luashm_lost(L, 1, "read");
  return 1;
}

/* The collector may run a finalizer that closes the view: all is checked after
   it. */
static __attribute__((noinline)) int read_big(lua_State *L, size_t length) {
  luashm_make_room(L, length);
  return read_checked(L);
}

/* view:read([length [, offset]]) -> string. So many bytes of a view without a
   world are copied in line; a closed view has none. */
static int view_read(lua_State *L) {
  const struct luashm_head *head = luashm_own(L, TYPE_VIEW);
  int whole, placed = 1;
  lua_Integer length = lua_tointegerx(L, 2, &whole);
  lua_Integer offset = lua_gettop(L) > 2 ? lua_tointegerx(L, 3, &placed) : 0;
  const struct luashm_handle *view = luashm_handle(head->object);
  if (__builtin_expect(!whole || !placed || length <= 0 || view->world ||
                           !luashm_inside(view, offset, (size_t)length),
                       0))
    return read_checked(L);
  if (__builtin_expect((size_t)length >= LUASHM_BIG, 0))
    return read_big(L, (size_t)length);
  const unsigned char *from = view->base + offset;
  const struct cshm_window *guard = view->guard;
  if (!cshm_reaches(guard, from, (size_t)length))
    return luashm_lost(L, 1, "read");
  luashm_push_copy(L, from, (size_t)length, false);
  if (__builtin_expect(cshm_lost(guard), 0))
    return luashm_lost(L, 1, "read");
  return 1;
}

/* ---- the handle ---- */

/* Closes a view if it is open. False: the failure says that a stranger had
   removed the name, or that the world refuses. */
static bool close_view(lua_State *L, const struct luashm_head *view,
                       struct luashm_failure *failure) {
  struct luashm_handle *handle = luashm_handle(view->object);
  if (!handle->base) /* closed, or never opened */
    return true;
  if (handle->key == 0) { /* the update still needs the draft's block */
    handle->base = NULL;
    handle->size = 0;
    return true;
  }
  struct luashm_operation operation = {
      .op = LUASHM_OP_CLOSE, .object = view->object, .failure = failure};
  return luashm_ask(L, &operation) != LUASHM_ANSWER_REFUSED;
}

/* view:close() -> true [, message] */
static int view_close(lua_State *L) {
  struct luashm_failure failure;
  bool intact = close_view(L, luashm_own(L, TYPE_VIEW), &failure);
  lua_pushboolean(L, true);
  if (intact)
    return 1;
  lua_warning(L, failure.message, 0);
  lua_pushstring(L, failure.message);
  return 2;
}

/* __close, and part of __gc. Nobody sees their results, so a problem is
   reported by a warning. */
static int view_end(lua_State *L) {
  struct luashm_failure failure;
  const struct luashm_head *view = luashm_marked(L, 1, TYPE_VIEW);
  if (view && !close_view(L, view, &failure))
    lua_warning(L, failure.message, 0);
  return 0;
}

/* __gc: frees what a closed view still has, that is, a draft's block, or the
   entry of a view that was never opened. */
static int view_collect(lua_State *L) {
  const struct luashm_head *view = luashm_marked(L, 1, TYPE_VIEW);
  if (!view)
    return 0;
  view_end(L);
  luashm_give_back(L, view->object);
  return 0;
}

/* Raises unless the view is open and not a draft. */
static void check_no_draft(lua_State *L, const char *verb) {
  if (luashm_open_view(L)->key == 0)
    luaL_error(L, "%s: a draft of %s is private memory until the update "
                  "publishes it",
               verb, luashm_shown_name(L, 1));
}

/* view:map{offset=, length=, access=} -> view */
static int view_map(lua_State *L) {
  check_no_draft(L, "map");
  struct luashm_options options;
  luashm_check_options(L, 2, OPTIONS_OF_MAP, &options);
  lua_settop(L, 2);
  lua_getiuservalue(L, 1, NAME_VALUE);
  struct luashm_object window = luashm_new_view(L, 3);
  struct luashm_failure failure;
  struct luashm_operation operation =
      luashm_access(L, LUASHM_OP_MAP, options.offset, (size_t)options.length);
  operation.made = window;
  operation.options = &options;
  operation.failure = &failure;
  return luashm_ask_again(L, &operation) == LUASHM_ANSWER_DONE
             ? 1
             : luashm_answered(L, &operation);
}

/* view:check() -> true, or nil, message, code */
static int view_check(lua_State *L) {
  check_no_draft(L, "check");
  struct luashm_failure failure;
  struct luashm_operation operation = luashm_access(L, LUASHM_OP_CHECK, 0, 0);
  operation.failure = &failure;
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, true);
  return 1;
}

/* ---- properties ---- */

/* view:size() and #view -> bytes */
static int view_size(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)luashm_open_view(L)->size);
  return 1;
}

/* view:name() -> string, or nil for an object without one */
static int view_name(lua_State *L) {
  luashm_own(L, TYPE_VIEW);
  lua_getiuservalue(L, 1, NAME_VALUE);
  return 1;
}

static const char *access_text(const struct luashm_handle *view) {
  static const char *const texts[] = {"rw", "r", "copy"};
  return texts[view->access];
}

/* view:access() -> "rw", "r" or "copy" */
static int view_access(lua_State *L) {
  lua_pushstring(L, access_text(luashm_open_view(L)));
  return 1;
}

static int view_tostring(lua_State *L) {
  const struct luashm_head *head = luashm_own(L, TYPE_VIEW);
  const char *name = luashm_shown_name(L, 1);
  const struct luashm_handle *view = luashm_handle(head->object);
  if (view->base)
    lua_pushfstring(L, "%s of %s (%I bytes, %s)", view->key ? "view" : "draft",
                    name, (lua_Integer)view->size, access_text(view));
  else
    lua_pushfstring(L, "view of %s (closed)", name);
  return 1;
}

static const luaL_Reg methods[] = {
    {"write", view_write}, {"read", view_read},     {"close", view_close},
    {"map", view_map},     {"check", view_check},   {"size", view_size},
    {"name", view_name},   {"access", view_access}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", view_collect},
                                       {"__close", view_end},
                                       {"__len", view_size},
                                       {"__tostring", view_tostring},
                                       {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"set", "write"}, {"get", "read"}, {"put", "write"}, {NULL, NULL}};

const struct luashm_class luashm_views = {
    .name = "shm.view",
    .methods = {methods, luashm_scalar_methods, luashm_pack_methods,
                luashm_text_methods, luashm_byte_methods,
                luashm_number_methods, luashm_cell_methods,
                luashm_sequence_methods, luashm_record_view_methods},
    .metamethods = metamethods,
    .synonyms = synonyms};
