/* The userdata "shm.queue", and "shm.job", a message that was taken. */
#include "waitable.h"

#include "../Messages/messages.h"
#include "options.h"

#include <string.h>

enum {
  ACT_PUSH,
  ACT_PUSH_ALL,
  ACT_POP,
  ACT_POP_ALL,
  ACT_TAKE,
  ACT_DRAIN,
  ACT_DONE,
  ACT_BACK,
  ACT_FINISH,
  ACT_COUNT,
  ACT_FREE
};

static const struct luashm_act acts[] = {
    [ACT_PUSH] = {"queue:push", LUASHM_ACQUIRE},
    [ACT_PUSH_ALL] = {"queue:push_all", LUASHM_ACQUIRE},
    [ACT_POP] = {"queue:pop", LUASHM_ACQUIRE},
    [ACT_POP_ALL] = {"queue:pop_all", LUASHM_ACQUIRE},
    [ACT_TAKE] = {"queue:take", LUASHM_ACQUIRE},
    [ACT_DRAIN] = {"queue:drain", LUASHM_ACQUIRE},
    [ACT_DONE] = {"job:done", LUASHM_RELEASE},
    [ACT_BACK] = {"job:close", LUASHM_RELEASE},
    [ACT_FINISH] = {"queue:finish", LUASHM_RELEASE},
    [ACT_COUNT] = {"queue:__len", LUASHM_LOAD},
    [ACT_FREE] = {"queue:free", LUASHM_LOAD},
    {NULL}};

static struct luashm_handle *open_queue(lua_State *L) {
  return luashm_open_named(L, CSHM_QUEUE);
}

static struct cshm_ring *ring_of(const struct luashm_handle *queue) {
  return plain_of(queue)->ring;
}

/* The owner's mark, if this handle has the role already, in this process;
   0: the host decides. */
static uint32_t mark_for(const struct luashm_handle *queue, uint32_t role) {
  const struct cshm_named *plain = plain_of(queue);
  uint32_t has = plain->ring->roles & plain->claim->roles & role;
  return has ? (uint32_t)(cshm_claim_token(plain->claim) >> 32) : 0;
}

/* ---- pushing ---- */

/* Raises: no message is nil or false, so that what pop returns is never
   doubtful. */
static void check_message(lua_State *L, int index, int argument) {
  if (!lua_toboolean(L, index))
    luaL_argerror(L, argument,
                  lua_pushfstring(L, "%s is no message, as pop returns it for "
                                     "what is none; push a table",
                                  lua_isnil(L, index) ? "nil" : "false"));
}

static struct cops_message message_of_string(lua_State *L, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  return (struct cops_message){
      .bytes = (const unsigned char *)text,
      .length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length,
      .kind = CSHM_BYTES};
}

/* Strings as they are, anything else as MessagePack; it stays on the stack. */
static struct cops_message message_at(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TSTRING)
    return message_of_string(L, index);
  struct luashm_growing growing;
  check_message(L, index, index);
  luashm_begin_growing(L, &growing);
  luashm_append_value(&growing, index, index);
  return (struct cops_message){
      .bytes = growing.bytes,
      .length = growing.used > UINT32_MAX ? UINT32_MAX : (uint32_t)growing.used,
      .kind = CSHM_VALUE};
}

static bool pushes_at_once(struct luashm_handle *queue,
                           const struct cops_message *message) {
  struct cshm_ring *ring = ring_of(queue);
  uint32_t mark = mark_for(queue, CSHM_PUSHES);
  if (!luashm_is_fast(queue, CSHM_MAY_MODIFY) || mark == 0 ||
      message->length > cshm_ring_limit(ring->units))
    return false;
  struct cops_ring_call call = cops_push_call(mark, message, 1);
  return cops_ring_run(ring, &call) == COPS_RING_DONE;
}

/* Of the messages that are on the stack or among its bytes. */
static enum luashm_answer push_messages(lua_State *L,
                                        struct luashm_ring_asking *asking,
                                        int act) {
  bool collected = false;
  const struct luashm_ring_call call = asking->call;
  enum luashm_answer answer;
  do {
    asking->call = call;
    answer =
        luashm_ask_ring(L, asking, LUASHM_OP_RING_PUSH, CSHM_QUEUE, act, 3);
  } while (answer == LUASHM_ANSWER_REFUSED && asking->call.moved == 0 &&
           luashm_collects(L, asking->failure.code, &collected));
  return answer;
}

/* queue:push(value [, timeout]) -> true, or false, "timeout", or nil, message,
   code */
static int queue_push(lua_State *L) {
  open_queue(L);
  luashm_check_wait(L, 3);
  lua_settop(L, 3);
  struct cops_message message = message_at(L, 2);
  struct luashm_handle *queue = open_queue(L); /* a finalizer may close it */
  if (pushes_at_once(queue, &message))
    return luashm_done(L, queue, "push");
  struct luashm_ring_asking asking;
  asking.call = (struct luashm_ring_call){
      .act = LUASHM_RING_PUSH, .messages = &message, .count = 1};
  if (push_messages(L, &asking, ACT_PUSH) != LUASHM_ANSWER_DONE)
    return luashm_ring_answered(L, &asking.operation);
  lua_pushboolean(L, true);
  return 1;
}

/* Appends each message behind its place; leaves the places at the top. */
static struct cops_message *messages_of_list(lua_State *L, uint32_t *count) {
  lua_Unsigned length = lua_rawlen(L, 2);
  luaL_argcheck(L, length <= INT32_MAX / sizeof(struct cops_message), 2,
                "the list is too long");
  struct cops_message *messages = (struct cops_message *)(void *)
      luashm_push_scratch(L, (size_t)length * sizeof *messages + 1);
  struct luashm_growing growing;
  luashm_begin_growing(L, &growing);
  for (lua_Unsigned i = 0; i < length; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    int index = lua_gettop(L);
    size_t begin = growing.used;
    check_message(L, index, 2);
    bool is_string = lua_type(L, index) == LUA_TSTRING;
    if (is_string)
      luashm_append_bytes(&growing, luashm_bytes_at(L, index));
    else
      luashm_append_value(&growing, index, 2);
    size_t size = growing.used - begin;
    messages[i] = (struct cops_message){
        .bytes = (const unsigned char *)(uintptr_t)begin,
        .length = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
        .kind = is_string ? CSHM_BYTES : CSHM_VALUE};
    lua_settop(L, index - 1);
  }
  for (lua_Unsigned i = 0; i < length; i++) /* now they do not move any more */
    messages[i].bytes = growing.bytes + (uintptr_t)messages[i].bytes;
  *count = (uint32_t)length;
  return messages;
}

/* queue:push_all(list [, timeout]) -> how many [, "timeout"], or nil, message,
   code */
static int queue_push_all(lua_State *L) {
  struct luashm_ring_asking asking;
  open_queue(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  luashm_check_wait(L, 3);
  lua_settop(L, 3);
  asking.call = (struct luashm_ring_call){.act = LUASHM_RING_PUSH};
  asking.call.messages = messages_of_list(L, &asking.call.count);
  open_queue(L);
  enum luashm_answer answer = push_messages(L, &asking, ACT_PUSH_ALL);
  bool is_late = answer == LUASHM_ANSWER_TIMED_OUT;
  if (answer != LUASHM_ANSWER_DONE && !is_late)
    return luashm_ring_answered(L, &asking.operation);
  lua_pushinteger(L, asking.call.moved);
  if (is_late)
    lua_pushliteral(L, "timeout");
  return is_late ? 2 : 1;
}

/* ---- what was popped and is not handed out yet ---- */

/* Private memory of a handle. While its bytes become a value, which may raise
   for want of memory, the message stays here and is the next one. */
struct held {
  size_t capacity;
  uint64_t at;   /* of the next message */
  uint32_t left; /* messages */
  bool is_read;  /* one becomes a value, or became none */
  bool is_taken; /* it is a job's, which gives it back */
  unsigned char bytes[];
};

static struct held *held_by(const struct luashm_handle *queue) {
  return queue->block;
}

static void resize(lua_State *L, struct luashm_handle *queue, size_t capacity) {
  void *context;
  lua_Alloc allocate = lua_getallocf(L, &context);
  struct held *held = queue->block;
  size_t size = capacity ? sizeof *held + capacity : 0;
  struct held *resized = allocate(context, held, queue->block_size, size);
  if (size != 0 && !resized)
    luaL_error(L, "not enough memory for a message of %I bytes",
               (lua_Integer)capacity);
  queue->block = resized;
  queue->block_size = size;
  if (!resized)
    return;
  if (!held)
    *resized = (struct held){0};
  resized->capacity = capacity;
}

static int queue_pop(lua_State *), queue_pop_all(lua_State *),
    queue_take(lua_State *), next_message(lua_State *);

/* Does a call of the module below this one read what the queue at stack index 1
   holds? Then this is a finalizer that ran meanwhile. */
static bool is_nested(lua_State *L) {
  lua_Debug call;
  bool found = false;
  for (int level = 1; !found && lua_getstack(L, level, &call); level++) {
    lua_getinfo(L, "f", &call);
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    if (function != queue_pop && function != queue_pop_all &&
        function != queue_take && function != next_message)
      continue;
    if (lua_getlocal(L, &call, 1)) {
      found = lua_rawequal(L, -1, 1);
      lua_pop(L, 1);
    }
  }
  return found;
}

/* The queue's private memory, with at least so many bytes. */
static struct held *prepare(lua_State *L, struct luashm_handle *queue,
                            size_t capacity) {
  struct held *held = held_by(queue);
  if (held && held->is_read) {
    if (is_nested(L))
      luaL_error(L, "attempt to pop in a finalizer, in the midst of a pop of "
                    "the same queue");
    held->is_read = false; /* memory ran out then */
    if (held->is_taken)
      held->left = 0;
  }
  if (!held || held->capacity < capacity)
    resize(L, queue, capacity);
  return held_by(queue);
}

static void give_held(lua_State *L, struct luashm_handle *queue) {
  const struct held *held = held_by(queue);
  if (!held)
    return;
  if (held->is_read && is_nested(L)) /* its reader gives it back */
    queue->block = NULL;
  else
    resize(L, queue, 0);
}

/* Pushes the value of the next message; false: pushes nil, why, 13. */
static bool push_next(lua_State *L, struct luashm_object object) {
  struct held *held = held_by(luashm_handle(object));
  struct cops_popped popped;
  memcpy(&popped, held->bytes + held->at, sizeof popped);
  const unsigned char *bytes = held->bytes + held->at + sizeof popped;
  const char *problem = NULL;
  held->is_read = true;
  if (popped.kind == CSHM_BYTES)
    lua_pushlstring(L, (const char *)bytes, popped.length);
  else if (popped.kind == CSHM_VALUE)
    problem = luashm_push_message(L, bytes, popped.length);
  else
    problem = "it is of a kind that this version does not know";
  held->is_read = false;
  held->at = (held->at + sizeof popped + popped.length + 7) & ~(uint64_t)7;
  held->left--;
  if (luashm_handle(object)->block != held) { /* it was closed meanwhile */
    void *context;
    lua_Alloc allocate = lua_getallocf(L, &context);
    allocate(context, held, sizeof *held + held->capacity, 0);
  }
  if (!problem)
    return true;
  struct luashm_failure failure = {.code = 13};
  lua_pushfstring(L, "pop %s: ERROR_INVALID_DATA (13): not a value: %s",
                  luashm_shown_name(L, 1), problem);
  strncpy(failure.message, lua_tostring(L, -1), sizeof failure.message - 1);
  lua_pop(L, 2);
  luashm_refuse(L, &failure);
  return false;
}

/* ---- popping ---- */

enum { FIRST_ROOM = 4080 };

static bool pops_at_once(struct luashm_handle *queue, struct held *held,
                         uint32_t wanted) {
  uint32_t mark = mark_for(queue, CSHM_POPS);
  if (!luashm_is_fast(queue, CSHM_MAY_WAIT) || mark == 0)
    return false;
  struct cops_ring_call call =
      cops_pop_call(mark, held->bytes, held->capacity, wanted);
  call.never_asks = true;
  if (cops_ring_run(ring_of(queue), &call) != COPS_RING_DONE)
    return false;
  held->at = 0;
  held->left = call.count;
  held->is_taken = false;
  return true;
}

/* Pops or takes into the queue's private memory, which grows as it must. */
static enum luashm_answer pop_messages(lua_State *L,
                                       struct luashm_ring_asking *asking,
                                       enum luashm_ring_act what,
                                       uint32_t wanted, int act, int timeout) {
  enum luashm_answer answer;
  size_t capacity = FIRST_ROOM;
  bool collected = false, is_again;
  do {
    struct held *held = prepare(L, open_queue(L), capacity);
    asking->call = (struct luashm_ring_call){.act = what,
                                             .room = held->bytes,
                                             .capacity = held->capacity,
                                             .count = wanted};
    answer = luashm_ask_ring(L, asking, LUASHM_OP_RING_POP, CSHM_QUEUE, act,
                             timeout);
    is_again = asking->call.too_small;
    if (is_again)
      capacity = (size_t)asking->call.filled;
    else if (answer == LUASHM_ANSWER_REFUSED)
      is_again = luashm_collects(L, asking->failure.code, &collected);
  } while (is_again);
  if (answer == LUASHM_ANSWER_DONE) {
    struct held *held = held_by(luashm_handle(asking->operation.object));
    held->at = 0;
    held->left = asking->call.moved;
    held->is_taken = what == LUASHM_RING_TAKE;
  }
  return answer;
}

/* queue:pop([timeout]) -> value, or false, "timeout", or nil, message, code */
static int queue_pop(lua_State *L) {
  struct luashm_handle *queue = open_queue(L);
  luashm_check_wait(L, 2);
  struct held *held = prepare(L, queue, FIRST_ROOM);
  if (held->left == 0 && !pops_at_once(queue, held, 1)) {
    struct luashm_ring_asking asking;
    if (pop_messages(L, &asking, LUASHM_RING_POP, 1, ACT_POP, 2) !=
        LUASHM_ANSWER_DONE)
      return luashm_ring_answered(L, &asking.operation);
  }
  if (cshm_lost(plain_of(queue)->guard))
    return luashm_lost_named(L, "pop");
  return push_next(L, luashm_object_at(L, 1)) ? 1 : 3;
}

/* Moves what is held to the list at stack index 4, up to `most` values there. A
   message that is none stays for the next call, unless it is the first: then
   this pushes nil, why, 13, and returns false. */
static bool list_held(lua_State *L, lua_Integer most) {
  struct luashm_object object = luashm_object_at(L, 1);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 4);
  for (; count < most; count++) {
    struct held *held = held_by(luashm_handle(object));
    if (!held || held->left == 0)
      return true;
    const struct held before = *held;
    if (!push_next(L, object)) {
      if (count == 0)
        return false;
      lua_pop(L, 3);
      held->at = before.at;
      held->left = before.left;
      return true;
    }
    lua_rawseti(L, 4, count + 1);
  }
  return true;
}

static uint32_t left_to_pop(lua_State *L, lua_Integer most) {
  lua_Integer left = most - (lua_Integer)lua_rawlen(L, 4);
  return left > INT32_MAX ? INT32_MAX : (uint32_t)left;
}

/* queue:pop_all([most [, timeout]]) -> list, or false, "timeout", or nil,
   message, code */
static int queue_pop_all(lua_State *L) {
  struct luashm_ring_asking asking;
  open_queue(L);
  lua_Integer most = luaL_optinteger(L, 2, INT32_MAX);
  luaL_argcheck(L, most >= 1, 2, "at least one message is popped");
  luashm_check_wait(L, 3);
  lua_settop(L, 3);
  lua_newtable(L);
  lua_Integer there = cops_ring_count(ring_of(open_queue(L)));
  for (;;) {
    struct luashm_handle *queue = open_queue(L);
    struct held *held = prepare(L, queue, FIRST_ROOM);
    uint32_t wanted = left_to_pop(L, most);
    lua_Integer begun = (lua_Integer)lua_rawlen(L, 4);
    if (held->left == 0 && !pops_at_once(queue, held, wanted) &&
        pop_messages(L, &asking, LUASHM_RING_POP, wanted, ACT_POP_ALL,
                     begun ? 0 : 3) != LUASHM_ANSWER_DONE) {
      if (begun > 0)
        break; /* what is wrong the next call says */
      return luashm_ring_answered(L, &asking.operation);
    }
    if (cshm_lost(plain_of(queue)->guard))
      return luashm_lost_named(L, "pop_all");
    if (!list_held(L, most))
      return 3;
    lua_Integer count = (lua_Integer)lua_rawlen(L, 4);
    held = held_by(luashm_handle(luashm_object_at(L, 1)));
    if (!held || held->left > 0 || count >= most || count >= there)
      break;
  }
  lua_settop(L, 4);
  return 1;
}

/* The iterator of messages. Upvalue 4: the timeout. */
static int next_message(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(4));
  int results = queue_pop(L);
  int first = lua_gettop(L) - results + 1;
  if (results < 2)
    return results;
  enum { BROKEN_PIPE = 109 };
  bool is_over = results == 2 || lua_tointeger(L, first + 2) == BROKEN_PIPE;
  if (!is_over)
    luaL_error(L, "%s", lua_tostring(L, first + 1));
  lua_pushnil(L);
  return 1;
}

/* queue:messages([timeout]) -> iterator, queue */
static int queue_messages(lua_State *L) {
  open_queue(L);
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  for (int i = 1; i <= 3; i++)
    lua_pushvalue(L, lua_upvalueindex(i));
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, next_message, 4);
  lua_pushvalue(L, 1);
  return 2;
}

/* ---- the end ---- */

/* queue:finish() -> true, or nil, message, code */
static int queue_finish(lua_State *L) {
  open_queue(L);
  return luashm_named_act(L, CSHM_QUEUE, ACT_FINISH, luashm_object_at(L, 1));
}

/* queue:drain([timeout]) -> true, or false, "timeout", or nil, message, code */
static int queue_drain(lua_State *L) {
  struct luashm_ring_asking asking;
  open_queue(L);
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  asking.call = (struct luashm_ring_call){.act = LUASHM_RING_DRAIN};
  if (luashm_ask_ring(L, &asking, LUASHM_OP_RING_DRAIN, CSHM_QUEUE, ACT_DRAIN,
                      2) != LUASHM_ANSWER_DONE)
    return luashm_ring_answered(L, &asking.operation);
  lua_pushboolean(L, true);
  return 1;
}

/* ---- looking ---- */

static int look(lua_State *L, int act) {
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_ACT_ON_NAMED, CSHM_QUEUE, luashm_object_at(L, 1));
  operation.act = (uint8_t)act;
  luashm_perform(L, &operation);
  lua_pushinteger(L, operation.result);
  return 1;
}

static bool is_near(const struct luashm_handle *queue) {
  return luashm_is_fast(queue, CSHM_MAY_WAIT | CSHM_MAY_MODIFY) &&
         !cshm_lost(plain_of(queue)->guard);
}

/* #queue -> messages */
static int queue_count(lua_State *L) {
  const struct luashm_handle *queue = open_queue(L);
  if (!is_near(queue))
    return look(L, ACT_COUNT);
  lua_pushinteger(L, cops_ring_count(ring_of(queue)));
  return 1;
}

/* queue:free() -> bytes */
static int queue_free(lua_State *L) {
  const struct luashm_handle *queue = open_queue(L);
  if (!is_near(queue))
    return look(L, ACT_FREE);
  lua_pushinteger(L, (lua_Integer)cops_ring_free(ring_of(queue)));
  return 1;
}

/* queue:capacity() -> bytes */
static int queue_capacity(lua_State *L) {
  lua_pushinteger(L, plain_of(open_queue(L))->limit);
  return 1;
}

/* queue:limit() -> bytes of the largest message */
static int queue_limit(lua_State *L) {
  lua_pushinteger(L, cshm_ring_limit(ring_of(open_queue(L))->units));
  return 1;
}

static void describe(lua_State *L, const struct cshm_named *plain,
                     uint64_t state, bool ours) {
  (void)state, (void)ours;
  uint32_t count = cops_ring_count(plain->ring);
  lua_pushfstring(L, "%I message%s, %I of %I bytes free", (lua_Integer)count,
                  count == 1 ? "" : "s",
                  (lua_Integer)cops_ring_free(plain->ring),
                  (lua_Integer)plain->limit);
}

/* ---- jobs ---- */

enum { TYPE_JOB = TYPE_COMPANION + CSHM_QUEUE };

/* The first user value is the name, the second the queue. */
enum { JOB_QUEUE = 2 };

/* It has an entry of its own, with the token, until it is settled. */
struct job {
  struct luashm_head head;
  struct luashm_object queue;
};

static struct luashm_handle *entry_of(const struct job *job) {
  return luashm_handle(job->head.object);
}

/* False for a forked child's copy, too. */
static bool is_open(const struct job *job) {
  return entry_of(job)->place == cshm_generation();
}

/* Pushes a job that has taken nothing yet from the queue at stack index 1. */
static const struct job *push_job(lua_State *L) {
  struct job *job = luashm_push_new(L, TYPE_JOB, sizeof *job, JOB_QUEUE);
  lua_getiuservalue(L, 1, NAMED_NAME);
  lua_setiuservalue(L, -2, NAMED_NAME);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, JOB_QUEUE);
  job->queue = luashm_object_at(L, 1);
  job->head.object = luashm_take(L);
  if (job->head.object.index == 0)
    luaL_error(L, "not enough memory for another job");
  return job;
}

static void has_taken(const struct job *job,
                      const struct luashm_ring_call *call) {
  struct luashm_handle *entry = entry_of(job);
  entry->size = (size_t)call->token;
  entry->access = call->tries;
  entry->place = cshm_generation();
}

/* Performs the act on the job's message; forgets it unless it may be tried
   again. The value at stack index 1 has the queue's name. */
static int settle(lua_State *L, const struct job *job, int act) {
  enum { BUSY = 170 };
  uint64_t token = entry_of(job)->size;
  bool is_taken = is_open(job) && luashm_handle(job->queue)->base;
  if (!is_taken) {
    luashm_give_handle(job->head.object);
    lua_pushboolean(L, act == ACT_BACK);
    return 1;
  }
  struct luashm_failure failure;
  struct luashm_operation operation =
      luashm_on_named(LUASHM_OP_ACT_ON_NAMED, CSHM_QUEUE, job->queue);
  operation.act = (uint8_t)act;
  operation.a = (int64_t)token;
  operation.failure = &failure;
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE) {
    if (operation.answer != LUASHM_ANSWER_REFUSED || failure.code != BUSY)
      luashm_give_handle(job->head.object);
    return luashm_answered(L, &operation);
  }
  luashm_give_handle(job->head.object);
  lua_pushboolean(L, true);
  return 1;
}

/* queue:take([timeout]) -> job, value, or false, "timeout", or nil, message,
   code */
static int queue_take(lua_State *L) {
  struct luashm_ring_asking asking;
  open_queue(L);
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  struct held *held = prepare(L, open_queue(L), FIRST_ROOM);
  if (held->left > 0) /* a pop ran out of memory: first that message */
    return luaL_error(L, "attempt to take before the message that a pop could "
                         "not return is popped");
  const struct job *job = push_job(L);
  if (pop_messages(L, &asking, LUASHM_RING_TAKE, 1, ACT_TAKE, 2) !=
      LUASHM_ANSWER_DONE) {
    luashm_give_handle(job->head.object);
    return luashm_ring_answered(L, &asking.operation);
  }
  has_taken(job, &asking.call);
  if (cshm_lost(plain_of(open_queue(L))->guard))
    return luashm_lost_named(L, "take");
  if (push_next(L, asking.operation.object))
    return 2;
  settle(L, job, ACT_DONE); /* it would come back again and again */
  lua_pop(L, 1);
  return 3;
}

static const struct job *own_job(lua_State *L) {
  return luashm_own(L, TYPE_JOB);
}

/* job:done() -> true, or nil, message, code */
static int job_done(lua_State *L) {
  const struct job *job = own_job(L);
  if (!is_open(job))
    return luaL_error(L, "attempt to use a settled job (of %s)",
                      luashm_shown_name(L, 1));
  lua_settop(L, 1);
  return settle(L, job, ACT_DONE);
}

/* job:close() -> true, or nil, message, code: gives it back, if it is not done;
   harmless when repeated, or when the queue is closed */
static int job_close(lua_State *L) {
  const struct job *job = own_job(L);
  lua_settop(L, 1);
  return settle(L, job, ACT_BACK);
}

/* job:tries() -> how often the message was taken, this time included */
static int job_tries(lua_State *L) {
  const struct job *job = own_job(L);
  if (!is_open(job))
    return luaL_error(L, "attempt to use a settled job (of %s)",
                      luashm_shown_name(L, 1));
  lua_pushinteger(L, entry_of(job)->access);
  return 1;
}

static int job_end(lua_State *L) {
  if (luashm_marked(L, 1, TYPE_JOB))
    settle(L, lua_touserdata(L, 1), ACT_BACK);
  return 0;
}

static int job_tostring(lua_State *L) {
  const struct job *job = own_job(L);
  const char *name = luashm_shown_name(L, 1);
  if (is_open(job))
    lua_pushfstring(L, "job of %s (try %I)", name,
                    (lua_Integer)entry_of(job)->access);
  else
    lua_pushfstring(L, "job of %s (settled)", name);
  return 1;
}

static const luaL_Reg job_methods[] = {{"done", job_done},
                                       {"close", job_close},
                                       {"tries", job_tries},
                                       {NULL, NULL}};

static const luaL_Reg job_metamethods[] = {{"__gc", job_end},
                                           {"__close", job_end},
                                           {"__tostring", job_tostring},
                                           {NULL, NULL}};

static const struct luashm_class jobs = {.name = "shm.job",
                                         .methods = {job_methods},
                                         .metamethods = job_metamethods};

/* ---- */

static const luaL_Reg methods[] = {
    {"push", queue_push},         {"push_all", queue_push_all},
    {"pop", queue_pop},           {"pop_all", queue_pop_all},
    {"take", queue_take},         {"messages", queue_messages},
    {"finish", queue_finish},     {"drain", queue_drain},
    {"free", queue_free},         {"capacity", queue_capacity},
    {"limit", queue_limit},       {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", luashm_named_end},
                                       {"__close", luashm_named_end},
                                       {"__tostring", luashm_named_tostring},
                                       {"__len", queue_count},
                                       {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"put", "push"},   {"send", "push"},    {"enqueue", "push"},
    {"get", "pop"},    {"receive", "pop"},  {"dequeue", "pop"},
    {"recv", "pop"},   {"shutdown", "finish"}, {"join", "drain"},
    {"size", "capacity"}, {NULL, NULL}};

static const struct luashm_class class = {
    .name = "shm.queue",
    .methods = {methods, luashm_named_methods},
    .metamethods = metamethods,
    .synonyms = synonyms};

static const struct luashm_word accesses[] = {
    {"all", CSHM_MAY_WAIT | CSHM_MAY_MODIFY},
    {"push", CSHM_MAY_MODIFY},
    {"pop", CSHM_MAY_WAIT},
    {NULL, 0}};

const struct luashm_waitable luashm_queue_kind = {
    .number = CSHM_QUEUE,
    LUASHM_NAMED("queue"),
    .plural = "queues",
    .values = {{"bytes"}},
    .acts = acts,
    .accesses = accesses,
    .class = &class,
    .companion = &jobs,
    .closing = give_held,
    .describe = describe};
