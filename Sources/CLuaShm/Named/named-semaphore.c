/* The userdata "shm.semaphore". */
#include "named.h"

/* semaphore:acquire([timeout]) -> true, or false, "timeout", or nil, message,
   code */
static int semaphore_acquire(lua_State *L) {
  struct luashm_handle *semaphore = luashm_open_named(L, TYPE_SEMAPHORE);
  luashm_check_wait(L, 2);
  if (luashm_is_fast(semaphore, CSHM_MAY_WAIT) &&
      cshm_semaphore_acquire(plain_of(semaphore)) == CSHM_ACQUIRED)
    return luashm_done(L, semaphore, "acquire");
  return luashm_named_wait(L, LUASHM_OP_SEMAPHORE_ACQUIRE, 2);
}

static int release(lua_State *L, int64_t count) {
  struct luashm_failure failure;
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_SEMAPHORE_RELEASE, luashm_object_at(L, 1));
  operation.a = count;
  operation.failure = &failure;
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushinteger(L, operation.result);
  return 1;
}

/* semaphore:release([n]) -> the count before, or nil, message, code */
static int semaphore_release(lua_State *L) {
  struct luashm_handle *semaphore = luashm_open_named(L, TYPE_SEMAPHORE);
  lua_Integer count = luaL_optinteger(L, 2, 1);
  uint32_t previous;
  if (!luashm_is_fast(semaphore, CSHM_MAY_MODIFY) || count < 1 ||
      count > INT32_MAX ||
      cshm_semaphore_release(plain_of(semaphore), (uint32_t)count, &previous) !=
          CSHM_ACQUIRED)
    return release(L, count);
  if (cshm_lost(plain_of(semaphore)->guard))
    return luashm_lost_named(L, "release");
  lua_pushinteger(L, previous);
  return 1;
}

static int semaphore_tostring(lua_State *L) {
  const struct luashm_head *head = luashm_own(L, TYPE_SEMAPHORE);
  const char *name = luashm_shown_name(L, 1);
  const struct cshm_named *plain = plain_of(luashm_handle(head->object));
  uint64_t state;
  bool ours;
  if (!plain || !luashm_state_of(L, head->object, &state, &ours))
    lua_pushfstring(L, "semaphore of %s (closed)", name);
  else
    lua_pushfstring(L, "semaphore of %s (%I of %I)", name,
                    (lua_Integer)(state & CSHM_COUNT),
                    (lua_Integer)plain->limit);
  return 1;
}

static const luaL_Reg methods[] = {{"acquire", semaphore_acquire},
                                   {"release", semaphore_release},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", luashm_named_end},
                                       {"__close", luashm_named_end},
                                       {"__tostring", semaphore_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_semaphores = {
    .name = "shm.semaphore",
    .methods = {methods, luashm_named_methods},
    .metamethods = metamethods};
