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

/* By its metatable: what is closed has no kind of its own any more. */
static const char *own_kind(lua_State *L) {
  static const char prefix[] = "shm.";
  lua_getfield(L, lua_upvalueindex(UPVALUE_OWN), "__name");
  const char *kind = lua_tostring(L, -1) + sizeof prefix - 1;
  lua_pop(L, 1); /* the metatable keeps it */
  return kind;
}

struct luashm_named *luashm_no_named(lua_State *L) {
  struct luashm_named *object = luashm_self(L);
  luashm_closed_named(L, 1, own_kind(L));
  return object;
}

struct luashm_named *luashm_test_named(lua_State *L, int index) {
  static const enum luashm_type types[] = {TYPE_EVENT, TYPE_MUTEX,
                                           TYPE_SEMAPHORE};
  struct luashm_named *object = NULL;
  for (int i = 0; i < 3 && !object; i++)
    object = luashm_test(L, index, types[i]);
  return object;
}

struct luashm_operation luashm_named_operation(lua_State *L, int kind,
                                               const char *verb) {
  const struct luashm_named *object = lua_touserdata(L, 1);
  return (struct luashm_operation){.kind = kind,
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
static bool close_named(lua_State *L, struct luashm_failure *failure) {
  struct luashm_named *object = luashm_self(L);
  if (!object->plain)
    return true;
  struct luashm_host *host = host_of(L);
  struct luashm_operation operation = luashm_named_operation(
      L, LUASHM_CLOSE_OTHER, close_verb(plain_of(object)->kind));
  *object = (struct luashm_named){0};
  luashm_enter(host, &operation);
  int32_t code = host->named_close(host->context, operation.key, failure);
  luashm_leave(host, &operation, code, NULL, true);
  return code == 0;
}

/* event:close(), mutex:close(), semaphore:close() -> true [, message] */
static int named_close(lua_State *L) {
  struct luashm_failure failure;
  bool intact = close_named(L, &failure);
  lua_pushboolean(L, true);
  if (intact)
    return 1;
  lua_warning(L, failure.message, 0);
  lua_pushstring(L, failure.message);
  return 2;
}

/* Nobody reads results, so only a warning says it. */
int luashm_named_end(lua_State *L) {
  struct luashm_failure failure;
  if (!close_named(L, &failure))
    lua_warning(L, failure.message, 0);
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
  const struct luashm_named *object = luashm_open_named(L);
  struct luashm_host *host = host_of(L);
  struct luashm_operation operation = luashm_named_operation(
      L, LUASHM_CHECK, verbs[plain_of(object)->kind]);
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
  luashm_self(L);
  lua_getiuservalue(L, 1, NAMED_NAME);
  return 1;
}

const luaL_Reg luashm_named_methods[] = {
    {"close", named_close},
    {"check", named_check},
    {"name", named_name},
    {NULL, NULL}};
