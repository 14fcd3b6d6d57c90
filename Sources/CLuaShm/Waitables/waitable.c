/* What the objects of all kinds have in common: closing, checking, names,
   texts. */
#include "waitable.h"

#include <string.h>

/* ---- which kind ---- */

const struct luashm_head *luashm_test_named(lua_State *L, int index,
                                            uint32_t *kind) {
  const struct luashm_head *head = lua_touserdata(L, index);
  if (!head || lua_rawlen(L, index) < sizeof *head)
    return NULL;
  uint64_t number = head->mark - (LUASHM_MARK + TYPE_WAITABLE);
  if (number >= CSHM_MOST_KINDS || !luashm_waitable((uint32_t)number))
    return NULL;
  *kind = (uint32_t)number;
  return head;
}

/* For methods that all kinds share: the userdata at stack index 1, and its
   kind. */
static const struct luashm_head *own_named(lua_State *L, uint32_t *kind) {
  const struct luashm_head *head = luashm_test_named(L, 1, kind);
  if (!head || !luashm_is_own(L, (enum luashm_type)(TYPE_WAITABLE + *kind)))
    luashm_not_own(L);
  return head;
}

/* ---- errors and results ---- */

int luashm_closed_named(lua_State *L, int index, const char *kind) {
  return luaL_error(L, "attempt to use a closed %s (of %s)", kind,
                    luashm_shown_name(L, index));
}

int luashm_no_named(lua_State *L, uint32_t kind) {
  return luashm_closed_named(L, 1, luashm_waitable(kind)->name);
}

int luashm_lost_named(lua_State *L, const char *verb) {
  return luaL_error(L,
                    "%s: the memory of %s is gone: a process truncated its "
                    "file; close it and create the object again",
                    verb, luashm_shown_name(L, 1));
}

/* The word of "mutex:lock" for messages: "lock". */
static const char *word_of(const struct luashm_operation *operation) {
  const char *verb = luashm_verb(operation);
  return verb + strcspn(verb, ":.") + 1;
}

int luashm_named_answered(lua_State *L,
                          const struct luashm_operation *operation) {
  enum { SWAPERROR = 999 };
  const struct luashm_waitable *kind = luashm_waitable(operation->waitable);
  bool uses = operation->op >= LUASHM_OP_WAIT_FOR_NAMED;
  switch (operation->answer) {
  case LUASHM_ANSWER_REFUSED:
    if (operation->failure->code == SWAPERROR && uses)
      return luaL_error(L, "%s", operation->failure->message);
    return luashm_refuse(L, operation->failure);
  case LUASHM_ANSWER_GONE:
    return luashm_lost_named(L, word_of(operation));
  case LUASHM_ANSWER_CLOSED:
    return luashm_closed_named(L, 1, kind ? kind->name : "object");
  case LUASHM_ANSWER_INTERRUPTED:
    return luashm_stop(L, operation->waiting);
  default:
    return 0;
  }
}

/* ---- operations of one kind ---- */

static enum luashm_answer ask_for_act(lua_State *L,
                                      struct luashm_operation *operation,
                                      struct luashm_failure *failure, int act,
                                      int64_t number) {
  operation->act = (uint8_t)act;
  operation->a = number;
  operation->failure = failure;
  return luashm_ask(L, operation);
}

int luashm_named_act(lua_State *L, uint32_t kind, int act,
                     struct luashm_object object) {
  struct luashm_failure failure;
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_ACT_ON_NAMED, kind, object);
  if (ask_for_act(L, &operation, &failure, act, 1) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, true);
  return 1;
}

int luashm_named_number(lua_State *L, uint32_t kind, int act,
                        struct luashm_object object, int64_t number) {
  struct luashm_failure failure;
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_ACT_ON_NAMED, kind, object);
  if (ask_for_act(L, &operation, &failure, act, number) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushinteger(L, operation.result);
  return 1;
}

/* ---- closing ---- */

/* False: the failure says that a stranger had removed the name. */
static bool close_named(lua_State *L, const struct luashm_head *head,
                        uint32_t kind, struct luashm_failure *failure) {
  struct luashm_handle *handle = luashm_handle(head->object);
  const struct named *named = (const struct named *)(const void *)head;
  if ((handle->base || named->orphan) && luashm_waitable(kind)->closing)
    luashm_waitable(kind)->closing(L, handle);
  if (!handle->base)
    return true;
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_CLOSE_NAMED, kind, head->object);
  operation.failure = failure;
  return luashm_ask(L, &operation) != LUASHM_ANSWER_REFUSED;
}

/* event:close(), mutex:close() … -> true [, message] */
static int named_close(lua_State *L) {
  struct luashm_failure failure;
  uint32_t kind;
  const struct luashm_head *head = own_named(L, &kind);
  bool intact = close_named(L, head, kind, &failure);
  lua_pushboolean(L, true);
  if (intact)
    return 1;
  lua_warning(L, failure.message, 0);
  lua_pushstring(L, failure.message);
  return 2;
}

/* Nobody sees the results of __gc and __close, so a problem is reported by a
   warning. An object that was never opened only gives back its entry. */
int luashm_named_end(lua_State *L) {
  struct luashm_failure failure;
  uint32_t kind;
  const struct luashm_head *head = luashm_test_named(L, 1, &kind);
  if (!head)
    return 0;
  if (!close_named(L, head, kind, &failure))
    lua_warning(L, failure.message, 0);
  luashm_give_handle(head->object);
  return 0;
}

/* ---- looking ---- */

/* event:check(), mutex:check() … -> true, or nil, message, code */
static int named_check(lua_State *L) {
  struct luashm_failure failure;
  uint32_t kind;
  const struct luashm_head *head = own_named(L, &kind);
  if (!luashm_handle(head->object)->base)
    luashm_no_named(L, kind);
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_CHECK_NAMED, kind, head->object);
  operation.failure = &failure;
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, true);
  return 1;
}

/* event:name() … -> string, or nil for an object without one */
static int named_name(lua_State *L) {
  uint32_t kind;
  own_named(L, &kind);
  lua_getiuservalue(L, 1, NAMED_NAME);
  return 1;
}

/* "mutex of NAME (free)" */
int luashm_named_tostring(lua_State *L) {
  uint32_t number;
  const struct luashm_head *head = own_named(L, &number);
  const struct luashm_waitable *kind = luashm_waitable(number);
  const char *name = luashm_shown_name(L, 1); /* a finalizer may close it */
  const struct luashm_handle *object = luashm_handle(head->object);
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_NAMED_STATE, number, head->object);
  /* May be closed by now, as a world may let others run meanwhile. */
  if (!object->base || luashm_perform(L, &operation) != LUASHM_ANSWER_DONE ||
      !luashm_handle(head->object)->base) {
    lua_pushfstring(L, "%s of %s (closed)", kind->name, name);
    return 1;
  }
  kind->describe(L, plain_of(luashm_handle(head->object)),
                 (uint64_t)operation.result,
                 operation.b != 0);
  lua_pushfstring(L, "%s of %s (%s)", kind->name, name, lua_tostring(L, -1));
  return 1;
}

const luaL_Reg luashm_named_methods[] = {
    {"close", named_close},
    {"check", named_check},
    {"name", named_name},
    {NULL, NULL}};

const luaL_Reg luashm_named_metamethods[] = {{"__gc", luashm_named_end},
                                             {"__close", luashm_named_end},
                                             {"__tostring",
                                              luashm_named_tostring},
                                             {NULL, NULL}};
