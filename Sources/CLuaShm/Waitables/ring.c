/* What all kinds with a ring have in common: their operations that wait. */
#include "ring.h"

#include <string.h>

enum luashm_answer luashm_ask_ring(lua_State *L,
                                   struct luashm_ring_asking *asking,
                                   enum luashm_op op, uint32_t kind, int act,
                                   int timeout) {
  struct luashm_operation *operation = &asking->operation;
  *operation = luashm_on_named(op, kind, luashm_object_at(L, 1));
  operation->act = (uint8_t)act;
  operation->failure = &asking->failure;
  operation->waiting = &asking->waiting;
  operation->ring = &asking->call;
  if (timeout != 0)
    operation->timeout = luashm_check_timeout(L, timeout, &operation->seconds);
  const char *verb = luashm_verb(operation);
  asking->call.word = verb + strcspn(verb, ":") + 1;
  return luashm_ask(L, operation);
}

int luashm_ring_answered(lua_State *L,
                         const struct luashm_operation *operation) {
  if (operation->answer != LUASHM_ANSWER_TIMED_OUT)
    return luashm_answered(L, operation);
  lua_pushboolean(L, false);
  lua_pushliteral(L, "timeout");
  return 2;
}
