/* The userdata "shm.topic": a publisher and a reader in one handle. */
#include "ring.h"

#include "../Messages/messages.h"
#include "options.h"

#include <string.h>

enum {
  ACT_PUBLISH,
  ACT_PUBLISH_ALL,
  ACT_NEXT,
  ACT_LATEST,
  ACT_SEEK,
  ACT_SKIP,
  ACT_SEQUENCE,
  ACT_AGE
};

static const struct luashm_act acts[] = {
    [ACT_PUBLISH] = {"topic:publish", LUASHM_ACQUIRE},
    [ACT_PUBLISH_ALL] = {"topic:publish_all", LUASHM_ACQUIRE},
    [ACT_NEXT] = {"topic:next", LUASHM_ACQUIRE},
    [ACT_LATEST] = {"topic:latest", LUASHM_ACQUIRE},
    [ACT_SEEK] = {"topic:seek", LUASHM_LOAD, .takes_number = true},
    [ACT_SKIP] = {"topic:skip", LUASHM_LOAD},
    [ACT_SEQUENCE] = {"topic:sequence", LUASHM_LOAD},
    [ACT_AGE] = {"topic:age", LUASHM_ASK},
    {NULL}};

static const struct luashm_outgoing outgoing = {"next", "publish"};

static struct luashm_handle *open_topic(lua_State *L) {
  return luashm_open_named(L, CSHM_TOPIC);
}

static struct cshm_broadcast *ring_of(const struct luashm_handle *topic) {
  return plain_of(topic)->broadcast;
}

static int topic_next(lua_State *), next_message(lua_State *);

/* The same, for what moves the handle. Raises in a finalizer that runs while
   the next message becomes a value: it would be read twice. */
static struct luashm_handle *topic_to_move(lua_State *L, const char *verb) {
  static const lua_CFunction readers[] = {topic_next, next_message, NULL};
  struct luashm_handle *topic = open_topic(L);
  struct cshm_broadcast *ring = ring_of(topic);
  if (__builtin_expect(ring->is_read, 0) && luashm_is_nested(L, readers))
    luaL_error(L, "attempt to %s in a finalizer, in the midst of a read of the "
                  "same topic", verb);
  ring->is_read = false; /* memory ran out then */
  return topic;
}

static bool is_gone(const struct luashm_handle *topic) {
  return cshm_lost(plain_of(topic)->guard);
}

/* ---- publishing ---- */

/* The owner's mark, if this handle is a publisher already, in this process; 0:
   the host decides. */
static uint32_t mark_of(const struct luashm_handle *topic) {
  const struct cshm_named *plain = plain_of(topic);
  uint32_t is = ring_of(topic)->roles & plain->claim->roles & CSHM_PUSHES;
  return is ? (uint32_t)(cshm_claim_token(plain->claim) >> 32) : 0;
}

/* Its sequence; 0: it was not published. */
static uint64_t publish_at_once(struct luashm_handle *topic,
                                const struct cops_message *message) {
  struct cshm_broadcast *ring = ring_of(topic);
  uint32_t mark = mark_of(topic);
  if (!luashm_is_fast(topic, CSHM_MAY_MODIFY) || mark == 0 ||
      message->length > cshm_broadcast_limit(ring->units))
    return 0;
  return cops_publish_at_once(ring, mark, message);
}

/* Of the messages that are on the stack or among its bytes. */
static int publish_messages(lua_State *L, const struct cops_message *messages,
                            uint32_t count, int act) {
  struct luashm_ring_asking asking;
  bool collected = false;
  enum luashm_answer answer;
  do {
    asking.call = (struct luashm_ring_call){
        .act = LUASHM_RING_PUBLISH, .messages = messages, .count = count};
    answer =
        luashm_ask_ring(L, &asking, LUASHM_OP_RING_PUSH, CSHM_TOPIC, act, 0);
  } while (answer == LUASHM_ANSWER_REFUSED &&
           luashm_collects(L, asking.failure.code, &collected));
  if (answer != LUASHM_ANSWER_DONE)
    return luashm_ring_answered(L, &asking.operation);
  lua_pushinteger(L, (lua_Integer)asking.call.token);
  return 1;
}

static int published(lua_State *L, const struct luashm_handle *topic,
                     uint64_t sequence) {
  if (is_gone(topic))
    return luashm_lost_named(L, "publish");
  lua_pushinteger(L, (lua_Integer)sequence);
  return 1;
}

/* A string needs no memory. */
static uint64_t publish_string(lua_State *L, struct luashm_handle *topic) {
  if (lua_gettop(L) != 2 || lua_type(L, 2) != LUA_TSTRING)
    return 0;
  struct cops_message message = luashm_message_of_string(L, 2);
  return publish_at_once(topic, &message);
}

static int publish_value(lua_State *L) {
  lua_settop(L, 2);
  struct luashm_growing growing;
  struct cops_message message = luashm_message_at(L, 2, &growing, &outgoing);
  struct luashm_handle *topic = open_topic(L); /* a finalizer may close it */
  uint64_t sequence = publish_at_once(topic, &message);
  return sequence ? published(L, topic, sequence)
                  : publish_messages(L, &message, 1, ACT_PUBLISH);
}

/* topic:publish(value) -> sequence, or nil, message, code */
static int topic_publish(lua_State *L) {
  struct luashm_handle *topic = open_topic(L);
  uint64_t sequence = publish_string(L, topic);
  return sequence ? published(L, topic, sequence) : publish_value(L);
}

/* topic:publish_all(list) -> sequence of the last one, or nil, message, code */
static int topic_publish_all(lua_State *L) {
  uint32_t count;
  open_topic(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  const struct cops_message *messages =
      luashm_messages_of_list(L, &count, &outgoing);
  open_topic(L);
  return publish_messages(L, messages, count, ACT_PUBLISH_ALL);
}

/* ---- reading ---- */

enum { SMALL = 1024 };

/* A message that was read; it lies in `small`, or in a userdata on the
   stack. */
struct reading {
  struct cops_broadcast_call call;
  unsigned char *room;
  size_t capacity;
  unsigned char small[SMALL];
};

static void begin_reading(struct reading *reading) {
  reading->room = reading->small;
  reading->capacity = SMALL;
}

static struct cops_broadcast_call call_for(const struct cshm_broadcast *ring,
                                           struct reading *reading, int act) {
  return act == ACT_NEXT
             ? cops_next_call(ring, reading->room, reading->capacity)
             : cops_newest_call(reading->room, reading->capacity);
}

static bool reads_at_once(struct luashm_handle *topic, struct reading *reading,
                          int act) {
  struct cshm_broadcast *ring = ring_of(topic);
  if (!luashm_is_fast(topic, CSHM_MAY_WAIT))
    return false;
  reading->call = call_for(ring, reading, act);
  return cops_broadcast_run(ring, &reading->call) == COPS_RING_DONE &&
         (act != ACT_NEXT || cops_broadcast_owes(ring, &reading->call) == 0);
}

/* Asks for it, with as much room as it needs; `timeout`: a stack index, or
   0. */
static enum luashm_answer read_by_asking(lua_State *L,
                                         struct luashm_ring_asking *asking,
                                         struct reading *reading, int act,
                                         int timeout) {
  bool collected = false;
  for (;;) {
    asking->call = (struct luashm_ring_call){
        .act = act == ACT_NEXT ? LUASHM_RING_NEXT : LUASHM_RING_NEWEST,
        .room = reading->room,
        .capacity = reading->capacity,
        .reading = &reading->call};
    enum luashm_answer answer = luashm_ask_ring(
        L, asking, LUASHM_OP_RING_POP, CSHM_TOPIC, act, timeout);
    if (answer == LUASHM_ANSWER_REFUSED &&
        luashm_collects(L, asking->failure.code, &collected))
      open_topic(L);
    else if (answer != LUASHM_ANSWER_DONE ||
             reading->call.result != COPS_RING_TOO_SMALL)
      return answer;
    else {
      reading->capacity = (size_t)reading->call.length;
      reading->room = luashm_push_scratch(L, reading->capacity + 1);
      open_topic(L);
    }
  }
}

/* Pushes the message's value; or nil, why, 13. Its sequence is no second
   result, as a call that passes all results on would take it for an offset. */
static int push_reading(lua_State *L, const struct reading *reading,
                        const char *word) {
  const char *problem = NULL;
  size_t length = (size_t)reading->call.length;
  if (reading->call.kind == CSHM_BYTES)
    lua_pushlstring(L, (const char *)reading->room, length);
  else if (reading->call.kind == CSHM_VALUE)
    problem = luashm_push_message(L, reading->room, length);
  else
    problem = "it is of a kind that this version does not know";
  if (!problem)
    return 1;
  struct luashm_failure failure = {.code = 13};
  lua_pushfstring(L, "%s %s: ERROR_INVALID_DATA (13): not a value: %s", word,
                  luashm_shown_name(L, 1), problem);
  strncpy(failure.message, lua_tostring(L, -1), sizeof failure.message - 1);
  return luashm_refuse(L, &failure);
}

/* topic:next([timeout]) -> value, or false, "timeout", or nil, message, code.
   If memory runs out while the value is made, the next call reads the same
   message. */
static int topic_next(lua_State *L) {
  struct reading reading;
  struct luashm_handle *topic = topic_to_move(L, "read");
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  begin_reading(&reading);
  if (!reads_at_once(topic, &reading, ACT_NEXT)) {
    struct luashm_ring_asking asking;
    if (read_by_asking(L, &asking, &reading, ACT_NEXT, 2) !=
        LUASHM_ANSWER_DONE)
      return luashm_ring_answered(L, &asking.operation);
  }
  topic = open_topic(L);
  if (is_gone(topic))
    return luashm_lost_named(L, "next");
  ring_of(topic)->is_read = true;
  int results = push_reading(L, &reading, "next");
  topic = luashm_handle(luashm_object_at(L, 1));
  if (topic->base) { /* a finalizer may close it */
    ring_of(topic)->is_read = false;
    cops_broadcast_accept(ring_of(topic), &reading.call);
  }
  return results;
}

/* topic:latest() -> value, or nil, or nil, message, code */
static int topic_latest(lua_State *L) {
  struct reading reading;
  struct luashm_handle *topic = open_topic(L);
  lua_settop(L, 1);
  begin_reading(&reading);
  if (!reads_at_once(topic, &reading, ACT_LATEST)) {
    struct luashm_ring_asking asking;
    enum luashm_answer answer =
        read_by_asking(L, &asking, &reading, ACT_LATEST, 0);
    if (answer == LUASHM_ANSWER_TIMED_OUT) {
      lua_pushnil(L);
      return 1;
    }
    if (answer != LUASHM_ANSWER_DONE)
      return luashm_ring_answered(L, &asking.operation);
  }
  if (is_gone(open_topic(L)))
    return luashm_lost_named(L, "latest");
  return push_reading(L, &reading, "latest");
}

/* How far the handle has read, or passed over. */
static lua_Integer position_of(const struct luashm_handle *topic) {
  return (lua_Integer)(ring_of(topic)->sequence - 1);
}

/* The iterator of messages -> value, sequence. Upvalue 4: the timeout. */
static int next_message(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(4));
  int results = topic_next(L);
  int first = lua_gettop(L) - results + 1;
  if (lua_toboolean(L, first)) {
    const struct luashm_handle *topic = luashm_handle(luashm_object_at(L, 1));
    lua_pushinteger(L, topic->base ? position_of(topic) : 0);
    return 2;
  }
  return luashm_end_messages(L, results);
}

/* topic:messages([timeout]) -> iterator, topic */
static int topic_messages(lua_State *L) {
  open_topic(L);
  return luashm_push_messages(L, next_message);
}

/* ---- where it reads ---- */

static const struct luashm_word places[] = {{"next", CSHM_FROM_NEXT},
                                            {"latest", CSHM_FROM_LATEST},
                                            {"oldest", CSHM_FROM_OLDEST},
                                            {NULL, 0}};

/* The place at the index: a word, or a sequence from 1. */
static bool is_place(lua_State *L, int index, int64_t *place) {
  int is_integer;
  *place = lua_tointegerx(L, index, &is_integer);
  if (lua_type(L, index) == LUA_TNUMBER)
    return is_integer && *place >= 1;
  if (lua_type(L, index) != LUA_TSTRING)
    return false;
  for (const struct luashm_word *word = places; word->word; word++)
    if (strcmp(word->word, lua_tostring(L, index)) == 0) {
      *place = word->value;
      return true;
    }
  return false;
}

#define PLACES "\"next\", \"latest\", \"oldest\" or a sequence from 1"

static void read_place(lua_State *L, int index, const char *key, void *record,
                       int kept) {
  (void)kept;
  struct luashm_named_options *options = record;
  if (!is_place(L, -1, &options->from))
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s' must be " PLACES, key));
}

static const struct luashm_option reading_options[] = {
    {OPTION("from", struct luashm_named_options, from), OPTION_OWN,
     .read = read_place},
    {OPTION("strict", struct luashm_named_options, strict), OPTION_BOOL},
    {NULL}};

/* topic:seek(place) -> sequence of what comes next, or nil, message, code */
static int topic_seek(lua_State *L) {
  int64_t place;
  topic_to_move(L, "seek");
  luaL_argcheck(L, is_place(L, 2, &place), 2, "it must be " PLACES);
  return luashm_named_number(L, CSHM_TOPIC, ACT_SEEK, luashm_object_at(L, 1),
                             place);
}

/* topic:skip() -> how many messages, or nil, message, code */
static int topic_skip(lua_State *L) {
  topic_to_move(L, "skip");
  return luashm_named_number(L, CSHM_TOPIC, ACT_SKIP, luashm_object_at(L, 1),
                             1);
}

/* topic:sequence() -> of the newest message; 0: there has been none */
static int topic_sequence(lua_State *L) {
  open_topic(L);
  return luashm_named_number(L, CSHM_TOPIC, ACT_SEQUENCE,
                             luashm_object_at(L, 1), 1);
}

/* ---- what the handle knows of itself ---- */

/* topic:lost() -> since the last call, since it was opened */
static int topic_lost(lua_State *L) {
  struct cshm_broadcast *ring = ring_of(open_topic(L));
  lua_pushinteger(L, (lua_Integer)ring->untold);
  lua_pushinteger(L, (lua_Integer)ring->lost);
  ring->untold = 0;
  return 2;
}

/* topic:position() -> of the message that was read, or passed over, last */
static int topic_position(lua_State *L) {
  lua_pushinteger(L, position_of(open_topic(L)));
  return 1;
}

/* A world may have a time of its own. `time`: since when the age is asked. */
static uint64_t now(lua_State *L, uint64_t time) {
  if (!open_topic(L)->world)
    return cops_broadcast_time();
  struct luashm_operation operation = {.op = LUASHM_OP_NOW,
                                       .waitable = CSHM_TOPIC,
                                       .act = ACT_AGE,
                                       .a = (int64_t)time};
  luashm_ask(L, &operation);
  return (uint64_t)operation.result;
}

/* topic:age() -> seconds since what was read last was published, or nil */
static int topic_age(lua_State *L) {
  uint64_t time = ring_of(open_topic(L))->time, now_is = now(L, time);
  if (time == 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, now_is > time ? (double)(now_is - time) / 1e9 : 0);
  return 1;
}

/* topic:capacity() -> bytes */
static int topic_capacity(lua_State *L) {
  lua_pushinteger(L, plain_of(open_topic(L))->limit);
  return 1;
}

/* topic:limit() -> bytes of the largest message */
static int topic_limit(lua_State *L) {
  lua_pushinteger(L, cshm_broadcast_limit(ring_of(open_topic(L))->units));
  return 1;
}

static uint64_t sought(const struct cshm_named *plain, uint64_t wanted) {
  struct cshm_broadcast look = *plain->broadcast;
  struct cops_broadcast_call call = cops_seek_call(wanted);
  return cops_broadcast_run(&look, &call) == COPS_RING_DONE ? call.sequence : 0;
}

static void describe(lua_State *L, const struct cshm_named *plain,
                     uint64_t state, bool ours) {
  (void)state, (void)ours;
  uint64_t newest = sought(plain, 0), oldest = sought(plain, 1);
  bool is_known = oldest != 0 && oldest <= newest;
  lua_pushfstring(L, "%I message%s, the last %I kept in %I bytes",
                  (lua_Integer)newest, newest == 1 ? "" : "s",
                  (lua_Integer)(is_known ? newest - oldest + 1 : 0),
                  (lua_Integer)plain->limit);
}

/* ---- */

static const luaL_Reg methods[] = {{"publish", topic_publish},
                                   {"publish_all", topic_publish_all},
                                   {"next", topic_next},
                                   {"latest", topic_latest},
                                   {"messages", topic_messages},
                                   {"seek", topic_seek},
                                   {"skip", topic_skip},
                                   {"lost", topic_lost},
                                   {"position", topic_position},
                                   {"age", topic_age},
                                   {"sequence", topic_sequence},
                                   {"capacity", topic_capacity},
                                   {"limit", topic_limit},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", luashm_named_end},
                                       {"__close", luashm_named_end},
                                       {"__tostring", luashm_named_tostring},
                                       {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"push", "publish"},  {"send", "publish"},    {"put", "publish"},
    {"pop", "next"},      {"receive", "next"},    {"read", "next"},
    {"take", "next"},     {"get", "latest"},      {"newest", "latest"},
    {"missed", "lost"},   {"dropped", "lost"},    {"rewind", "seek"},
    {"size", "capacity"}, {"subscribe", "messages"}, {NULL, NULL}};

static const struct luashm_class class = {
    .name = "shm.topic",
    .methods = {methods, luashm_named_methods},
    .metamethods = metamethods,
    .synonyms = synonyms};

static const struct luashm_word accesses[] = {
    {"all", CSHM_MAY_WAIT | CSHM_MAY_MODIFY},
    {"publish", CSHM_MAY_MODIFY},
    {"read", CSHM_MAY_WAIT},
    {NULL, 0}};

const struct luashm_waitable luashm_topic_kind = {
    .number = CSHM_TOPIC,
    LUASHM_NAMED("topic"),
    .plural = "topics",
    .values = {{"bytes"}},
    .acts = acts,
    .accesses = accesses,
    .options = reading_options,
    .class = &class,
    .describe = describe};
