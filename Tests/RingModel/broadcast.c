/* The states of the model of what is written over, and what can happen next in
   each. */
#include "broadcast.h"

#include "explore.h"

#include <stdio.h>
#include <string.h>

/* Where the state is that the steps work on. */
static struct broadcast_state stage;

static struct {
  const struct broadcast_scene *scene;
  enum broadcast_mutant mutant;
  const struct cops_broadcast_rules *rules;
  struct cshm_broadcast ring;
  uint64_t bytes[BROADCAST_MOST_PARTS + 1];
  struct cops_message messages[BROADCAST_MOST_PARTS + 1];
} model;

static bool is(enum broadcast_mutant mutant) { return model.mutant == mutant; }

static enum broadcast_part part_of(int i) {
  return model.scene->parts[i].part;
}

static bool publishes(int i) {
  return part_of(i) == BROADCAST_PUBLISHES || part_of(i) == BROADCAST_LEAVES;
}

static bool reads(int i) {
  return part_of(i) == BROADCAST_READS || part_of(i) == BROADCAST_MEASURES;
}

static uint32_t mark_of(int i) { return 1U << 10 | (uint32_t)(i + 1); }

/* ---- the beginning ---- */

static const char *note_tail(int i);

static void publish_before(int count) {
  for (int n = 0; n < count; n++) {
    struct cops_broadcast_call call = cops_publish_call(
        mark_of(BROADCAST_MOST_PARTS), &model.messages[BROADCAST_MOST_PARTS], 1,
        0);
    while (call.step != COPS_BROADCAST_END) {
      if (call.step == COPS_PUBLISH_TAIL) {
        uint32_t sequence = ++stage.published;
        stage.owners[sequence] = BROADCAST_MOST_PARTS;
        stage.places[sequence] = (uint8_t)call.position;
      }
      cops_broadcast_step(&model.ring, &call, &cops_broadcast_rules);
    }
  }
}

static void begin(void *beginning) {
  struct broadcast_memory *memory = &stage.memory;
  memset(&stage, 0, sizeof stage);
  model.ring = (struct cshm_broadcast){
      .state = &memory->state,
      .publishers = &memory->publishers,
      .bounds = &memory->bounds,
      .bytes = (unsigned char *)memory->bytes,
      .units = BROADCAST_UNITS};
  for (int i = 0; i <= BROADCAST_MOST_PARTS; i++) {
    memset(&model.bytes[i], 0x10 + i, BROADCAST_PAYLOAD);
    model.messages[i] = (struct cops_message){
        .bytes = (const unsigned char *)&model.bytes[i],
        .length = BROADCAST_PAYLOAD,
        .kind = CSHM_BYTES};
  }
  stage.memory.publishers.used = 1;
  publish_before(model.scene->before);
  for (int i = 0; i < model.scene->part_count; i++)
    stage.parts[i].sequence = 1;
  memcpy(beginning, &stage, sizeof stage);
}

/* ---- who lives ---- */

static bool is_gone(const struct broadcast_state *state, int i) {
  return state->parts[i].place == IS_DEAD || state->parts[i].place == HAS_LEFT;
}

static bool is_mark_dead(const struct broadcast_state *state, uint32_t mark) {
  int i = (int)(mark & 0x3FF) - 1;
  return i < 0 || i >= model.scene->part_count || is_gone(state, i);
}

static bool are_publishers_gone(const struct broadcast_state *state) {
  for (int i = 0; i < model.scene->part_count; i++)
    if (publishes(i) && !is_gone(state, i))
      return false;
  return true;
}

/* ---- what a participant finds ---- */

static void rest(struct broadcast_member *part, enum broadcast_place place) {
  part->call = (struct cops_broadcast_call){0};
  part->place = (uint8_t)place;
  part->word = part->room = 0;
}

/* The room of a call is private, and known by its owner only: a pointer would
   make states differ that are the same. */
static void start(int i) {
  struct broadcast_member *part = &stage.parts[i];
  part->place = IN_CALL;
  if (publishes(i)) {
    part->call = cops_publish_call(mark_of(i), &model.messages[i], 1, 0);
    if (is(BROADCAST_PUBLISH_WITHOUT_LOCK))
      part->call.step = COPS_PUBLISH_LOOK;
    return;
  }
  unsigned char *room = (unsigned char *)&part->room;
  struct cshm_broadcast reader = model.ring;
  reader.position = part->position;
  reader.sequence = part->sequence;
  bool measures = part_of(i) == BROADCAST_MEASURES && !part->knows_length;
  part->call = part_of(i) == BROADCAST_LOOKS
                   ? cops_newest_call(room, sizeof part->room)
                   : cops_next_call(&reader, room,
                                    measures ? 0 : sizeof part->room);
}

/* What was read: whole, in its place, and nothing given up that was there. */
static const char *judge(const struct broadcast_state *state,
                         const struct broadcast_member *part) {
  uint64_t sequence = part->call.sequence;
  if (sequence == 0 || sequence > state->published)
    return "a message was read that nobody had published";
  if (part->room != model.bytes[state->owners[sequence]])
    return "a torn message was read";
  return NULL;
}

/* What was lost before the message that the call has found. */
static const char *count_lost(const struct broadcast_member *part,
                              uint64_t lost) {
  for (uint64_t gone = part->sequence; gone < part->call.sequence; gone++)
    if (stage.places[gone] >= stage.memory.bounds.first)
      return "a message was lost that was there";
  return part->sequence + lost == part->call.sequence
             ? NULL
             : "the number of lost messages is wrong";
}

/* Its length, as it has no room yet. As NamedBroadcast.next does, a strict
   reader is told of a loss now, and goes on before the message. */
static const char *has_measured(struct broadcast_member *part) {
  const struct cops_broadcast_call *call = &part->call;
  uint64_t lost = is(BROADCAST_MEASURES_NO_LOSS) ? 0 : call->lost;
  const char *wrong = count_lost(part, lost);
  if (!wrong && call->at != stage.places[call->sequence])
    wrong = "a message was found where none is";
  if (!wrong && call->length != BROADCAST_PAYLOAD)
    wrong = "the length is not the message's";
  part->knows_length = lost == 0;
  part->position = call->at;
  part->sequence = call->sequence;
  part->lost += lost;
  rest(part, AT_REST);
  return wrong;
}

static const char *has_read(struct broadcast_member *part) {
  part->in_vain = 0; /* its next wait is another one */
  const char *wrong = judge(&stage, part);
  uint64_t lost = part->call.lost;
  if (is(BROADCAST_LOST_BY_LAPS) && lost > 0)
    lost = 1;
  if (!wrong)
    wrong = count_lost(part, lost);
  part->knows_length = 0;
  part->position = part->call.position;
  part->lost += lost;
  part->sequence = part->call.sequence + 1;
  rest(part, AT_REST);
  return wrong;
}

static const char *has_looked(int i, struct broadcast_member *part) {
  const char *wrong = judge(&stage, part);
  if (!wrong && part->call.sequence < part->sequence)
    return "the newest message is older than before";
  part->sequence = part->call.sequence;
  part->count++;
  rest(part,
       part->count < model.scene->parts[i].count ? AT_REST : IS_DONE);
  return wrong;
}

static const char *found_nothing(int i, struct broadcast_member *part) {
  if (part_of(i) == BROADCAST_LOOKS) {
    if (model.scene->before > 0)
      return "there is no newest message any more";
    part->count++;
    rest(part, part->count < model.scene->parts[i].count ? AT_REST : IS_DONE);
    return NULL;
  }
  rest(part, ASKS_END);
  return NULL;
}

static const char *ended(int i) {
  struct broadcast_member *part = &stage.parts[i];
  if (part->call.result == COPS_RING_BROKEN)
    return "the ring broke";
  if (publishes(i)) {
    part->count++;
    bool is_last = part->count == model.scene->parts[i].count;
    rest(part, !is_last                            ? AT_REST
               : part_of(i) == BROADCAST_LEAVES ? HAS_LEFT
                                                   : IS_DONE);
    return NULL;
  }
  if (part->call.result == COPS_RING_EMPTY)
    return found_nothing(i, part);
  if (part->call.result == COPS_RING_TOO_SMALL)
    return has_measured(part);
  return part_of(i) == BROADCAST_LOOKS ? has_looked(i, part) : has_read(part);
}

/* ---- one step of a participant ---- */

/* The message comes to be with this step. */
static const char *note_tail(int i) {
  const struct cops_broadcast_call *call = &stage.parts[i].call;
  uint64_t sequence = call->sequence;
  if (sequence != stage.published + 1)
    return "a sequence was given twice";
  stage.published = (uint32_t)sequence;
  stage.owners[sequence] = (uint8_t)i;
  stage.places[sequence] = (uint8_t)call->position;
  return NULL;
}

static void wake_lock(void) {
  for (int p = 0; p < model.scene->part_count; p++)
    if (stage.parts[p].place == ASLEEP_LOCK)
      stage.parts[p].place = IN_CALL;
}

static uint64_t count_who_may_wake(void) {
  uint64_t count = 0;
  for (int p = 0; p < model.scene->part_count; p++)
    count += stage.parts[p].may_wake;
  return count;
}

/* No more than there are; and then it is nobody's turn. */
static void settle_wakes(uint64_t wakes) {
  uint64_t most = count_who_may_wake();
  stage.wakes = wakes < most ? wakes : most;
  for (int p = 0; stage.wakes == 0 && p < model.scene->part_count; p++)
    stage.parts[p].may_wake = 0;
}

/* Any of those who sleep by now, in whatever order the kernel has them. */
static void wake_readers(uint64_t count) {
  for (int p = 0; p < model.scene->part_count; p++)
    if (stage.parts[p].place == ASLEEP_NEWS)
      stage.parts[p].may_wake = 1;
  settle_wakes(stage.wakes + count);
}

static void wakes_up(struct broadcast_member *part) {
  bool is_woken = part->may_wake;
  part->may_wake = 0;
  part->place = is_woken ? PASSES_ON : AT_REST;
  settle_wakes(stage.wakes - is_woken);
  if (!is_woken)
    part->word = 0;
}

/* As NamedHandle.passOn does. */
static void pass_on(struct broadcast_member *part) {
  bool is_news = ((stage.memory.state ^ part->word) & CSHM_COUNT) != 0;
  if ((is_news || !part->in_vain) && !is(BROADCAST_PASSES_NOT_ON))
    if (is_news || !is(BROADCAST_PASSES_NEWS_ONLY))
      wake_readers(COPS_NEWS_PASSED_ON);
  part->in_vain = !is_news;
  part->word = 0;
  part->place = AT_REST;
}

static const char *run(int i) {
  struct broadcast_member *part = &stage.parts[i];
  struct cops_broadcast_call *call = &part->call;
  if (call->step == COPS_PUBLISH_TAIL) {
    const char *wrong = note_tail(i);
    if (wrong)
      return wrong;
  }
  /* Of those who sleep on the lock the kernel wakes one: here the others sleep
     again at once, which is the same. */
  if (call->step == COPS_PUBLISH_WAKE_LOCK)
    wake_lock();
  if (call->step == COPS_PUBLISH_WAKE)
    wake_readers((uint64_t)call->wakes);
  if (!cops_broadcast_step(&model.ring, call, model.rules)) {
    bool is_dead = is_mark_dead(&stage, call->locking.asked);
    if (is(BROADCAST_DEATH_IS_IGNORED))
      is_dead = false;
    if (is(BROADCAST_LIVING_ARE_DEAD))
      is_dead = true;
    if (is_dead)
      call->locking.dead = call->locking.asked;
    else
      part->place = SAYS_LOCK;
    return NULL;
  }
  if (model.ring.is_broken) {
    model.ring.is_broken = false;
    return "the ring broke";
  }
  return call->step == COPS_BROADCAST_END ? ended(i) : NULL;
}

static bool has_news(const struct broadcast_member *part) {
  return stage.memory.bounds.tail != part->position;
}

/* As TopicKind's rule has it. */
static bool is_ahead(uint64_t state, uint64_t sequence) {
  uint64_t ahead = (state - (sequence - 1)) & CSHM_COUNT;
  return ahead != 0 && ahead <= CSHM_COUNT / 2;
}

static const char *live(int i) {
  struct broadcast_member *part = &stage.parts[i];
  uint64_t *lock = &stage.memory.publishers.lock;
  switch ((enum broadcast_place)part->place) {
  case AT_REST:
    start(i);
    return NULL;
  case IN_CALL:
    return run(i);
  case ASKS_END:
    part->place = are_publishers_gone(&stage) ? LOOKS_END : SAYS_NEWS;
    return NULL;
  case LOOKS_END:
    if (!has_news(part) || is(BROADCAST_END_WITHOUT_LOOK)) {
      bool is_all = part->sequence == stage.published + 1;
      rest(part, IS_DONE);
      return is_all ? NULL : "the end was told although messages were left";
    }
    part->place = AT_REST;
    return NULL;
  case SAYS_NEWS:
    if (is_ahead(stage.memory.state, part->sequence) &&
        !is(BROADCAST_SLEEPS_UNLOOKED)) {
      part->place = AT_REST;
      return NULL;
    }
    if (!is(BROADCAST_SLEEPS_UNSAID))
      stage.memory.state |= CSHM_SLEEPERS_BIT;
    part->word = stage.memory.state;
    part->place = SLEEPS_NEWS;
    return NULL;
  case SLEEPS_NEWS:
    part->place =
        (uint32_t)stage.memory.state == (uint32_t)part->word ? ASLEEP_NEWS
                                                             : AT_REST;
    if (part->place == AT_REST)
      part->word = 0;
    return NULL;
  case SAYS_LOCK:
    part->word = part->call.locking.seen | CSHM_SLEEPERS_BIT;
    part->place = *lock == part->call.locking.seen ? SLEEPS_LOCK : IN_CALL;
    if (part->place == SLEEPS_LOCK) {
      *lock = part->word;
      part->call.locking.has_slept = true;
    }
    return NULL;
  case SLEEPS_LOCK:
    part->place =
        (uint32_t)*lock == (uint32_t)part->word ? ASLEEP_LOCK : IN_CALL;
    part->word = 0;
    return NULL;
  case ASLEEP_NEWS: /* it is woken, or its slice runs out */
    wakes_up(part);
    return NULL;
  case PASSES_ON:
    pass_on(part);
    return NULL;
  case ASLEEP_LOCK:
    part->place = IN_CALL;
    return NULL;
  default:
    return NULL;
  }
}

/* ---- all that can happen ---- */

/* Nobody tells of a death, or of the end. */
static bool may_run_out(const struct broadcast_state *state) {
  return state->crashes > 0 || are_publishers_gone(state);
}

static bool can_step(const struct broadcast_state *state, int i) {
  enum broadcast_place place = state->parts[i].place;
  if (state->parts[i].may_wake)
    return true;
  if (place == ASLEEP_NEWS || place == ASLEEP_LOCK)
    return may_run_out(state);
  return place != IS_DONE && place != HAS_LEFT && place != IS_DEAD;
}

static const char *successor(const void *from, int choice, void *to,
                             bool *exists) {
  const struct broadcast_state *state = from;
  int i = choice / 2;
  *exists = false;
  if (i >= model.scene->part_count)
    return NULL;
  enum broadcast_place place = state->parts[i].place;
  bool dies = choice % 2 == 1;
  if (dies) {
    bool may_die = state->crashes < model.scene->crashes &&
                   (place == PASSES_ON ||
                    (publishes(i) && place != IS_DEAD && place != HAS_LEFT &&
                     place != AT_REST));
    if (!may_die)
      return NULL;
  } else if (!can_step(state, i))
    return NULL;
  *exists = true;
  stage = *state;
  const char *wrong = NULL;
  if (dies) {
    rest(&stage.parts[i], IS_DEAD);
    stage.crashes++;
  } else
    wrong = live(i);
  memcpy(to, &stage, sizeof stage);
  return wrong;
}

/* ---- what must hold in each state ---- */

static bool is_asleep(const struct broadcast_state *state, int i) {
  enum broadcast_place place = state->parts[i].place;
  return place == ASLEEP_NEWS || place == ASLEEP_LOCK;
}

/* Alone, with slices that run out, a sleeper comes to what is there. */
static bool is_stuck(const struct broadcast_state *state, int i) {
  struct broadcast_state now = *state;
  const struct broadcast_member *part = &now.parts[i];
  for (int steps = 0; steps < 200; steps++) {
    bool waits = part->place == ASLEEP_NEWS &&
                 now.memory.bounds.tail == part->position;
    bool exists, has_moved = part->count != state->parts[i].count ||
                             part->sequence != state->parts[i].sequence;
    if (waits || has_moved || !can_step(&now, i))
      return false;
    struct broadcast_state after;
    if (successor(&now, 2 * i, &after, &exists))
      return false; /* found elsewhere */
    now = after;
  }
  return true;
}

static const char *broken(const void *at) {
  const struct broadcast_state *state = at;
  bool all_rest = true, all_sleep = true;
  for (int i = 0; i < model.scene->part_count; i++) {
    all_rest = all_rest && !can_step(state, i);
    all_sleep = all_sleep && (!can_step(state, i) || is_asleep(state, i));
  }
  for (int i = 0; all_sleep && i < model.scene->part_count; i++)
    if (is_asleep(state, i) && can_step(state, i) && is_stuck(state, i))
      return "one sleeps for ever, although it looks again";
  if (!all_rest)
    return NULL;
  for (int i = 0; i < model.scene->part_count; i++) {
    const struct broadcast_member *part = &state->parts[i];
    if (part->place == ASLEEP_LOCK)
      return "one sleeps for ever on the lock";
    if (part->place == ASLEEP_NEWS &&
        state->memory.bounds.tail != part->position)
      return "one sleeps for ever";
    if (reads(i) && part->place != IS_DEAD &&
        part->sequence != state->published + 1)
      return "a reader did not come to the newest message";
  }
  return NULL;
}

static void tell(const void *at, int choice, char *text, size_t size) {
  const struct broadcast_member *part =
      &((const struct broadcast_state *)at)->parts[choice / 2];
  snprintf(text, size, "%d%s%d.%d ", choice / 2, choice % 2 ? " dies in " : ":",
           part->place, part->place == IN_CALL ? part->call.step : 0);
}

struct ring_report broadcast_explore(const struct broadcast_scene *scene,
                                     enum broadcast_mutant mutant,
                                     uint64_t most) {
  const struct explored explored = {.size = sizeof stage,
                                    .choices = 2 * BROADCAST_MOST_PARTS,
                                    .begin = begin,
                                    .successor = successor,
                                    .broken = broken,
                                    .tell = tell};
  model.scene = scene;
  model.mutant = mutant;
  model.rules = broadcast_rules_of(mutant);
  return ring_explore_all(&explored, most);
}
