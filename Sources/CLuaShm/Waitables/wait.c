/* The slow ways to wait: for one object, and for several. */
#include "waitable.h"

#include "../Views/cell.h"
#include "../process.h"
#include "options.h"

/* Pushed before a wait, because an object would be acquired and lost if Lua had
   no memory for them afterwards. */
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

/* Pushes the reason after the value that says "acquired"; `reasons`: the stack
   index of the texts. */
static int push_reason(lua_State *L, const struct luashm_operation *operation,
                       int reasons) {
  if (operation->outcome == CSHM_ACQUIRED)
    return 1;
  lua_pushvalue(L, operation->outcome == CSHM_REMOVED ? reasons + 1 : reasons);
  return 2;
}

int luashm_named_wait(lua_State *L, uint32_t kind, int act, int timeout) {
  struct luashm_failure failure;
  struct luashm_waiting waiting;
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_WAIT_FOR_NAMED, kind, luashm_object_at(L, 1));
  operation.act = (uint8_t)act;
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

struct wait_options {
  bool all;
  struct luashm_timeout timeout;
};

static const struct luashm_option wait_options[] = {
    {OPTION("all", struct wait_options, all), OPTION_BOOL},
    {OPTION("timeout", struct wait_options, timeout), OPTION_TIMEOUT},
    {NULL}};

static void read_options(lua_State *L, struct luashm_operation *operation) {
  static const struct luashm_option *const groups[] = {wait_options, NULL};
  struct wait_options options = {false, {LUASHM_FOREVER, -1}};
  luashm_read_options(L, 2, groups, &options, 2);
  operation->b = options.all;
  operation->timeout = options.timeout.nanoseconds;
  operation->seconds = options.timeout.seconds;
}

/* For a value that is waited for in another way: how; NULL: it is no such
   value. */
static const char *other_way(lua_State *L, int index) {
  if (luashm_test(L, index, TYPE_VIEW))
    return "a view, of which view:atomic(offset):wait(value) waits for a word";
  if (luashm_test(L, index, TYPE_CELL))
    return "a cell; say of which value it is to differ: cell:when(value)";
  if (lua_type(L, index) == LUA_TNUMBER)
    return "a number; of a process, wait for shm.process(number)";
  if (lua_isnil(L, index))
    return "nil, as shm.process gives of a process that has ended; assert it";
  return NULL;
}

/* The item of the list at the top, if it is one that is not taken: a cell's
   condition, a process. NULL: it is neither. */
static const struct luashm_head *
condition_of(lua_State *L, struct luashm_condition *condition) {
  const struct condition *word = luashm_test(L, -1, TYPE_CONDITION);
  const struct process *process = luashm_test(L, -1, TYPE_PROCESS);
  *condition = (struct luashm_condition){LUASHM_TAKEN, 0, 0, 0};
  if (word) {
    *condition = (struct luashm_condition){LUASHM_CHANGED,
                                           cell_size(&word->cell),
                                           word->cell.offset, word->expected};
    return &word->cell.head;
  }
  if (!process)
    return NULL;
  condition->kind = LUASHM_ENDED;
  return &process->head;
}

/* *holds: its handle has by itself what a wait for it is for. */
static struct luashm_object object_of_item(lua_State *L, int place, bool all,
                                           struct luashm_condition *condition,
                                           bool *holds) {
  lua_rawgeti(L, 1, place);
  int item = lua_gettop(L);
  uint32_t kind;
  const struct luashm_head *named = NULL;
  const struct luashm_head *object = condition_of(L, condition);
  if (!object)
    object = named = luashm_test_named(L, item, &kind);
  *holds = named && luashm_waitable(kind)->holds &&
           luashm_waitable(kind)->holds(luashm_handle(named->object));
  if (object && !luashm_handle(object->object)->base)
    luaL_error(L, "attempt to wait for item %d, %s", place,
               luaL_tolstring(L, item, NULL));
  if (object && all && condition->kind != LUASHM_TAKEN)
    luaL_argerror(
        L, 1,
        lua_pushfstring(L, "item %d is a %s, which nobody can take, as a wait "
                           "for all does with each; wait for one",
                        place,
                        condition->kind == LUASHM_ENDED ? "process"
                                                        : "cell's condition"));
  const char *other = object ? NULL : other_way(L, item);
  if (other)
    luaL_argerror(L, 1, lua_pushfstring(L, "item %d is %s", place, other));
  if (!object) {
    luashm_push_kinds(L, ", ", false);
    luaL_argerror(L, 1,
                  lua_pushfstring(L, "item %d is no %s, cell's condition or "
                                     "process, but a %s", place,
                                  lua_tostring(L, -1),
                                  luaL_typename(L, item)));
  }
  lua_pop(L, 1);
  return object->object;
}

/* Raises unless there is a list. */
static void check_list(lua_State *L) {
  uint32_t kind;
  if (luashm_test_named(L, 1, &kind) || luashm_test(L, 1, TYPE_CONDITION) ||
      luashm_test(L, 1, TYPE_PROCESS))
    luaL_argerror(L, 1, "it takes a list: shm.wait{event}");
  const char *other = other_way(L, 1);
  if (other)
    luaL_argerror(L, 1, lua_pushfstring(L, "it is %s", other));
  luaL_checktype(L, 1, LUA_TTABLE);
  for (const struct luashm_option *each = wait_options; each->name; each++) {
    lua_pushstring(L, each->name);
    if (lua_rawget(L, 1) != LUA_TNIL)
      luaL_argerror(L, 1,
                    lua_pushfstring(L, "'%s' stands in a table of its own: "
                                       "shm.wait({event}, {%s = …})",
                                    each->name, each->name));
    lua_pop(L, 1);
  }
}

/* Raises for an empty list. */
static lua_Unsigned count_of_list(lua_State *L) {
  lua_Unsigned count = lua_rawlen(L, 1);
  if (count == 0) {
    luashm_push_kinds(L, ", ", true);
    luaL_argerror(L, 1,
                  lua_pushfstring(L, "the list is empty; give 1 to %d %s, "
                                     "cell:when(value) and shm.process(pid): "
                                     "shm.wait{event, mutex}",
                                  LUASHM_MOST_WAITED, lua_tostring(L, -1)));
  }
  return count;
}

int luashm_waited_for_one(lua_State *L,
                          const struct luashm_operation *operation) {
  if (operation->answer != LUASHM_ANSWER_DONE)
    return failed(L, operation);
  lua_pushboolean(L, true);
  return 1;
}

/* Raises: the memory of the cell at a place of the list is gone. */
static int lost_item(lua_State *L, lua_Integer place) {
  lua_rawgeti(L, 1, place);
  return luashm_lost(L, lua_gettop(L), "wait");
}

/* What a wait for several has to ask for. */
struct items {
  struct luashm_object objects[LUASHM_MOST_WAITED];
  struct luashm_condition conditions[LUASHM_MOST_WAITED];
  lua_Integer ready; /* the first one whose handle holds what it is waited for;
                        0: there is none */
};

/* Those items of the list that have to be asked for: not those that are ready
   by their handle, and of a wait for any none behind the first of these, as it
   waits no longer. More than the most are error 87, which the host reports
   without looking at them. */
static void list_items(lua_State *L, struct luashm_operation *operation,
                       lua_Unsigned length, struct items *items) {
  bool all = operation->b != 0;
  uint64_t count = 0;
  items->ready = 0;
  for (int i = 1; length <= LUASHM_MOST_WAITED && i <= (int)length; i++) {
    bool is_asked = all || items->ready == 0, holds;
    items->objects[count] =
        object_of_item(L, i, all, &items->conditions[count], &holds);
    if (holds && items->ready == 0)
      items->ready = i;
    count += is_asked && !holds;
  }
  operation->length = items->ready != 0 ? count : length;
}

/* Pushes what a wait for several returns that has come about. */
static int push_which(lua_State *L, const struct luashm_operation *operation,
                      lua_Integer which) {
  if (operation->b)
    lua_pushboolean(L, true);
  else
    lua_pushinteger(L, which);
  return 1;
}

/* shm.wait({a, b, …} [, {all=, timeout=}]) -> index or true [, why] */
int luashm_wait_for_several(lua_State *L) {
  struct luashm_failure failure;
  struct luashm_waiting waiting;
  struct items items;
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_WAIT_SEVERAL, 0, (struct luashm_object){0, 0});
  check_list(L);
  lua_settop(L, 2);
  read_options(L, &operation);
  lua_Unsigned length = count_of_list(L);
  operation.several = items.objects;
  operation.conditions = items.conditions;
  operation.waiting = &waiting;
  operation.failure = &failure;
  int reasons = push_reasons(L);
  const int64_t timeout = operation.timeout;
  bool collected = false;
  do {
    list_items(L, &operation, length, &items);
    if (operation.length == 0) /* all are ready by their handles */
      return push_which(L, &operation, items.ready);
    operation.timeout = items.ready != 0 && !operation.b ? 0 : timeout;
  } while (luashm_ask(L, &operation) == LUASHM_ANSWER_REFUSED &&
           luashm_collects(L, failure.code, &collected));
  if (operation.answer == LUASHM_ANSWER_GONE)
    return lost_item(L, operation.result);
  bool is_late = operation.answer == LUASHM_ANSWER_TIMED_OUT;
  if (is_late && items.ready != 0 && !operation.b)
    return push_which(L, &operation, items.ready);
  if (operation.answer != LUASHM_ANSWER_DONE)
    return failed(L, &operation);
  push_which(L, &operation, operation.result);
  return push_reason(L, &operation, reasons);
}
