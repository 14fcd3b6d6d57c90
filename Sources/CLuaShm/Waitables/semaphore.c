/* The userdata "shm.semaphore". */
#include "waitable.h"

enum { ACT_ACQUIRE, ACT_RELEASE };

static const struct luashm_act acts[] = {
    [ACT_ACQUIRE] = {"semaphore:acquire", LUASHM_ACQUIRE},
    [ACT_RELEASE] = {"semaphore:release", LUASHM_RELEASE,
                     .takes_number = true},
    {NULL}};

/* semaphore:acquire([timeout]) -> true, or false, "timeout", or nil, message,
   code */
static int semaphore_acquire(lua_State *L) {
  struct luashm_handle *semaphore = luashm_open_named(L, CSHM_SEMAPHORE);
  luashm_check_wait(L, 2);
  if (luashm_is_fast(semaphore, CSHM_MAY_WAIT) &&
      cshm_semaphore_acquire(plain_of(semaphore)) == CSHM_ACQUIRED)
    return luashm_done(L, semaphore, "acquire");
  return luashm_named_wait(L, CSHM_SEMAPHORE, ACT_ACQUIRE, 2);
}

/* semaphore:release([n]) -> the count before, or nil, message, code */
static int semaphore_release(lua_State *L) {
  struct luashm_handle *semaphore = luashm_open_named(L, CSHM_SEMAPHORE);
  lua_Integer count = luaL_optinteger(L, 2, 1);
  uint32_t previous;
  if (!luashm_is_fast(semaphore, CSHM_MAY_MODIFY) || count < 1 ||
      count > INT32_MAX ||
      cshm_semaphore_release(plain_of(semaphore), (uint32_t)count, &previous) !=
          CSHM_ACQUIRED)
    return luashm_named_number(L, CSHM_SEMAPHORE, ACT_RELEASE,
                               luashm_object_at(L, 1), count);
  if (cshm_lost(plain_of(semaphore)->guard))
    return luashm_lost_named(L, "release");
  lua_pushinteger(L, previous);
  return 1;
}

static void describe(lua_State *L, const struct cshm_named *plain,
                     uint64_t state, bool ours) {
  (void)ours;
  lua_pushfstring(L, "%I of %I", (lua_Integer)(state & CSHM_COUNT),
                  (lua_Integer)plain->limit);
}

static const luaL_Reg methods[] = {{"acquire", semaphore_acquire},
                                   {"release", semaphore_release},
                                   {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"wait", "acquire"}, {"lock", "acquire"}, {"post", "release"},
    {"signal", "release"}, {"unlock", "release"}, {NULL, NULL}};

static const struct luashm_class class = {
    .name = "shm.semaphore",
    .methods = {methods, luashm_named_methods},
    .metamethods = luashm_named_metamethods,
    .synonyms = synonyms};

const struct luashm_waitable luashm_semaphore_kind = {
    .number = CSHM_SEMAPHORE,
    LUASHM_NAMED("semaphore"),
    .plural = "semaphores",
    .values = {{"initial"}, {"maximum"}},
    .acts = acts,
    .class = &class,
    .describe = describe};
