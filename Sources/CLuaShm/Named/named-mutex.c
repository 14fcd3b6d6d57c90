/* The userdata "shm.mutex", and "shm.guard", which unlocks it. */
#include "named.h"

/* mutex:lock([timeout]) -> true [, why], or false, "timeout", or nil, message,
   code */
static int mutex_lock(lua_State *L) {
  struct luashm_named *mutex = luashm_open_named(L);
  luashm_check_wait(L, 2);
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT) &&
      cshm_mutex_lock(mutex->plain) == CSHM_ACQUIRED)
    return luashm_done(L, mutex, "lock");
  return luashm_named_wait(L, "mutex:lock", 2);
}

/* mutex:try() -> as lock(0) */
static int mutex_try(lua_State *L) {
  struct luashm_named *mutex = luashm_open_named(L);
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT) &&
      cshm_mutex_lock(mutex->plain) == CSHM_ACQUIRED)
    return luashm_done(L, mutex, "try");
  return luashm_named_wait(L, "mutex:try", 0);
}

/* The mutex is at index 1. */
static int unlock(lua_State *L, struct luashm_named *mutex, const char *verb) {
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT | CSHM_MAY_MODIFY) &&
      cshm_mutex_unlock(mutex->plain) == CSHM_ACQUIRED)
    return luashm_done(L, mutex, "unlock");
  return luashm_named_release(L, verb, LUASHM_UNLOCK_MUTEX);
}

/* mutex:unlock() -> true, or nil, message, code */
static int mutex_unlock(lua_State *L) {
  return unlock(L, luashm_open_named(L), "mutex:unlock");
}

/* mutex:owner() -> process, ours; or nil: nobody has it, or one that died; or
   nil, "in another pid namespace" */
static int mutex_owner(lua_State *L) {
  struct luashm_named *mutex = luashm_open_named(L);
  struct luashm_host *host = host_of(L);
  struct luashm_operation operation =
      luashm_named_operation(L, LUASHM_LOAD, "mutex:owner");
  luashm_enter(host, &operation);
  operation.result = host->named_owner(host->context, mutex->key);
  bool ours = plain_of(mutex)->claim->depth != 0;
  bool gone = cshm_lost(plain_of(mutex)->guard);
  luashm_leave(host, &operation, gone ? -1 : 0, NULL, true);
  if (gone)
    return luashm_lost_named(L, "owner");
  if (operation.result < 0) {
    lua_pushnil(L);
    if (operation.result != LUASHM_ELSEWHERE)
      return 1;
    lua_pushliteral(L, "in another pid namespace");
    return 2;
  }
  lua_pushinteger(L, operation.result);
  lua_pushboolean(L, ours);
  return 2;
}

static int mutex_tostring(lua_State *L) {
  const struct luashm_named *mutex = luashm_self(L);
  const char *name = luashm_shown_name(L, 1);
  const struct cshm_named *plain = mutex->plain;
  if (!plain)
    lua_pushfstring(L, "mutex of %s (closed)", name);
  else if (plain->claim->depth != 0)
    lua_pushfstring(L, "mutex of %s (locked by this interpreter)", name);
  else
    lua_pushfstring(L, "mutex of %s (%s)", name,
                    cshm_load64(cshm_state(plain)) & CSHM_HELD ? "locked"
                                                               : "free");
  return 1;
}

/* ---- guards ---- */

/* What unlocks at the end of its scope: plain data. */
struct guard {
  uint32_t generation; /* cshm_generation's when it locked; 0: it has not */
};

/* A forked child's copy does not. */
static bool holds(const struct guard *guard) {
  return guard->generation == cshm_generation();
}

/* mutex:guard([timeout]) -> guard [, why], or false, "timeout", or nil,
   message, code */
static int mutex_guard(lua_State *L) {
  luashm_open_named(L);
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  struct guard *guard =
      luashm_push_new(L, TYPE_GUARD, sizeof *guard, GUARD_MUTEX);
  lua_getiuservalue(L, 1, NAMED_NAME);
  lua_setiuservalue(L, -2, NAMED_NAME);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, GUARD_MUTEX);
  struct luashm_named *mutex = luashm_open_named(L); /* or one closed it */
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT) &&
      cshm_mutex_lock(mutex->plain) == CSHM_ACQUIRED) {
    guard->generation = cshm_generation();
    return 1;
  }
  int results = luashm_named_wait(L, "mutex:guard", 2);
  if (results == 0 || results == 3) /* interrupted, refused */
    return results;
  int first = lua_gettop(L) - results + 1;
  if (lua_toboolean(L, first)) {
    guard->generation = cshm_generation();
    lua_pushvalue(L, 3);
    lua_replace(L, first);
  }
  return results;
}

/* guard:unlock() -> true, or nil, message, code; again is harmless, and so it
   is once the mutex is closed */
static int guard_unlock(lua_State *L) {
  struct guard *guard = luashm_self(L);
  if (holds(guard)) {
    guard->generation = 0;
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, GUARD_MUTEX);
    lua_replace(L, 1);
    struct luashm_named *mutex = luashm_test(L, 1, TYPE_MUTEX);
    if (mutex && mutex->plain)
      return unlock(L, mutex, "guard:unlock");
  }
  lua_pushboolean(L, true);
  return 1;
}

static int guard_end(lua_State *L) {
  guard_unlock(L);
  return 0;
}

static int guard_tostring(lua_State *L) {
  const struct guard *guard = luashm_self(L);
  lua_pushfstring(L, "guard of %s (%s)", luashm_shown_name(L, 1),
                  holds(guard) ? "locked" : "unlocked");
  return 1;
}

static const luaL_Reg guard_methods[] = {{"unlock", guard_unlock},
                                         {NULL, NULL}};

static const luaL_Reg guard_metamethods[] = {{"__gc", guard_end},
                                             {"__close", guard_end},
                                             {"__tostring", guard_tostring},
                                             {NULL, NULL}};

const struct luashm_class luashm_guards = {.name = "shm.guard",
                                           .methods = {guard_methods},
                                           .metamethods = guard_metamethods};

/* ---- */

static const luaL_Reg methods[] = {
    {"lock", mutex_lock},   {"try", mutex_try},     {"unlock", mutex_unlock},
    {"guard", mutex_guard}, {"owner", mutex_owner}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", luashm_named_end},
                                       {"__close", luashm_named_end},
                                       {"__tostring", mutex_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_mutexes = {
    .name = "shm.mutex",
    .methods = {methods, luashm_named_methods},
    .metamethods = metamethods};
