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

int luashm_push_messages(lua_State *L, lua_CFunction next) {
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  for (int i = 1; i <= 3; i++)
    lua_pushvalue(L, lua_upvalueindex(i));
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, next, 4);
  lua_pushvalue(L, 1);
  return 2;
}

int luashm_end_messages(lua_State *L, int results) {
  int first = lua_gettop(L) - results + 1;
  enum { BROKEN_PIPE = 109 };
  bool is_over = results == 2 || lua_tointeger(L, first + 2) == BROKEN_PIPE;
  if (!is_over)
    luaL_error(L, "%s", lua_tostring(L, first + 1));
  lua_pushnil(L);
  return 1;
}
