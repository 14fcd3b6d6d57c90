/* The userdata "shm.mutex", and "shm.guard", which unlocks a mutex. */
#include "waitable.h"

enum {
  ACT_LOCK,
  ACT_TRY,
  ACT_GUARD,
  ACT_UNLOCK,
  ACT_GUARD_UNLOCK,
  ACT_OWNER
};

static const struct luashm_act acts[] = {
    [ACT_LOCK] = {"mutex:lock", LUASHM_ACQUIRE},
    [ACT_TRY] = {"mutex:try", LUASHM_ACQUIRE},
    [ACT_GUARD] = {"mutex:guard", LUASHM_ACQUIRE},
    [ACT_UNLOCK] = {"mutex:unlock", LUASHM_RELEASE},
    [ACT_GUARD_UNLOCK] = {"guard:unlock", LUASHM_RELEASE},
    [ACT_OWNER] = {"mutex:owner", LUASHM_LOAD, .gives_process = true},
    {NULL}};

/* mutex:lock([timeout]) -> true [, why], or false, "timeout", or nil, message,
   code */
static int mutex_lock(lua_State *L) {
  struct luashm_handle *mutex = luashm_open_named(L, CSHM_MUTEX);
  luashm_check_wait(L, 2);
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT) &&
      cshm_mutex_lock(plain_of(mutex)) == CSHM_ACQUIRED)
    return luashm_done(L, mutex, "lock");
  return luashm_named_wait(L, CSHM_MUTEX, ACT_LOCK, 2);
}

/* mutex:try() -> as lock(0) */
static int mutex_try(lua_State *L) {
  struct luashm_handle *mutex = luashm_open_named(L, CSHM_MUTEX);
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT) &&
      cshm_mutex_lock(plain_of(mutex)) == CSHM_ACQUIRED)
    return luashm_done(L, mutex, "try");
  return luashm_named_wait(L, CSHM_MUTEX, ACT_TRY, 0);
}

/* Unlocks; the value at stack index 1 has the mutex's name. */
static int unlock(lua_State *L, struct luashm_object object, int act) {
  const struct luashm_handle *mutex = luashm_handle(object);
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT | CSHM_MAY_MODIFY) &&
      cshm_mutex_unlock(plain_of(mutex)) == CSHM_ACQUIRED)
    return luashm_done(L, mutex, "unlock");
  return luashm_named_act(L, CSHM_MUTEX, act, object);
}

/* mutex:unlock() -> true, or nil, message, code */
static int mutex_unlock(lua_State *L) {
  luashm_open_named(L, CSHM_MUTEX);
  return unlock(L, luashm_object_at(L, 1), ACT_UNLOCK);
}

/* mutex:owner() -> process, ours; or nil: nobody has it, or its owner is dead;
   or nil, "in another pid namespace" */
static int mutex_owner(lua_State *L) {
  luashm_open_named(L, CSHM_MUTEX);
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_ACT_ON_NAMED, CSHM_MUTEX, luashm_object_at(L, 1));
  operation.act = ACT_OWNER;
  luashm_perform(L, &operation);
  if (operation.result < 0) {
    lua_pushnil(L);
    if (operation.result != CSHM_ELSEWHERE)
      return 1;
    lua_pushliteral(L, "in another pid namespace");
    return 2;
  }
  lua_pushinteger(L, operation.result);
  lua_pushboolean(L, operation.b != 0);
  return 2;
}

static void describe(lua_State *L, const struct cshm_named *plain,
                     uint64_t state, bool ours) {
  (void)plain;
  lua_pushstring(L, ours                ? "locked by this interpreter"
                    : state & CSHM_HELD ? "locked"
                                        : "free");
}

/* ---- guards ---- */

enum { TYPE_GUARD = TYPE_COMPANION + CSHM_MUTEX };

/* The first user value is the name, the second the mutex. */
enum { GUARD_MUTEX = 2 };

/* Unlocks at the end of its scope. It has an entry while it has the mutex
   locked; its user value keeps the mutex open. */
struct guard {
  struct luashm_head head;
  struct luashm_object mutex;
};

/* False for a forked child's copy. */
static bool holds(const struct guard *guard) {
  return luashm_handle(guard->head.object)->place == cshm_generation();
}

/* Pushes a guard that has not locked the mutex at stack index 1 yet. */
static const struct guard *push_guard(lua_State *L) {
  struct guard *guard =
      luashm_push_new(L, TYPE_GUARD, sizeof *guard, GUARD_MUTEX);
  lua_getiuservalue(L, 1, NAMED_NAME);
  lua_setiuservalue(L, -2, NAMED_NAME);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, GUARD_MUTEX);
  guard->mutex = luashm_object_at(L, 1);
  guard->head.object = luashm_take(L);
  if (guard->head.object.index == 0)
    luaL_error(L, "not enough memory for another guard");
  return guard;
}

static void has_locked(const struct guard *guard) {
  luashm_handle(guard->head.object)->place = cshm_generation();
}

/* mutex:guard([timeout]) -> guard [, why], or false, "timeout", or nil,
   message, code */
static int mutex_guard(lua_State *L) {
  luashm_open_named(L, CSHM_MUTEX);
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  const struct guard *guard = push_guard(L);
  struct luashm_handle *mutex =
      luashm_open_named(L, CSHM_MUTEX); /* a finalizer may close it */
  if (luashm_is_fast(mutex, CSHM_MAY_WAIT) &&
      cshm_mutex_lock(plain_of(mutex)) == CSHM_ACQUIRED) {
    has_locked(guard);
    return 1;
  }
  int results = luashm_named_wait(L, CSHM_MUTEX, ACT_GUARD, 2);
  int first = lua_gettop(L) - results + 1;
  if (results == 0 || !lua_toboolean(L, first)) { /* not locked */
    luashm_give_handle(guard->head.object);
    return results;
  }
  has_locked(guard);
  lua_pushvalue(L, 3);
  lua_replace(L, first);
  return results;
}

/* guard:unlock() -> true, or nil, message, code; harmless when repeated, or
   when the mutex is closed */
static int guard_unlock(lua_State *L) {
  const struct guard *guard = luashm_own(L, TYPE_GUARD);
  bool held = holds(guard);
  luashm_give_handle(guard->head.object);
  lua_settop(L, 1);
  if (held && luashm_handle(guard->mutex)->base)
    return unlock(L, guard->mutex, ACT_GUARD_UNLOCK);
  lua_pushboolean(L, true);
  return 1;
}

static int guard_end(lua_State *L) {
  if (luashm_marked(L, 1, TYPE_GUARD))
    guard_unlock(L);
  return 0;
}

static int guard_tostring(lua_State *L) {
  const struct guard *guard = luashm_own(L, TYPE_GUARD);
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

static const struct luashm_class guards = {.name = "shm.guard",
                                           .methods = {guard_methods},
                                           .metamethods = guard_metamethods};

/* ---- */

static const luaL_Reg methods[] = {
    {"lock", mutex_lock},   {"try", mutex_try},     {"unlock", mutex_unlock},
    {"guard", mutex_guard}, {"owner", mutex_owner}, {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"acquire", "lock"}, {"wait", "lock"}, {"release", "unlock"},
    {"trylock", "try"}, {NULL, NULL}};

static const struct luashm_class class = {
    .name = "shm.mutex",
    .methods = {methods, luashm_named_methods},
    .metamethods = luashm_named_metamethods,
    .synonyms = synonyms};

const struct luashm_waitable luashm_mutex_kind = {
    .number = CSHM_MUTEX,
    LUASHM_NAMED("mutex"),
    .plural = "mutexes",
    .acts = acts,
    .class = &class,
    .companion = &guards,
    .describe = describe};
