#include "perform.h"

#include "../Waitables/waitable.h"
#include "../module.h"
#include "../waiting.h"

#include <string.h>

static const char *const verbs[] = {
#define OPERATION(id, verb, kind, waits) verb,
#include "operations.def"
#undef OPERATION
};

static const char *const scalars[] = {
    [LUASHM_U8] = "view:u8",   [LUASHM_I8] = "view:i8",
    [LUASHM_U16] = "view:u16", [LUASHM_I16] = "view:i16",
    [LUASHM_U32] = "view:u32", [LUASHM_I32] = "view:i32",
    [LUASHM_U64] = "view:u64", [LUASHM_I64] = "view:i64",
    [LUASHM_F32] = "view:f32", [LUASHM_F64] = "view:f64"};

static const char *text_verb(uint16_t unit) {
  return unit == 1 ? "view:text" : unit == 2 ? "view:utf16" : "view:utf32";
}

static const char *verb_of_named(const struct luashm_operation *operation) {
  const struct luashm_waitable *kind = luashm_waitable(operation->waitable);
  switch (kind ? operation->op : LUASHM_OPS) {
  case LUASHM_OP_CREATE_NAMED:
    return kind->create;
  case LUASHM_OP_OPEN_NAMED:
    return kind->open;
  case LUASHM_OP_CLOSE_NAMED:
    return kind->close;
  case LUASHM_OP_CHECK_NAMED:
    return kind->check;
  case LUASHM_OP_WAIT_FOR_NAMED:
  case LUASHM_OP_ACT_ON_NAMED:
  case LUASHM_OP_RING_PUSH:
  case LUASHM_OP_RING_POP:
  case LUASHM_OP_RING_PEEK:
  case LUASHM_OP_RING_DRAIN:
  case LUASHM_OP_NOW:
    return kind->acts[operation->act].verb;
  default:
    return verbs[operation->op];
  }
}

const char *luashm_verb(const struct luashm_operation *operation) {
  if (operation->op == LUASHM_OP_WAIT_SEVERAL &&
      operation->act == LUASHM_WAIT_FOR_PROCESS)
    return "process:wait";
  bool is_asked_by_kind = operation->op == LUASHM_OP_NOW && operation->waitable;
  if (luashm_is_of_named(operation) || is_asked_by_kind)
    return verb_of_named(operation);
  switch (operation->op) {
  case LUASHM_OP_LOAD:
  case LUASHM_OP_STORE:
    return scalars[operation->type];
  case LUASHM_OP_LOAD_NUMBERS:
  case LUASHM_OP_STORE_NUMBERS:
    return operation->record ? "record:numbers" : verbs[operation->op];
  case LUASHM_OP_LOAD_TEXT:
  case LUASHM_OP_STORE_TEXT:
    return text_verb(operation->type);
  default:
    return verbs[operation->op];
  }
}

/* A draft has no world, but the view from which it is copied has one. */
static struct luashm_world *world_of(const struct luashm_operation *operation) {
  if (operation->object.index == 0)
    return operation->host->world;
  struct luashm_world *world = luashm_handle(operation->object)->world;
  if (!world && operation->source.index != 0)
    world = luashm_handle(operation->source)->world;
  return world;
}

enum luashm_answer luashm_ask(lua_State *L,
                              struct luashm_operation *operation) {
  return luashm_ask_host(L, host_of(L), operation);
}

enum luashm_answer luashm_ask_host(lua_State *L, struct luashm_host *host,
                                   struct luashm_operation *operation) {
  operation->state = L;
  operation->host = host;
  if (operation->subject == 0)
    operation->subject = 1;
  operation->answer = LUASHM_ANSWER_DONE;
  operation->holds = true;
  operation->misuse = NULL;
  if (operation->waiting) /* a world may interrupt what has not begun */
    *operation->waiting = (struct luashm_waiting){0};
  luashm_pass_on(world_of(operation), operation);
  if (operation->misuse) /* here no world is on the stack */
    luaL_error(L, "%s", operation->misuse);
  return operation->answer;
}

enum luashm_answer luashm_ask_again(lua_State *L,
                                    struct luashm_operation *operation) {
  bool collected = false;
  while (luashm_ask(L, operation) == LUASHM_ANSWER_REFUSED &&
         luashm_collects(L, operation->failure->code, &collected))
    ;
  return operation->answer;
}

/* The word of "view:u32" for messages: "u32". Fields have no method. */
static const char *word_of(const struct luashm_operation *operation) {
  switch (operation->op) {
  case LUASHM_OP_FIELD_LOAD:
  case LUASHM_OP_FIELD_READ:
    return "read";
  case LUASHM_OP_FIELD_STORE:
  case LUASHM_OP_FIELD_WRITE:
    return "write";
  default: {
    const char *verb = luashm_verb(operation);
    return verb + strcspn(verb, ":.") + 1;
  }
  }
}

int luashm_answered(lua_State *L, const struct luashm_operation *operation) {
  int subject = operation->subject;
  if (luashm_is_of_named(operation))
    return luashm_named_answered(L, operation);
  switch (operation->answer) {
  case LUASHM_ANSWER_REFUSED:
    return luashm_refuse(L, operation->failure);
  case LUASHM_ANSWER_GONE:
    return luashm_lost(L, subject, word_of(operation));
  case LUASHM_ANSWER_CLOSED:
    return luashm_closed_view(L, subject);
  case LUASHM_ANSWER_INTERRUPTED:
    return luashm_stop(L, operation->waiting);
  default:
    return 0;
  }
}

enum luashm_answer luashm_perform(lua_State *L,
                                  struct luashm_operation *operation) {
  struct luashm_failure failure;
  operation->failure = &failure;
  switch (luashm_ask(L, operation)) {
  case LUASHM_ANSWER_REFUSED:
    luaL_error(L, "%s", failure.message);
    break;
  case LUASHM_ANSWER_GONE:
  case LUASHM_ANSWER_CLOSED:
    luashm_answered(L, operation);
    break;
  default:
    break;
  }
  return operation->answer;
}
