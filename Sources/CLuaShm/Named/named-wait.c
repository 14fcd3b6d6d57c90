/* The slow ways: waiting through the host, for one object and for several. */
#include "named.h"

#include <string.h>

/* Pushed before a wait: what is acquired would be lost if Lua had no memory for
   it afterwards. */
static const char abandoned[] = "abandoned", removed[] = "removed";

static int push_reasons(lua_State *L) {
  lua_pushstring(L, abandoned);
  lua_pushstring(L, removed);
  return lua_gettop(L) - 1;
}

static bool is_acquired(int32_t outcome) {
  return outcome == CSHM_ACQUIRED || outcome == CSHM_ABANDONED ||
         outcome == CSHM_REMOVED;
}

struct wait {
  uint64_t keys[LUASHM_MOST_WAITED];
  struct luashm_named_wait asked;
  int64_t timeout;
  bool stopped; /* by Ctrl-C */
  struct luashm_waiting waiting;
  struct luashm_failure failure;
};

static bool should_stop(const void *waiting) {
  return luashm_should_stop(waiting);
}

/* The host ends a wait also for no reason, and then goes on. */
static int32_t wait(lua_State *L, struct wait *wait) {
  struct luashm_host *host = host_of(L);
  struct luashm_named_wait *asked = &wait->asked;
  luashm_begin_waiting(L, wait->timeout, &wait->waiting);
  asked->keys = wait->keys;
  asked->outcome = CSHM_TIMED_OUT;
  asked->index = 0;
  asked->should_stop = should_stop;
  asked->waiting = &wait->waiting;
  asked->nanoseconds = wait->timeout == LUASHM_FOREVER ? -1 : wait->timeout;
  for (;;) {
    int32_t code = host->named_wait(host->context, asked, &wait->failure);
    if (code != 0 || asked->outcome != CSHM_INTERRUPTED)
      return code;
    wait->stopped = luashm_should_stop(&wait->waiting);
    if (wait->stopped)
      return -1;
    if (asked->nanoseconds > 0)
      asked->nanoseconds = luashm_left(&wait->waiting);
  }
}

/* Through the gate. True: it was acquired. */
static bool pass(lua_State *L, struct luashm_operation *operation,
                 struct wait *for_what, int32_t *code) {
  struct luashm_host *host = host_of(L);
  luashm_enter(host, operation);
  *code = wait(L, for_what);
  int32_t outcome = for_what->asked.outcome;
  bool acquired = *code == 0 && is_acquired(outcome);
  if (acquired && outcome == CSHM_ABANDONED)
    operation->data = (struct luashm_bytes){abandoned, sizeof abandoned - 1};
  if (acquired && outcome == CSHM_REMOVED)
    operation->data = (struct luashm_bytes){removed, sizeof removed - 1};
  operation->result = for_what->asked.index + 1;
  luashm_leave(host, operation, *code, NULL, acquired);
  return acquired;
}

/* What a wait that acquired nothing returns. */
static int failed(lua_State *L, const struct wait *wait, int32_t code) {
  if (wait->stopped)
    return luashm_stop(&wait->waiting);
  if (code != 0)
    return luashm_refuse_named(L, &wait->failure);
  lua_pushboolean(L, false);
  lua_pushliteral(L, "timeout");
  return 2;
}

/* Behind what says that it is acquired; `reasons`: where the texts are. */
static int push_reason(lua_State *L, const struct wait *wait, int reasons) {
  if (wait->asked.outcome == CSHM_ACQUIRED)
    return 1;
  lua_pushvalue(L, wait->asked.outcome == CSHM_REMOVED ? reasons + 1 : reasons);
  return 2;
}

int luashm_named_wait(lua_State *L, const char *verb, int timeout) {
  struct wait wait;
  double seconds = -1;
  wait.timeout = 0;
  if (timeout != 0)
    wait.timeout = luashm_check_timeout(L, timeout, &seconds);
  int reasons = push_reasons(L);
  wait.asked.count = 1;
  wait.asked.all = wait.stopped = false;
  bool acquired, collected = false;
  int32_t code;
  do {
    luashm_open_named(L); /* or a finalizer closed it */
    struct luashm_operation operation =
        luashm_named_operation(L, LUASHM_ACQUIRE, verb);
    operation.timeout = seconds;
    wait.keys[0] = operation.key;
    acquired = pass(L, &operation, &wait, &code);
  } while (!acquired && luashm_collects(L, code, &collected));
  if (!acquired)
    return failed(L, &wait, code);
  lua_pushboolean(L, true);
  return push_reason(L, &wait, reasons);
}

/* ---- shm.wait ---- */

static void read_options(lua_State *L, struct wait *wait, double *timeout) {
  static const char unknown[] = "unknown option '%s' (known: all, timeout)";
  wait->asked.all = false;
  wait->timeout = LUASHM_FOREVER;
  *timeout = -1;
  for (const char *key = luashm_first_option(L, 2); key;
       key = luashm_next_option(L, 2)) {
    if (strcmp(key, "all") == 0)
      wait->asked.all = luashm_bool_option(L, 2, key);
    else if (strcmp(key, "timeout") == 0) {
      if (!luashm_to_timeout(L, -1, &wait->timeout, timeout))
        luaL_argerror(L, 2, "option 'timeout' must be seconds from 0");
    } else
      luaL_argerror(L, 2, lua_pushfstring(L, unknown, key));
  }
}

/* What is to be waited for in another way, at the index; NULL: nothing is. */
static const char *other_way(lua_State *L, int index) {
  if (luashm_test(L, index, TYPE_VIEW))
    return "a view, of which view:atomic(offset):wait(value) waits for a word";
  if (luashm_test(L, index, TYPE_CELL))
    return "a cell, which cell:wait(value) waits for";
  return NULL;
}

static uint64_t key_of_item(lua_State *L, int place) {
  lua_rawgeti(L, 1, place);
  int item = lua_gettop(L);
  const struct luashm_named *object = luashm_test_named(L, item);
  uint64_t key = object ? object->key : 0;
  if (object && key == 0)
    luaL_error(L, "attempt to wait for item %d, %s", place,
               luaL_tolstring(L, item, NULL));
  const char *other = other_way(L, item);
  if (other)
    luaL_argerror(L, 1, lua_pushfstring(L, "item %d is %s", place, other));
  if (!object)
    luaL_argerror(L, 1,
                  lua_pushfstring(L,
                                  "item %d is no event, mutex or semaphore, "
                                  "but a %s",
                                  place, luaL_typename(L, -1)));
  lua_pop(L, 1);
  return key;
}

/* Raises unless there is a list. */
static void check_list(lua_State *L) {
  if (luashm_test_named(L, 1))
    luaL_argerror(L, 1, "it takes a list: shm.wait{event}");
  const char *other = other_way(L, 1);
  if (other)
    luaL_argerror(L, 1, lua_pushfstring(L, "it is %s", other));
  luaL_checktype(L, 1, LUA_TTABLE);
}

/* Raises for an empty list. */
static lua_Unsigned count_of_list(lua_State *L) {
  lua_Unsigned count = lua_rawlen(L, 1);
  if (count == 0)
    luaL_argerror(L, 1,
                  "the list is empty; give 1 to 64 events, mutexes and "
                  "semaphores: shm.wait{event, mutex}");
  return count;
}

/* shm.wait({a, b, …} [, {all=, timeout=}]) -> index or true [, why] */
int luashm_wait_for_several(lua_State *L) {
  struct wait wait;
  check_list(L);
  lua_settop(L, 2);
  struct luashm_operation operation = {
      .kind = LUASHM_ACQUIRE, .verb = "shm.wait", .state = L};
  read_options(L, &wait, &operation.timeout);
  lua_Unsigned count = count_of_list(L);
  int reasons = push_reasons(L);
  wait.stopped = false;
  wait.asked.count = count > INT32_MAX ? INT32_MAX : (int32_t)count;
  /* More are error 87, which the host says without a look at them. */
  int known = count <= LUASHM_MOST_WAITED ? (int)count : 0;
  operation.arguments[0] = (int64_t)count;
  operation.arguments[1] = wait.asked.all;
  operation.argument_count = 2;
  bool acquired, collected = false;
  int32_t code;
  do {
    for (int i = 0; i < known; i++)
      wait.keys[i] = key_of_item(L, i + 1);
    acquired = pass(L, &operation, &wait, &code);
  } while (!acquired && luashm_collects(L, code, &collected));
  if (!acquired)
    return failed(L, &wait, code);
  if (wait.asked.all)
    lua_pushboolean(L, true);
  else
    lua_pushinteger(L, wait.asked.index + 1);
  return push_reason(L, &wait, reasons);
}

/* ---- giving up ---- */

int luashm_named_release(lua_State *L, const char *verb,
                         enum luashm_release release) {
  struct luashm_host *host = host_of(L);
  struct luashm_operation operation =
      luashm_named_operation(L, LUASHM_RELEASE, verb);
  struct luashm_failure failure;
  int64_t previous;
  luashm_enter(host, &operation);
  int32_t code = host->named_release(host->context, operation.key, release, 1,
                                     &previous, &failure);
  luashm_leave(host, &operation, code, NULL, true);
  if (code != 0)
    return luashm_refuse_named(L, &failure);
  lua_pushboolean(L, true);
  return 1;
}
