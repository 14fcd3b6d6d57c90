/* What events, mutexes and semaphores have in common: closing, names, texts. */
#include "named.h"

#include <string.h>

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

/* "mutex:lock" as a message has it: "mutex", and "lock". */
static const char *push_kind(lua_State *L, const char *verb) {
  const char *colon = strchr(verb, ':');
  return colon ? lua_pushlstring(L, verb, (size_t)(colon - verb)) : "object";
}

int luashm_named_answered(lua_State *L,
                          const struct luashm_operation *operation) {
  enum { SWAPERROR = 999 };
  const char *verb = luashm_verb(operation);
  bool uses = operation->op > LUASHM_OP_CHECK_SEMAPHORE;
  switch (operation->answer) {
  case LUASHM_ANSWER_REFUSED:
    if (operation->failure->code == SWAPERROR && uses)
      return luaL_error(L, "%s", operation->failure->message);
    return luashm_refuse(L, operation->failure);
  case LUASHM_ANSWER_GONE:
    return luashm_lost_named(L, strchr(verb, ':') + 1);
  case LUASHM_ANSWER_CLOSED:
    return luashm_closed_named(L, 1, push_kind(L, verb));
  case LUASHM_ANSWER_INTERRUPTED:
    return luashm_stop(operation->waiting);
  default:
    return 0;
  }
}

bool luashm_state_of(lua_State *L, struct luashm_object object,
                     uint64_t *state, bool *ours) {
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_NAMED_STATE, object);
  if (luashm_perform(L, &operation) != LUASHM_ANSWER_DONE)
    return false;
  *state = (uint64_t)operation.result;
  *ours = operation.b != 0;
  return true;
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

/* The operation of an object's kind, of three that follow each other. */
static enum luashm_op op_of(enum luashm_op first,
                            const struct luashm_handle *object) {
  return (enum luashm_op)(first + plain_of(object)->kind - CSHM_EVENT);
}

/* False: a stranger had removed the name, and the failure says so. */
static bool close_named(lua_State *L, const struct luashm_head *head,
                        struct luashm_failure *failure) {
  const struct luashm_handle *object = luashm_handle(head->object);
  if (!object->base)
    return true;
  struct luashm_operation operation = luashm_on_named(
      op_of(LUASHM_OP_CLOSE_EVENT, object), head->object);
  operation.failure = failure;
  return luashm_ask(L, &operation) != LUASHM_ANSWER_REFUSED;
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
  const struct luashm_handle *object = luashm_open_any_named(L);
  struct luashm_failure failure;
  struct luashm_operation operation = luashm_on_named(
      op_of(LUASHM_OP_CHECK_EVENT, object), luashm_object_at(L, 1));
  operation.failure = &failure;
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
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
