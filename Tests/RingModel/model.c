/* The states of the model, and what can happen next in each. */
#include "model.h"

#include <stdio.h>
#include <string.h>

/* Where the state is that the steps work on: a call has pointers into it. */
struct state ring_stage;

static struct {
  const struct ring_scene *scene;
  enum ring_mutant mutant;
  struct cops_ring_rules rules;
  struct cshm_ring ring;
  struct cops_message messages[RING_MOST_PARTS][MOST_MESSAGES + 2];
  unsigned char bytes[RING_MOST_PARTS][MOST_MESSAGES + 2][PAYLOAD];
  uint8_t total;
} model;

static bool is(enum ring_mutant mutant) { return model.mutant == mutant; }

/* ---- the beginning ---- */

static uint8_t id_of(int part, int message) {
  return (uint8_t)(part * MOST_MESSAGES + message);
}

void ring_begin(const struct ring_scene *scene, enum ring_mutant mutant,
                struct state *state) {
  model.scene = scene;
  model.mutant = mutant;
  model.rules = cops_ring_rules;
  model.total = 0;
  ring_spoil(&model.rules, mutant);
  struct memory *memory = &ring_stage.memory;
  model.ring = (struct cshm_ring){.ready = &memory->ready,
                                  .finished = &memory->finished,
                                  .room = &memory->room,
                                  .push = &memory->push,
                                  .pop = &memory->pop,
                                  .bytes = memory->bytes,
                                  .units = UNITS};
  *state = (struct state){.part_count = scene->part_count};
  for (int i = 0; i < scene->part_count; i++) {
    memset(state->parts[i].seen, 0xFF, sizeof state->parts[i].seen);
    for (int m = 0; m < MOST_MESSAGES + 2; m++) {
      memset(model.bytes[i][m], 0x10 + id_of(i, m % MOST_MESSAGES), PAYLOAD);
      /* A mutant that counts too early writes the same once more. */
      model.messages[i][m] = (struct cops_message){
          .bytes = model.bytes[i][m], .length = PAYLOAD, .kind = CSHM_BYTES};
    }
    if (scene->parts[i].part == RING_PUSHES ||
        scene->parts[i].part == RING_LEAVES)
      model.total += scene->parts[i].count;
    /* Roles are taken at the start: a scene begins with all who take part. */
    if (scene->parts[i].part == RING_PUSHES ||
        scene->parts[i].part == RING_LEAVES)
      state->memory.push.used = 1;
    else if (scene->parts[i].part != RING_PEEKS)
      state->memory.pop.used = 1;
  }
}

static enum ring_part part_of(int i) { return model.scene->parts[i].part; }

static uint32_t mark_of(int i) { return 1U << 10 | (uint32_t)(i + 1); }

static bool pushes(int i) {
  return part_of(i) == RING_PUSHES || part_of(i) == RING_LEAVES;
}

static bool are_producers_gone(const struct state *state) {
  for (int i = 0; i < state->part_count; i++)
    if (pushes(i) && state->parts[i].place != PLACE_DEAD &&
        state->parts[i].place != PLACE_GONE)
      return false;
  return true;
}

/* ---- one step of a participant ---- */

static void start(struct state *state, int i) {
  struct part *part = &state->parts[i];
  uint32_t mark = mark_of(i);
  unsigned char *room = ring_stage.parts[i].room;
  switch (part_of(i)) {
  case RING_PUSHES:
  case RING_LEAVES:
    part->call = cops_push_call(mark, &model.messages[i][part->count], 1);
    if (is(RING_PUSH_WITHOUT_LOCK))
      part->call.step = COPS_PUSH_LOOK;
    break;
  case RING_POPS:
    part->call = cops_pop_call(mark, room, ROOM, 1);
    if (is(RING_POP_WITHOUT_LOCK))
      part->call.step = COPS_POP_LOOK;
    break;
  case RING_PEEKS:
    part->call = cops_peek_call(mark, room, ROOM);
    break;
  case RING_WORKS:
    part->call = part->holds
                     ? (part->gave_back ? cops_done_call(mark, part->token)
                                        : cops_back_call(mark, part->token))
                     : cops_take_call(mark, room, ROOM);
    break;
  case RING_ENDS:
    part->call = cops_finish_call(mark);
    if (is(RING_FINISH_WITHOUT_LOCK))
      part->call.step = COPS_FINISH_STORE;
    break;
  case RING_THIEF:
    part->call = cops_done_call(mark, state->memory.pop.position);
    break;
  }
  part->call.has_slept = part->has_slept;
  part->place = PLACE_RUNS;
}

static void rest(struct part *part, enum place place) {
  part->place = place;
  part->call = (struct cops_ring_call){0};
  memset(part->room, 0, sizeof part->room);
  part->has_announced = part->has_seen_end = part->has_slept = false;
  part->word = 0;
}

/* The message is in, out, done … : what its participant does next. */
static const char *succeeded(struct state *state, int i) {
  struct part *part = &state->parts[i];
  switch (part_of(i)) {
  case RING_PUSHES:
  case RING_LEAVES:
    part->count++;
    bool is_last = part->count == model.scene->parts[i].count;
    rest(part, !is_last                    ? PLACE_IDLE
               : part_of(i) == RING_LEAVES ? PLACE_GONE
                                           : PLACE_STAYS);
    return NULL;
  case RING_POPS: {
    bool chains = part->has_slept && !is(RING_WAKES_NO_FURTHER);
    part->count++;
    int id = ring_id_in(part->room + 8);
    if (ring_is_id(id) && !(state->out & 1U << id))
      return "a message was returned that stays in the ring";
    rest(part, chains ? PLACE_CHAINS : PLACE_IDLE);
    return NULL;
  }
  case RING_PEEKS: {
    part->count++;
    int id = ring_id_in(part->room + 8);
    if (!ring_is_id(id) || !(state->in & 1U << id))
      return "a peek returned what was never pushed";
    rest(part, PLACE_IDLE);
    return NULL;
  }
  case RING_WORKS: {
    bool chains = !part->holds && part->has_slept;
    if (part->holds) {
      part->gave_back = true;
      part->count++;
    }
    part->token = part->holds ? 0 : part->call.token;
    part->holds = !part->holds;
    rest(part, chains ? PLACE_CHAINS : PLACE_IDLE);
    return NULL;
  }
  case RING_ENDS:
    state->is_finished = true;
    rest(part, PLACE_STAYS);
    return NULL;
  case RING_THIEF:
    return "a job was done by one who had not taken it";
  }
  return NULL;
}

static bool is_empty(const struct state *state) {
  return ring_used(state->memory.push.position, state->memory.pop.position,
                   UNITS) == 0;
}

/* A consumer found nothing. Has everybody gone who might push? */
static const char *found_nothing(struct state *state, int i) {
  struct part *part = &state->parts[i];
  if (part_of(i) == RING_PEEKS) { /* it does not wait */
    rest(part, PLACE_STAYS);
    return NULL;
  }
  bool is_over = state->memory.finished || are_producers_gone(state);
  bool has_slept = part->has_slept;
  rest(part, is_over ? PLACE_ENDS : PLACE_SAYS_READY);
  part->has_slept = has_slept;
  return NULL;
}

/* What the look has reset is said again, for all others. */
static void tell_all(struct state *state) {
  uint64_t ready = state->memory.ready;
  if (!(ready & CSHM_SET))
    state->memory.ready =
        ((ready + CSHM_READY_STEP) & CSHM_READY_GENERATION) | CSHM_SET;
  for (uint32_t p = 0; p < state->part_count; p++)
    if (state->parts[p].sleeps_on == ON_READY)
      ring_wake(&state->parts[p]);
}

/* Only then: is nothing left, not even with one who took it? */
static const char *look_for_end(struct state *state, int i) {
  struct part *part = &state->parts[i];
  bool has_free;
  int64_t ids = ring_ids(&model.ring, state, &has_free);
  bool is_over = is(RING_END_WITHOUT_LOOK) ||
                 (is(RING_END_BEFORE_DONE) ? !has_free : is_empty(state));
  if (!is_over) {
    part->place = PLACE_SAYS_READY;
    return NULL;
  }
  rest(part, PLACE_STAYS);
  state->is_told = 1;
  if (!is(RING_END_TELLS_ONE))
    tell_all(state);
  return ids == 0 ? NULL
                  : "the end was told although messages were left";
}

static const char *ended(struct state *state, int i) {
  struct part *part = &state->parts[i];
  switch (part->call.result) {
  case COPS_RING_DONE:
    return succeeded(state, i);
  case COPS_RING_FULL: {
    bool has_announced = part->has_announced;
    uint64_t word = part->word;
    rest(part, has_announced ? PLACE_SLEEPS_ROOM : PLACE_SAYS_ROOM);
    part->word = word;
    if (!has_announced && is(RING_PUSH_LOOKS_ONCE))
      part->has_seen_end = true; /* it will sleep without a further look */
    return NULL;
  }
  case COPS_RING_EMPTY:
    return found_nothing(state, i);
  case COPS_RING_FINISHED:
    rest(part, PLACE_STAYS);
    return state->memory.finished ? NULL : "finished without finish";
  case COPS_RING_NOT_OURS:
    if (part_of(i) != RING_THIEF)
      return "a worker lost a job that it had";
    rest(part, PLACE_STAYS);
    return NULL;
  default:
    return "the ring broke";
  }
}

/* What the onlooker notes about the step that the call is going to make. */
static const char *note(struct state *state, int i) {
  struct part *part = &state->parts[i];
  struct cops_ring_call *call = &part->call;
  bool works = false;
  for (int p = 0; p < state->part_count; p++)
    works = works || part_of(p) == RING_WORKS;
  switch (call->step) {
  case COPS_PUSH_TAIL:
    if (state->is_finished)
      return "a message was pushed after finish had returned";
    state->in |= 1U << id_of(i, part->count);
    return NULL;
  case COPS_POP_HEAD:
    if (part_of(i) == RING_PEEKS)
      return "a peek took a message";
    /* The mutant that copies later is found by what it copies. */
    if (is(RING_HEAD_BEFORE_COPY))
      return NULL;
    return ring_left(state, ring_id_in(part->room + 8), !works);
  case COPS_DONE_STORE:
    if (part_of(i) == RING_THIEF)
      return "a job was done by one who had not taken it";
    return ring_left(state, ring_id_in(ring_bytes(&model.ring, call->token)),
                     false);
  case COPS_TAKE_MARK: {
    uint64_t taken = ring_load_taken(&model.ring, call->cursor);
    if ((taken & CSHM_TAKEN) &&
        !ring_is_dead(state, (uint32_t)(taken >> 32)))
      return "a living worker's job was given to another one";
    return NULL;
  }
  default:
    return NULL;
  }
}

/* After the copy of the mutant that gives up the record before. */
static const char *note_late_copy(struct state *state, int i, uint8_t step) {
  if (!is(RING_HEAD_BEFORE_COPY) || step != COPS_POP_COPY)
    return NULL;
  return ring_left(state, ring_id_in(state->parts[i].room + 8), true);
}

static void answer(struct state *state, int i, enum cops_ring_result why) {
  struct part *part = &state->parts[i];
  bool is_dead = ring_is_dead(state, part->call.locking.asked);
  if (why == COPS_RING_ASK) {
    if (is(RING_JOBS_OF_DEAD_STAY))
      is_dead = false;
    if (is(RING_JOBS_OF_LIVING_GO))
      is_dead = true;
    cops_ring_answer(&part->call, is_dead);
    return;
  }
  if (is(RING_DEATH_IS_IGNORED))
    is_dead = false;
  if (is(RING_LIVING_ARE_DEAD))
    is_dead = true;
  if (is_dead)
    cops_ring_answer(&part->call, true);
  else
    part->place = PLACE_SAYS_LOCK;
}

/* The stage holds the state; the participant makes its call's next step. */
static const char *run(int i, int woken) {
  struct state *state = &ring_stage;
  struct part *part = &state->parts[i];
  struct cops_ring_call *call = &part->call;
  uint8_t step = call->step;
  model.ring.seen = part->seen;
  const char *wrong = note(state, i);
  if (wrong)
    return wrong;
  if (woken >= 0)
    ring_wake(&state->parts[woken]);
  enum cops_ring_result why;
  if (!cops_ring_step(&model.ring, call, &model.rules, &why)) {
    answer(state, i, why);
    return NULL;
  }
  call->turns = 0;
  if (model.ring.is_broken) {
    model.ring.is_broken = false;
    return "the ring broke";
  }
  wrong = note_late_copy(state, i, step);
  if (wrong)
    return wrong;
  return call->step == COPS_RING_END ? ended(state, i) : NULL;
}

void ring_wake(struct part *part) {
  if (part->place == PLACE_ASLEEP) {
    part->place = part->sleeps_on == ON_LOCK ? PLACE_RUNS : PLACE_AGAIN;
    if (part->sleeps_on == ON_READY)
      part->has_slept = true;
    part->has_announced = false;
    part->word = 0;
    part->sleeps_on = 0;
    part->address = 0;
  }
}

static uint64_t *lock_of(struct state *state, const struct part *part) {
  return cops_ring_locks_push(&part->call) ? &state->memory.push.lock
                                           : &state->memory.pop.lock;
}

/* The kernel compares the low half and sleeps, in one. */
static void fall_asleep(struct part *part, uint64_t *word, uint64_t expected,
                        enum sleep sleep) {
  part->place = PLACE_ASLEEP;
  part->sleeps_on = sleep;
  part->address = (uint16_t)((char *)word - (char *)&ring_stage);
  if ((uint32_t)*word != (uint32_t)expected)
    ring_wake(part);
}

/* What a participant does between its calls. */
static const char *live(int i, int woken) {
  struct state *state = &ring_stage;
  struct part *part = &state->parts[i];
  uint64_t *lock;
  switch (part->place) {
  case PLACE_IDLE:
    if (model.scene->parts[i].count == part->count && !pushes(i) &&
        part->count > 0) {
      rest(part, PLACE_STAYS);
      return NULL;
    }
    if (!pushes(i) && part_of(i) != RING_ENDS && part_of(i) != RING_THIEF &&
        state->out == state->in &&
        (uint32_t)__builtin_popcount(state->out) == model.total &&
        !part->holds && are_producers_gone(state) == false) {
      rest(part, PLACE_STAYS); /* it knows that there will be no more */
      return NULL;
    }
    start(state, i);
    return NULL;
  case PLACE_AGAIN: {
    bool has_announced = part->has_announced, has_slept = part->has_slept;
    bool has_seen_end = part->has_seen_end;
    uint64_t word = part->word;
    start(state, i);
    part->has_announced = has_announced;
    part->has_slept = has_slept;
    part->call.has_slept = has_slept;
    part->has_seen_end = has_seen_end;
    part->word = word;
    return NULL;
  }
  case PLACE_RUNS:
    return run(i, woken);
  case PLACE_SAYS_LOCK:
    lock = lock_of(state, part);
    part->word = part->call.locking.seen | CSHM_SLEEPERS_BIT;
    if (*lock == part->call.locking.seen) {
      *lock = part->word;
      part->call.locking.has_slept = true;
      part->place = PLACE_SLEEPS_LOCK;
    } else
      part->place = PLACE_RUNS;
    return NULL;
  case PLACE_SLEEPS_LOCK:
    fall_asleep(part, lock_of(state, part), part->word, ON_LOCK);
    return NULL;
  case PLACE_SAYS_READY:
    if (state->memory.ready & CSHM_SET) {
      part->place = PLACE_AGAIN;
      return NULL;
    }
    if (!is(RING_POP_SLEEPS_UNSAID))
      state->memory.ready |= CSHM_SLEEPERS_BIT;
    part->word = state->memory.ready;
    part->place = PLACE_SLEEPS_READY;
    return NULL;
  case PLACE_SLEEPS_READY:
    fall_asleep(part, &state->memory.ready, part->word, ON_READY);
    return NULL;
  case PLACE_SAYS_ROOM:
    if (!is(RING_PUSH_SLEEPS_UNSAID))
      state->memory.room |= CSHM_SLEEPERS_BIT;
    part->word = state->memory.room;
    part->has_announced = true;
    part->place = part->has_seen_end ? PLACE_SLEEPS_ROOM : PLACE_AGAIN;
    part->has_seen_end = false;
    return NULL;
  case PLACE_SLEEPS_ROOM:
    fall_asleep(part, &state->memory.room, part->word, ON_ROOM);
    return NULL;
  case PLACE_ENDS:
    return look_for_end(state, i);
  case PLACE_CHAINS:
    if (woken >= 0 && (state->memory.ready & CSHM_SET))
      ring_wake(&state->parts[woken]);
    rest(part, PLACE_IDLE);
    return NULL;
  case PLACE_ASLEEP: /* its slice runs out */
    ring_wake(part);
    return NULL;
  default:
    return NULL;
  }
}

/* ---- all that can happen ---- */

/* The participants that a step of this one may wake: bits; 0: it wakes none. */
static uint32_t sleepers_of(const struct state *state, int i, bool *wakes_all) {
  const struct part *part = &state->parts[i];
  const void *word = NULL;
  *wakes_all = false;
  if (part->place == PLACE_RUNS) {
    word = cops_ring_woken(&model.ring, &part->call);
    *wakes_all = part->call.wakes > 1;
  } else if (part->place == PLACE_CHAINS)
    word = &ring_stage.memory.ready;
  uint32_t sleepers = 0;
  for (int p = 0; word && p < state->part_count; p++)
    if (state->parts[p].place == PLACE_ASLEEP &&
        (const char *)&ring_stage + state->parts[p].address == word)
      sleepers |= 1U << p;
  return sleepers;
}

static bool may_run_out(const struct state *state) {
  if (state->crashes > 0)
    return true;
  for (int i = 0; i < state->part_count; i++)
    if (state->parts[i].place == PLACE_GONE || state->is_finished)
      return true; /* nobody tells the end; a look finds it */
  return false;
}

static bool can_step(const struct state *state, int i) {
  switch (state->parts[i].place) {
  case PLACE_DEAD:
  case PLACE_GONE:
  case PLACE_STAYS:
    return false;
  case PLACE_ASLEEP:
    return may_run_out(state);
  default:
    return true;
  }
}

static void kill_part(struct state *state, int i) {
  rest(&state->parts[i], PLACE_DEAD);
  memset(state->parts[i].seen, 0, sizeof state->parts[i].seen);
  state->crashes++;
}

const char *ring_successor(const struct state *state, int choice,
                           struct state *after, bool *exists) {
  int kind = choice / (RING_MOST_PARTS + 1) % 2;
  int i = choice / (RING_MOST_PARTS + 1) / 2;
  int woken = choice % (RING_MOST_PARTS + 1) - 1;
  *exists = false;
  if (i >= state->part_count)
    return NULL;
  enum place place = state->parts[i].place;
  if (kind == 1) {
    bool may_die = woken < 0 && state->crashes < model.scene->crashes &&
                   place != PLACE_DEAD && place != PLACE_GONE &&
                   place != PLACE_IDLE;
    if (!may_die)
      return NULL;
    *exists = true;
    *after = *state;
    kill_part(after, i);
    return NULL;
  }
  if (!can_step(state, i))
    return NULL;
  bool wakes_all;
  ring_stage = *state;
  uint32_t sleepers = sleepers_of(state, i, &wakes_all);
  bool fits = sleepers == 0 || wakes_all
                  ? woken < 0
                  : woken >= 0 && (sleepers & (1U << woken));
  if (!fits)
    return NULL;
  *exists = true;
  for (int p = 0; wakes_all && p < state->part_count; p++)
    if (sleepers & (1U << p))
      ring_wake(&ring_stage.parts[p]);
  const char *wrong = live(i, woken);
  *after = ring_stage;
  return wrong;
}

/* ---- what must hold in each state ---- */

/* Alone, with slices that run out, a sleeper gets what is there. */
static bool is_stuck(const struct state *state, int i) {
  struct state now = *state, after;
  uint32_t out = now.out;
  uint8_t count = now.parts[i].count;
  bool holds = now.parts[i].holds, exists;
  for (int steps = 0; steps < 200; steps++) {
    if (now.out != out || now.parts[i].count != count ||
        now.parts[i].holds != holds || !can_step(&now, i))
      return false;
    exists = false;
    for (int woken = 0; !exists && woken <= RING_MOST_PARTS; woken++) {
      int choice = i * 2 * (RING_MOST_PARTS + 1) + woken;
      if (ring_successor(&now, choice, &after, &exists))
        return false; /* found elsewhere */
    }
    if (!exists)
      return false;
    now = after;
  }
  return true;
}

static bool has_room(const struct state *state) {
  uint32_t used = ring_used(state->memory.push.position,
                            state->memory.pop.position, UNITS);
  uint32_t rest = UNITS - ring_offset(state->memory.push.position, UNITS);
  uint32_t needed = ring_record_units(PAYLOAD);
  return UNITS - used >= (needed > rest ? needed + rest : needed);
}

const char *ring_broken(const struct state *state) {
  bool has_free, sleeps = false, rests = true;
  ring_stage = *state;
  int64_t ids = ring_ids(&model.ring, state, &has_free);
  if (!is(RING_HEAD_BEFORE_COPY)) {
    if (ids < 0)
      return "what lies there is no ring";
    if (((uint32_t)ids | state->out) != state->in ||
        ((uint32_t)ids & state->out))
      return "a message is lost, or there twice";
  }
  for (int i = 0; i < state->part_count; i++) {
    enum place place = state->parts[i].place;
    if (place == PLACE_ASLEEP)
      sleeps = true;
    else if (place != PLACE_DEAD && place != PLACE_GONE &&
             place != PLACE_STAYS)
      rests = false;
  }
  if (!sleeps || !rests)
    return NULL;
  for (int i = 0; i < state->part_count; i++) {
    const struct part *part = &state->parts[i];
    if (part->place != PLACE_ASLEEP)
      continue;
    bool has_cause = part->sleeps_on == ON_LOCK ||
                     (part->sleeps_on == ON_READY ? has_free : has_room(state));
    if (state->is_told && state->crashes == 0 && part->sleeps_on == ON_READY)
      return "the end was told to one, and another one sleeps on";
    if (has_cause && (!may_run_out(state) || is_stuck(state, i)))
      return "one sleeps for ever";
  }
  return NULL;
}

int ring_choices(void) { return RING_MOST_PARTS * 2 * (RING_MOST_PARTS + 1); }

void ring_tell(const struct state *state, int choice, char *text, size_t size) {
  int kind = choice / (RING_MOST_PARTS + 1) % 2;
  int i = choice / (RING_MOST_PARTS + 1) / 2;
  const struct part *part = &state->parts[i];
  snprintf(text, size, "%d%s%d.%d ", i, kind ? " dies in " : ":", part->place,
           part->place == PLACE_RUNS ? part->call.step : 0);
}
