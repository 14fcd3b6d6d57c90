/* The userdata "shm.queue"; queue-jobs.c has the messages that were taken. */
#include "queue.h"

#include "options.h"

#include <stdio.h>
#include <string.h>

static const struct luashm_act acts[] = {
    [ACT_PUSH] = {"queue:push", LUASHM_ACQUIRE},
    [ACT_PUSH_ALL] = {"queue:push_all", LUASHM_ACQUIRE},
    [ACT_POP] = {"queue:pop", LUASHM_ACQUIRE},
    [ACT_POP_ALL] = {"queue:pop_all", LUASHM_ACQUIRE},
    [ACT_TAKE] = {"queue:take", LUASHM_ACQUIRE},
    [ACT_PEEK] = {"queue:peek", LUASHM_LOAD},
    [ACT_DRAIN] = {"queue:drain", LUASHM_ACQUIRE},
    [ACT_DONE] = {"job:done", LUASHM_RELEASE},
    [ACT_BACK] = {"job:close", LUASHM_RELEASE},
    [ACT_CLEAR] = {"queue:clear", LUASHM_RELEASE},
    [ACT_FINISH] = {"queue:finish", LUASHM_RELEASE},
    [ACT_COUNT] = {"queue:__len", LUASHM_LOAD},
    [ACT_FREE] = {"queue:free", LUASHM_LOAD},
    {NULL}};

static struct luashm_handle *open_queue(lua_State *L) {
  return luashm_open_named(L, CSHM_QUEUE);
}

static int queue_pop(lua_State *), queue_pop_all(lua_State *),
    queue_peek(lua_State *), next_message(lua_State *);

const lua_CFunction luashm_queue_readers[] = {
    queue_pop,    queue_pop_all,     queue_peek,
    next_message, luashm_queue_take, luashm_queue_next_job,
    NULL};

static struct luashm_popped *prepare(lua_State *L, struct luashm_handle *queue,
                                     size_t capacity) {
  return luashm_prepare(L, queue, capacity, luashm_queue_readers);
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

static const struct luashm_outgoing outgoing = {"pop", "push"};

/* How many are in the ring now, without a question to the host. */
static uint32_t push_at_once(struct luashm_handle *queue,
                             const struct cops_message *messages,
                             uint32_t count) {
  struct cshm_ring *ring = ring_of(queue);
  uint32_t mark = mark_for(queue, CSHM_PUSHES);
  if (!luashm_is_fast(queue, CSHM_MAY_MODIFY) || mark == 0)
    return 0;
  uint32_t limit = cshm_ring_limit(ring->units);
  for (uint32_t i = 0; i < count; i++)
    if (messages[i].length > limit)
      return 0;
  return cops_ring_push_at_once(ring, mark, messages, count);
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

/* A string needs no memory: it is pushed at once if there is room. */
static bool pushes_string(lua_State *L, struct luashm_handle *queue) {
  if (lua_gettop(L) != 2 || lua_type(L, 2) != LUA_TSTRING)
    return false;
  struct cops_message message = luashm_message_of_string(L, 2);
  return push_at_once(queue, &message, 1) == 1;
}

static int push_value(lua_State *L) {
  luashm_check_wait(L, 3);
  lua_settop(L, 3);
  struct luashm_growing growing;
  struct cops_message message = luashm_message_at(L, 2, &growing, &outgoing);
  struct luashm_handle *queue = open_queue(L); /* a finalizer may close it */
  if (push_at_once(queue, &message, 1) == 1)
    return luashm_done(L, queue, "push");
  struct luashm_ring_asking asking;
  asking.call = (struct luashm_ring_call){
      .act = LUASHM_RING_PUSH, .messages = &message, .count = 1};
  if (push_messages(L, &asking, ACT_PUSH) != LUASHM_ANSWER_DONE)
    return luashm_ring_answered(L, &asking.operation);
  lua_pushboolean(L, true);
  return 1;
}

/* queue:push(value [, timeout]) -> true, or false, "timeout", or nil, message,
   code */
static int queue_push(lua_State *L) {
  struct luashm_handle *queue = open_queue(L);
  return pushes_string(L, queue) ? luashm_done(L, queue, "push")
                                 : push_value(L);
}

enum { MOST_AT_ONCE = 64 };

/* What push_all may return behind how many, pushed before it pushes anything:
   if memory ran out afterwards nobody would learn what is in the ring. */
enum { LATE = 4 };

static int pushed(lua_State *L, lua_Integer count, bool is_late) {
  lua_pushinteger(L, count);
  if (is_late)
    lua_pushvalue(L, LATE);
  return is_late ? 2 : 1;
}

/* Only a part was pushed: how many, and what nil, message, code say. */
static int pushed_partly(lua_State *L, lua_Integer count,
                         const struct luashm_operation *operation) {
  int results = luashm_ring_answered(L, operation);
  lua_pushinteger(L, count);
  lua_replace(L, -results - 1);
  return results;
}

/* Pushes the messages behind the first ones, which are in the ring. */
static int push_others(lua_State *L, const struct cops_message *messages,
                       uint32_t all, uint32_t first) {
  struct luashm_ring_asking asking;
  asking.call = (struct luashm_ring_call){.act = LUASHM_RING_PUSH,
                                          .messages = messages + first,
                                          .count = all - first};
  enum luashm_answer answer = push_messages(L, &asking, ACT_PUSH_ALL);
  bool is_late = answer == LUASHM_ANSWER_TIMED_OUT;
  bool is_ended = answer == LUASHM_ANSWER_DONE || is_late;
  lua_Integer count = (lua_Integer)first + asking.call.moved;
  if (!is_ended && (count == 0 || answer != LUASHM_ANSWER_REFUSED))
    return luashm_ring_answered(L, &asking.operation);
  return is_ended ? pushed(L, count, is_late)
                  : pushed_partly(L, count, &asking.operation);
}

/* queue:push_all(list [, timeout]) -> how many [, "timeout", or message, code],
   or nil, message, code */
static int queue_push_all(lua_State *L) {
  struct cops_message strings[MOST_AT_ONCE];
  struct luashm_handle *queue = open_queue(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  luashm_check_wait(L, 3);
  lua_settop(L, LATE - 1);
  lua_pushliteral(L, "timeout");
  uint32_t count = luashm_strings_of_list(L, strings, MOST_AT_ONCE);
  if (count == 0) {
    const struct cops_message *messages =
        luashm_messages_of_list(L, &count, &outgoing);
    open_queue(L); /* a finalizer may close it */
    return push_others(L, messages, count, 0);
  }
  uint32_t first = push_at_once(queue, strings, count);
  if (first < count)
    return push_others(L, strings, count, first);
  if (cshm_lost(plain_of(queue)->guard))
    return luashm_lost_named(L, "push_all");
  return pushed(L, first, false);
}

/* ---- popping ---- */

static bool pops_at_once(struct luashm_handle *queue,
                         struct luashm_popped *popped, uint32_t wanted) {
  uint32_t mark = mark_for(queue, CSHM_POPS);
  if (!luashm_is_fast(queue, CSHM_MAY_WAIT) || mark == 0)
    return false;
  uint32_t count = cops_ring_pop_at_once(ring_of(queue), mark, popped->bytes,
                                         popped->capacity, wanted);
  if (count == 0)
    return false;
  popped->at = 0;
  popped->left = count;
  popped->is_taken = false;
  return true;
}

enum luashm_answer luashm_queue_fetch(lua_State *L,
                                      struct luashm_ring_asking *asking,
                                      enum luashm_ring_act what,
                                      uint32_t wanted, int act, int timeout) {
  enum luashm_op op =
      what == LUASHM_RING_PEEK ? LUASHM_OP_RING_PEEK : LUASHM_OP_RING_POP;
  enum luashm_answer answer;
  size_t capacity = LUASHM_FIRST_ROOM;
  bool collected = false, is_again;
  do {
    struct luashm_popped *held = prepare(L, open_queue(L), capacity);
    asking->call = (struct luashm_ring_call){.act = what,
                                             .room = held->bytes,
                                             .capacity = held->capacity,
                                             .count = wanted};
    answer = luashm_ask_ring(L, asking, op, CSHM_QUEUE, act, timeout);
    is_again = asking->call.too_small;
    if (is_again)
      capacity = (size_t)asking->call.filled;
    else if (answer == LUASHM_ANSWER_REFUSED)
      is_again = luashm_collects(L, asking->failure.code, &collected);
  } while (is_again);
  if (answer == LUASHM_ANSWER_DONE) {
    struct luashm_popped *held =
        luashm_popped_by(luashm_handle(asking->operation.object));
    held->at = 0;
    held->left = asking->call.moved;
    held->is_taken = what != LUASHM_RING_POP;
  }
  return answer;
}

/* queue:pop([timeout]) -> value, or false, "timeout", or nil, message, code */
static int queue_pop(lua_State *L) {
  struct luashm_handle *queue = open_queue(L);
  luashm_check_wait(L, 2);
  struct luashm_popped *held = prepare(L, queue, LUASHM_FIRST_ROOM);
  if (held->left == 0 && !pops_at_once(queue, held, 1)) {
    struct luashm_ring_asking asking;
    if (luashm_queue_fetch(L, &asking, LUASHM_RING_POP, 1, ACT_POP, 2) !=
        LUASHM_ANSWER_DONE)
      return luashm_ring_answered(L, &asking.operation);
  }
  if (cshm_lost(plain_of(queue)->guard))
    return luashm_lost_named(L, "pop");
  return luashm_push_popped(L, luashm_object_at(L, 1), "pop") ? 1 : 3;
}

/* queue:peek() -> value, or false, "empty", or nil, message, code */
static int queue_peek(lua_State *L) {
  struct luashm_handle *queue = open_queue(L);
  lua_settop(L, 1);
  struct luashm_popped *held = prepare(L, queue, LUASHM_FIRST_ROOM);
  const struct luashm_popped before = *held;
  if (held->left == 0) {
    struct luashm_ring_asking asking;
    enum luashm_answer answer =
        luashm_queue_fetch(L, &asking, LUASHM_RING_PEEK, 1, ACT_PEEK, 0);
    if (answer == LUASHM_ANSWER_TIMED_OUT) {
      lua_pushboolean(L, false);
      lua_pushliteral(L, "empty");
      return 2;
    }
    if (answer != LUASHM_ANSWER_DONE)
      return luashm_ring_answered(L, &asking.operation);
  }
  if (cshm_lost(plain_of(open_queue(L))->guard))
    return luashm_lost_named(L, "peek");
  bool is_value = luashm_push_popped(L, luashm_object_at(L, 1), "peek");
  held = luashm_popped_by(luashm_handle(luashm_object_at(L, 1)));
  if (held && before.left > 0) { /* a pop ran out of memory before */
    held->at = before.at;
    held->left = before.left;
  }
  return is_value ? 1 : 3;
}

/* A list has room for so many from the start, whatever somebody hostile says of
   how many there are. */
enum { MOST_LIKELY = 1024 };

static uint32_t left_to_pop(lua_State *L, lua_Integer most) {
  lua_Integer left = most - (lua_Integer)lua_rawlen(L, 4);
  return left > INT32_MAX ? INT32_MAX : (uint32_t)left;
}

/* One batch into the list at stack index 4. False: nothing came, and *answer
   says why. */
static bool list_batch(lua_State *L, struct luashm_listing *listing,
                       struct luashm_ring_asking *asking,
                       enum luashm_answer *answer) {
  struct luashm_handle *queue = open_queue(L);
  struct luashm_popped *held = prepare(L, queue, LUASHM_FIRST_ROOM);
  uint32_t wanted = left_to_pop(L, listing->most);
  bool is_first = listing->met == 0;
  *answer = LUASHM_ANSWER_DONE;
  listing->is_cut = held->left > 0; /* from an earlier call */
  if (held->left == 0 && !pops_at_once(queue, held, wanted)) {
    *answer = luashm_queue_fetch(L, asking, LUASHM_RING_POP, wanted,
                                 ACT_POP_ALL, is_first ? 3 : 0);
    if (*answer != LUASHM_ANSWER_DONE)
      return false;
    listing->is_cut = asking->call.is_cut;
  }
  if (cshm_lost(plain_of(queue)->guard))
    luashm_lost_named(L, "pop_all");
  luashm_list_popped(L, listing);
  return true;
}

/* The same for whoever calls it protected, with the queue and the list in their
   places, and the listing at stack index 5: what the list has is returned,
   whatever a later batch raises by itself. */
static int list_later_batch(lua_State *L) {
  struct luashm_ring_asking asking;
  enum luashm_answer answer;
  lua_pushboolean(L, list_batch(L, lua_touserdata(L, 5), &asking, &answer));
  return 1;
}

/* The message handler of a later batch: was the error a hook's, such as
   Ctrl-C's, a debugger's, or a script's own? That is for the script. Nothing is
   allocated. */
static int note_hook(lua_State *L) {
  lua_Debug call;
  bool is_hook = false, is_batch = false;
  for (int level = 0; !is_batch && lua_getstack(L, level, &call); level++) {
    lua_getinfo(L, "nf", &call);
    is_hook = is_hook || strcmp(call.namewhat, "hook") == 0;
    is_batch = lua_tocfunction(L, -1) == list_later_batch;
    lua_pop(L, 1);
  }
  if (is_batch && lua_getlocal(L, &call, 5))
    ((struct luashm_listing *)lua_touserdata(L, -1))->is_stopped = is_hook;
  lua_settop(L, 1);
  return 1;
}

/* Will what is there take more than the first batch? Also if some is held from
   a pop that ran out of memory. */
static bool needs_batches(const struct luashm_handle *queue) {
  const struct cshm_ring *ring = ring_of(queue);
  const struct luashm_popped *held = luashm_popped_by(queue);
  uint64_t used = (uint64_t)ring->units * CSHM_UNIT - cops_ring_free(ring);
  return used > LUASHM_FIRST_ROOM || (held && held->left > 0);
}

/* Before the first batch, as this may raise. */
static void push_later_batch(lua_State *L, bool is_needed) {
  if (!is_needed) {
    lua_pushnil(L);
    return;
  }
  for (int i = 1; i <= 3; i++)
    lua_pushvalue(L, lua_upvalueindex(i));
  lua_pushcclosure(L, list_later_batch, 3);
}

/* With list_later_batch at stack index 5, or nil. */
static bool lists_another(lua_State *L, struct luashm_listing *listing) {
  lua_Integer count = (lua_Integer)lua_rawlen(L, 4);
  if (lua_isnil(L, 5))
    return false;
  lua_pushcfunction(L, note_hook);
  lua_pushvalue(L, 5);
  for (int i = 1; i <= 4; i++)
    lua_pushvalue(L, i);
  lua_pushlightuserdata(L, listing);
  bool is_well = lua_pcall(L, 5, 1, 6) == LUA_OK;
  if (listing->is_stopped)
    lua_error(L);
  bool goes_on = is_well && lua_toboolean(L, -1);
  lua_settop(L, 5);
  for (lua_Integer i = is_well ? 0 : (lua_Integer)lua_rawlen(L, 4); i > count;
       i--) {
    lua_pushnil(L); /* it is held still */
    lua_rawseti(L, 4, i);
  }
  return goes_on;
}

/* queue:pop_all([most [, timeout]]) -> list [, message, code], or false,
   "timeout", or nil, message, code */
static int queue_pop_all(lua_State *L) {
  struct luashm_ring_asking asking;
  enum luashm_answer answer;
  open_queue(L);
  struct luashm_listing listing = {.most = luaL_optinteger(L, 2, INT32_MAX)};
  luaL_argcheck(L, listing.most >= 1, 2, "at least one message is popped");
  luashm_check_wait(L, 3);
  lua_settop(L, 3);
  struct luashm_handle *queue = open_queue(L);
  const struct luashm_popped *held = luashm_popped_by(queue);
  /* In a world each step is an operation; then one says whether more is
     there. */
  bool is_world = queue->world != NULL;
  lua_Integer there =
      (is_world ? 0 : (lua_Integer)cops_ring_count(ring_of(queue))) +
      (held ? held->left : 0);
  lua_Integer likely = there < listing.most ? there : listing.most;
  bool needs_more = is_world || needs_batches(queue);
  lua_createtable(L, (int)(likely < MOST_LIKELY ? likely : MOST_LIKELY), 0);
  push_later_batch(L, needs_more); /* a finalizer may close the queue */
  if (!list_batch(L, &listing, &asking, &answer))
    return luashm_ring_answered(L, &asking.operation);
  while ((listing.met < there || (is_world && listing.is_cut)) &&
         (lua_Integer)lua_rawlen(L, 4) < listing.most &&
         lists_another(L, &listing))
    continue;
  /* What else is wrong the next call says. */
  lua_settop(L, 4);
  return luashm_listed(L, &listing, "pop_all");
}

/* The iterator of messages. Upvalue 4: the timeout. */
static int next_message(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(4));
  int results = queue_pop(L);
  return results < 2 ? results : luashm_end_messages(L, results);
}

/* queue:messages([timeout]) -> iterator, queue */
static int queue_messages(lua_State *L) {
  open_queue(L);
  return luashm_push_messages(L, next_message);
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

static int64_t look(lua_State *L, int act) {
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_ACT_ON_NAMED, CSHM_QUEUE, luashm_object_at(L, 1));
  operation.act = (uint8_t)act;
  luashm_perform(L, &operation);
  return operation.result;
}

/* In a world that goes by steps each message is dropped by one. */
static int clear_by_steps(lua_State *L) {
  lua_Integer there = look(L, ACT_COUNT), cleared = 0;
  for (; cleared < there; cleared++) {
    int results = luashm_named_number(L, CSHM_QUEUE, ACT_CLEAR,
                                      luashm_object_at(L, 1), 1);
    if (results != 1)
      return results;
    if (lua_tointeger(L, -1) == 0)
      break;
    lua_pop(L, 1);
  }
  lua_pushinteger(L, cleared);
  return 1;
}

/* queue:clear() -> how many, or nil, message, code */
static int queue_clear(lua_State *L) {
  struct luashm_handle *queue = open_queue(L);
  lua_settop(L, 1);
  struct luashm_popped *held = prepare(L, queue, LUASHM_FIRST_ROOM);
  int results = luashm_ring_goes_by_steps(queue)
                    ? clear_by_steps(L)
                    : luashm_named_number(L, CSHM_QUEUE, ACT_CLEAR,
                                          luashm_object_at(L, 1), INT32_MAX);
  if (results == 1) { /* `left`: a pop ran out of memory before */
    lua_pushinteger(L, lua_tointeger(L, -1) + held->left);
    held->left = 0;
  }
  return results;
}

static bool is_near(const struct luashm_handle *queue) {
  return luashm_is_fast(queue, CSHM_MAY_WAIT | CSHM_MAY_MODIFY) &&
         !cshm_lost(plain_of(queue)->guard);
}

/* #queue -> messages */
static int queue_count(lua_State *L) {
  const struct luashm_handle *queue = open_queue(L);
  uint32_t left = luashm_popped_left(queue);
  lua_Integer there = is_near(queue)
                          ? (lua_Integer)cops_ring_count(ring_of(queue))
                          : (lua_Integer)look(L, ACT_COUNT);
  lua_pushinteger(L, there + left);
  return 1;
}

/* queue:free() -> bytes */
static int queue_free(lua_State *L) {
  const struct luashm_handle *queue = open_queue(L);
  lua_pushinteger(L, is_near(queue)
                         ? (lua_Integer)cops_ring_free(ring_of(queue))
                         : (lua_Integer)look(L, ACT_FREE));
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

/* What ran out of memory on its way and nobody asked for again is lost. */
static void give_popped(lua_State *L, struct luashm_handle *queue) {
  uint32_t lost = luashm_give_popped(L, queue, luashm_queue_readers);
  if (lost == 0)
    return;
  char text[128]; /* without any allocation, which might raise */
  snprintf(text, sizeof text,
           "close: %u message%s lost that a pop could not return, as memory "
           "ran out",
           lost, lost == 1 ? " is" : "s are");
  lua_warning(L, text, 0);
}

static bool holds(const struct luashm_handle *queue) {
  return luashm_popped_left(queue) > 0;
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

static const luaL_Reg methods[] = {
    {"push", queue_push},         {"push_all", queue_push_all},
    {"pop", queue_pop},           {"pop_all", queue_pop_all},
    {"peek", queue_peek},         {"clear", queue_clear},
    {"take", luashm_queue_take},  {"jobs", luashm_queue_jobs_of},
    {"messages", queue_messages}, {"finish", queue_finish},
    {"drain", queue_drain},       {"free", queue_free},
    {"capacity", queue_capacity}, {"limit", queue_limit},
    {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", luashm_named_end},
                                       {"__close", luashm_named_end},
                                       {"__tostring", luashm_named_tostring},
                                       {"__len", queue_count},
                                       {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"put", "push"},   {"send", "push"},    {"enqueue", "push"},
    {"get", "pop"},    {"receive", "pop"},  {"dequeue", "pop"},
    {"recv", "pop"},   {"shutdown", "finish"}, {"join", "drain"},
    {"size", "capacity"}, {"front", "peek"}, {"purge", "clear"},
    {"done", "job:done"}, {"tries", "job:tries"},
    {NULL, NULL}};

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
    .companion = &luashm_queue_jobs,
    .closing = give_popped,
    .holds = holds,
    .describe = describe};
