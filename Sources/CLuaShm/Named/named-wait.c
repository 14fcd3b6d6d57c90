/* The slow ways: waiting for one object and for several; giving up. */
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

const char *luashm_reason(const struct luashm_operation *operation) {
  return operation->outcome == CSHM_ABANDONED ? abandoned
         : operation->outcome == CSHM_REMOVED ? removed
                                              : NULL;
}

/* What a wait that acquired nothing returns. */
static int failed(lua_State *L, const struct luashm_operation *operation) {
  if (operation->answer != LUASHM_ANSWER_TIMED_OUT)
    return luashm_answered(L, operation);
  lua_pushboolean(L, false);
  lua_pushliteral(L, "timeout");
  return 2;
}

/* Behind what says that it is acquired; `reasons`: where the texts are. */
static int push_reason(lua_State *L, const struct luashm_operation *operation,
                       int reasons) {
  if (operation->outcome == CSHM_ACQUIRED)
    return 1;
  lua_pushvalue(L, operation->outcome == CSHM_REMOVED ? reasons + 1 : reasons);
  return 2;
}

int luashm_named_wait(lua_State *L, enum luashm_op op, int timeout) {
  struct luashm_failure failure;
  struct luashm_waiting waiting;
  struct luashm_operation operation =
      luashm_on_named(op, luashm_object_at(L, 1));
  if (timeout != 0)
    operation.timeout = luashm_check_timeout(L, timeout, &operation.seconds);
  operation.waiting = &waiting;
  operation.failure = &failure;
  int reasons = push_reasons(L);
  if (luashm_ask_again(L, &operation) != LUASHM_ANSWER_DONE)
    return failed(L, &operation);
  lua_pushboolean(L, true);
  return push_reason(L, &operation, reasons);
}

/* ---- shm.wait ---- */

static void read_options(lua_State *L, struct luashm_operation *operation) {
  static const char unknown[] = "unknown option '%s' (known: all, timeout)";
  operation->timeout = LUASHM_FOREVER;
  for (const char *key = luashm_first_option(L, 2); key;
       key = luashm_next_option(L, 2)) {
    if (strcmp(key, "all") == 0)
      operation->b = luashm_bool_option(L, 2, key);
    else if (strcmp(key, "timeout") == 0) {
      if (!luashm_to_timeout(L, -1, &operation->timeout, &operation->seconds))
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

static struct luashm_object object_of_item(lua_State *L, int place) {
  lua_rawgeti(L, 1, place);
  int item = lua_gettop(L);
  const struct luashm_head *object = luashm_test_named(L, item);
  if (object && !luashm_handle(object->object)->base)
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
  return object->object;
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
  struct luashm_failure failure;
  struct luashm_waiting waiting;
  struct luashm_object several[LUASHM_MOST_WAITED];
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_WAIT_SEVERAL, (struct luashm_object){0, 0});
  check_list(L);
  lua_settop(L, 2);
  read_options(L, &operation);
  operation.length = count_of_list(L);
  operation.several = several;
  operation.waiting = &waiting;
  operation.failure = &failure;
  int reasons = push_reasons(L);
  /* More are error 87, which the host says without a look at them. */
  bool known = operation.length <= LUASHM_MOST_WAITED;
  bool collected = false;
  do {
    for (int i = 0; known && i < (int)operation.length; i++)
      several[i] = object_of_item(L, i + 1);
  } while (luashm_ask(L, &operation) == LUASHM_ANSWER_REFUSED &&
           luashm_collects(L, failure.code, &collected));
  if (operation.answer != LUASHM_ANSWER_DONE)
    return failed(L, &operation);
  if (operation.b)
    lua_pushboolean(L, true);
  else
    lua_pushinteger(L, operation.result);
  return push_reason(L, &operation, reasons);
}

/* ---- giving up ---- */

int luashm_named_release(lua_State *L, enum luashm_op op,
                         struct luashm_object object) {
  struct luashm_failure failure;
  struct luashm_operation operation = luashm_on_named(op, object);
  operation.failure = &failure;
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, true);
  return 1;
}
