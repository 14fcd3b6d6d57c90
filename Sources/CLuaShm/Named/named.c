/* What events, mutexes and semaphores have in common: closing, names, texts. */
#include "named.h"

const char *luashm_kind_name(uint32_t kind) {
  static const char *const names[] = {
      [CSHM_EVENT] = "event",
      [CSHM_MUTEX] = "mutex",
      [CSHM_SEMAPHORE] = "semaphore",
  };
  return names[kind];
}

int luashm_closed_named(lua_State *L, int index, const char *kind) {
  return luaL_error(L, "attempt to use a closed %s (of %s)", kind,
                    luashm_shown_name(L, index));
}

int luashm_lost_named(lua_State *L, const char *verb) {
  return luaL_error(L,
                    "%s: the memory of %s is gone: a process truncated its "
                    "file; close it and create the object again",
                    verb, luashm_shown_name(L, 1));
}

int luashm_refuse_named(lua_State *L, const struct luashm_failure *failure) {
  enum { SWAPERROR = 999 };
  if (failure->code == SWAPERROR)
    return luaL_error(L, "%s", failure->message);
  return luashm_refuse(L, failure);
}

static const char *kind_of(enum luashm_type type) {
  return luashm_kind_name(type == TYPE_EVENT   ? CSHM_EVENT
                          : type == TYPE_MUTEX ? CSHM_MUTEX
                                               : CSHM_SEMAPHORE);
}

int luashm_no_named(lua_State *L, enum luashm_type type) {
  return luashm_closed_named(L, 1, kind_of(type));
}

enum { NO_TYPE = 0 };

/* Which of the three types it has. */
static int type_at(lua_State *L, int index) {
  for (int type = TYPE_EVENT; type <= TYPE_SEMAPHORE; type++)
    if (luashm_marked(L, index, (enum luashm_type)type))
      return type;
  return NO_TYPE;
}

const struct luashm_head *luashm_test_named(lua_State *L, int index) {
  return type_at(L, index) == NO_TYPE ? NULL : lua_touserdata(L, index);
}

/* The userdata of a method that all three types have. */
static const struct luashm_head *own_named(lua_State *L) {
  int type = type_at(L, 1);
  if (type == NO_TYPE || !luashm_is_own(L, (enum luashm_type)type))
    luashm_not_own(L);
  return lua_touserdata(L, 1);
}

struct luashm_handle *luashm_open_any_named(lua_State *L) {
  own_named(L);
  return luashm_open_named(L, (enum luashm_type)type_at(L, 1));
}

struct luashm_call luashm_named_operation(lua_State *L,
                                          const struct luashm_handle *object,
                                          int kind, const char *verb) {
  return (struct luashm_call){.kind = kind,
                              .name = luashm_name_of(L, 1),
                              .key = object->key,
                              .verb = verb,
                              .timeout = -1,
                              .state = L};
}

static const char *close_verb(uint32_t kind) {
  static const char *const verbs[] = {
      [CSHM_EVENT] = "event:close",
      [CSHM_MUTEX] = "mutex:close",
      [CSHM_SEMAPHORE] = "semaphore:close",
  };
  return verbs[kind];
}

/* False: a stranger had removed the name, and the failure says so. */
static bool close_named(lua_State *L, const struct luashm_head *head,
                        struct luashm_failure *failure) {
  const struct luashm_handle *object = luashm_handle(head->object);
  if (!object->base)
    return true;
  struct luashm_host *host = object->host;
  struct luashm_call operation = luashm_named_operation(
      L, object, LUASHM_CLOSE_OTHER, close_verb(plain_of(object)->kind));
  luashm_give_handle(head->object);
  luashm_enter(host, &operation);
  int32_t code = host->named_close(host->context, operation.key, failure);
  luashm_leave(host, &operation, code, NULL, true);
  return code == 0;
}

/* event:close(), mutex:close(), semaphore:close() -> true [, message] */
static int named_close(lua_State *L) {
  struct luashm_failure failure;
  bool intact = close_named(L, own_named(L), &failure);
  lua_pushboolean(L, true);
  if (intact)
    return 1;
  lua_warning(L, failure.message, 0);
  lua_pushstring(L, failure.message);
  return 2;
}

/* Nobody reads results, so only a warning says it. What was never opened gives
   its entry back. */
int luashm_named_end(lua_State *L) {
  struct luashm_failure failure;
  const struct luashm_head *head = luashm_test_named(L, 1);
  if (!head)
    return 0;
  if (!close_named(L, head, &failure))
    lua_warning(L, failure.message, 0);
  luashm_give_handle(head->object);
  return 0;
}

/* event:check(), mutex:check(), semaphore:check() -> true, or nil, message,
   code */
static int named_check(lua_State *L) {
  static const char *const verbs[] = {
      [CSHM_EVENT] = "event:check",
      [CSHM_MUTEX] = "mutex:check",
      [CSHM_SEMAPHORE] = "semaphore:check",
  };
  const struct luashm_handle *object = luashm_open_any_named(L);
  struct luashm_host *host = host_of(L);
  struct luashm_call operation = luashm_named_operation(
      L, object, LUASHM_CHECK, verbs[plain_of(object)->kind]);
  struct luashm_failure failure;
  luashm_enter(host, &operation);
  int32_t code = host->named_check(host->context, operation.key, &failure);
  luashm_leave(host, &operation, code, NULL, true);
  if (code != 0)
    return luashm_refuse(L, &failure);
  lua_pushboolean(L, true);
  return 1;
}

/* event:name() … -> string, or nil for an object without one */
static int named_name(lua_State *L) {
  own_named(L);
  lua_getiuservalue(L, 1, NAMED_NAME);
  return 1;
}

const luaL_Reg luashm_named_methods[] = {
    {"close", named_close},
    {"check", named_check},
    {"name", named_name},
    {NULL, NULL}};
