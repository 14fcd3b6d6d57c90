/* What all kinds with a ring have in common: their operations that wait. */
#include "ring.h"

#include <string.h>

/* ---- by steps ---- */

bool luashm_ring_goes_by_steps(const struct luashm_handle *handle) {
  return handle->world && handle->world->goes_by_steps &&
         handle->world->goes_by_steps();
}

/* The role that the operation takes and this handle has not yet; 0: none. */
static uint32_t lacking_role(const struct luashm_operation *operation) {
  const struct cshm_named *plain = plain_of(luashm_handle(operation->object));
  switch (operation->ring->act) {
  case LUASHM_RING_PUSH:
    return CSHM_PUSHES & ~plain->ring->roles;
  case LUASHM_RING_POP:
  case LUASHM_RING_TAKE:
    return CSHM_POPS & ~plain->ring->roles;
  case LUASHM_RING_PUBLISH:
    return CSHM_PUSHES & ~plain->broadcast->roles;
  default:
    return 0;
  }
}

/* An operation that moves no message makes its handle a producer, or a
   consumer: as one that may be killed then, or has to wait. */
static enum luashm_answer begin(lua_State *L,
                                struct luashm_ring_asking *asking) {
  const struct luashm_operation operation = asking->operation;
  const struct luashm_ring_call call = asking->call;
  if (lacking_role(&operation) == 0)
    return LUASHM_ANSWER_DONE;
  asking->call.count = 0;
  if (call.act == LUASHM_RING_TAKE)
    asking->call.act = LUASHM_RING_POP;
  asking->operation.timeout = 0;
  enum luashm_answer answer = luashm_ask(L, &asking->operation);
  if (answer != LUASHM_ANSWER_DONE)
    return answer;
  asking->operation = operation;
  asking->call = call;
  asking->call.continues = true;
  return answer;
}

/* Messages too long are refused before the first one goes in. */
static bool all_fit(const struct luashm_ring_asking *asking) {
  const struct cshm_named *plain =
      plain_of(luashm_handle(asking->operation.object));
  uint32_t limit = asking->call.act == LUASHM_RING_PUSH
                       ? cshm_ring_limit(plain->ring->units)
                       : cshm_broadcast_limit(plain->broadcast->units);
  for (uint32_t i = 0; i < asking->call.count; i++)
    if (asking->call.messages[i].length > limit)
      return false;
  return true;
}

static enum luashm_answer push_by_steps(lua_State *L,
                                        struct luashm_ring_asking *asking) {
  const struct luashm_operation operation = asking->operation;
  const struct luashm_ring_call call = asking->call;
  if (!all_fit(asking))
    return luashm_ask(L, &asking->operation);
  enum luashm_answer answer = LUASHM_ANSWER_DONE;
  for (uint32_t i = 0; i < call.count && answer == LUASHM_ANSWER_DONE; i++) {
    asking->operation = operation;
    asking->call = call;
    asking->call.messages = call.messages + i;
    asking->call.count = 1;
    asking->call.continues = call.continues || i > 0;
    answer = luashm_ask(L, &asking->operation);
    asking->call.moved = i + (answer == LUASHM_ANSWER_DONE);
  }
  return answer;
}

/* The first message is waited for; then what is there. */
static enum luashm_answer pop_by_steps(lua_State *L,
                                       struct luashm_ring_asking *asking) {
  const struct luashm_operation operation = asking->operation;
  const struct luashm_ring_call call = asking->call;
  uint64_t filled = 0;
  bool is_cut = false;
  for (uint32_t moved = 0; moved < call.count; moved++) {
    uint64_t begin = (filled + 7) & ~(uint64_t)7;
    is_cut = begin + sizeof(struct cops_popped) > call.capacity;
    if (is_cut)
      break;
    struct luashm_ring_asking first = *asking;
    asking->operation = operation;
    asking->call = call;
    asking->call.room = call.room + begin;
    asking->call.capacity = call.capacity - begin;
    asking->call.count = 1;
    if (moved > 0) {
      asking->operation.timeout = 0;
      asking->call.continues = true;
    }
    enum luashm_answer answer = luashm_ask(L, &asking->operation);
    bool has_popped =
        answer == LUASHM_ANSWER_DONE && !asking->call.too_small;
    if (!has_popped && moved == 0)
      return answer;
    if (!has_popped) {
      is_cut = asking->call.too_small;
      *asking = first;
      break;
    }
    filled = begin + asking->call.filled;
    asking->call.moved = moved + 1;
  }
  asking->call.filled = filled;
  asking->call.is_cut = is_cut;
  asking->operation.result = asking->call.moved;
  return LUASHM_ANSWER_DONE;
}

static enum luashm_answer ask_by_steps(lua_State *L,
                                       struct luashm_ring_asking *asking) {
  enum luashm_answer answer = begin(L, asking);
  if (answer != LUASHM_ANSWER_DONE || asking->call.count <= 1)
    return answer == LUASHM_ANSWER_DONE ? luashm_ask(L, &asking->operation)
                                        : answer;
  return asking->operation.op == LUASHM_OP_RING_PUSH ? push_by_steps(L, asking)
                                                     : pop_by_steps(L, asking);
}

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
  return luashm_ring_goes_by_steps(luashm_handle(operation->object))
             ? ask_by_steps(L, asking)
             : luashm_ask(L, operation);
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
