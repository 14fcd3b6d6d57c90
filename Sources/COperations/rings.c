/* The steps of a ring of records; COperationsRings.h tells how they play
   together. */
#include "COperationsRings.h"

#include "ring-words.h"

#include <string.h>

/* ---- what follows what ---- */

const struct cops_ring_rules cops_ring_rules = {
    .next = {
        [COPS_PUSH_LOCK] = {COPS_PUSH_LOOK},
        [COPS_PUSH_LOOK] = {[COPS_FITS] = COPS_PUSH_HEADER,
                            [COPS_PADS] = COPS_PUSH_PADDING,
                            [COPS_REFUSED] = COPS_PUSH_UNLOCK},
        [COPS_PUSH_PADDING] = {COPS_PUSH_PAD_TAIL},
        [COPS_PUSH_PAD_TAIL] = {COPS_PUSH_LOOK},
        [COPS_PUSH_HEADER] = {COPS_PUSH_BYTES},
        [COPS_PUSH_BYTES] = {COPS_PUSH_TAIL},
        [COPS_PUSH_TAIL] = {[COPS_ALL] = COPS_PUSH_UNLOCK,
                            [COPS_MORE] = COPS_PUSH_LOOK},
        [COPS_PUSH_UNLOCK] = {[COPS_NOBODY_SLEEPS] = COPS_PUSH_SIGNAL,
                              [COPS_SOMEBODY_SLEEPS] = COPS_PUSH_WAKE_LOCK},
        [COPS_PUSH_WAKE_LOCK] = {COPS_PUSH_SIGNAL},
        [COPS_PUSH_SIGNAL] = {[COPS_OVER] = COPS_RING_END,
                              [COPS_REPEAT] = COPS_PUSH_SIGNAL,
                              [COPS_WAKE_UP] = COPS_PUSH_WAKE},
        [COPS_PUSH_WAKE] = {COPS_RING_END},

        [COPS_FINISH_LOCK] = {COPS_FINISH_STORE},
        [COPS_FINISH_STORE] = {COPS_FINISH_UNLOCK},
        [COPS_FINISH_UNLOCK] = {[COPS_NOBODY_SLEEPS] = COPS_FINISH_SIGNAL,
                                [COPS_SOMEBODY_SLEEPS] = COPS_FINISH_WAKE_LOCK},
        [COPS_FINISH_WAKE_LOCK] = {COPS_FINISH_SIGNAL},
        [COPS_FINISH_SIGNAL] = {[COPS_OVER] = COPS_ROOM_SIGNAL,
                                [COPS_REPEAT] = COPS_FINISH_SIGNAL,
                                [COPS_WAKE_UP] = COPS_FINISH_WAKE},
        [COPS_FINISH_WAKE] = {COPS_ROOM_SIGNAL},

        [COPS_POP_LOCK] = {COPS_POP_LOOK},
        [COPS_POP_LOOK] = {[COPS_SOMETHING] = COPS_POP_FIND,
                           [COPS_NOTHING] = COPS_POP_RESET,
                           [COPS_HOPELESS] = COPS_POP_UNLOCK},
        [COPS_POP_FIND] = {[COPS_FOUND] = COPS_POP_COPY,
                           [COPS_SKIPPED] = COPS_POP_FIND,
                           [COPS_AT_END] = COPS_POP_RESET,
                           [COPS_TO_PASS] = COPS_POP_PASS,
                           [COPS_STOPS] = COPS_POP_UNLOCK},
        [COPS_POP_PASS] = {COPS_POP_LOOK},
        [COPS_POP_COPY] = {[COPS_TO_POP] = COPS_POP_HEAD,
                           [COPS_TO_TAKE] = COPS_TAKE_TRIES,
                           [COPS_NO_SPACE] = COPS_POP_TIDY},
        [COPS_POP_HEAD] = {[COPS_ENOUGH] = COPS_POP_TIDY,
                           [COPS_MORE] = COPS_POP_LOOK},
        [COPS_TAKE_TRIES] = {COPS_TAKE_MARK},
        [COPS_TAKE_MARK] = {COPS_POP_UNLOCK},

        [COPS_DONE_LOCK] = {COPS_DONE_CHECK},
        [COPS_DONE_CHECK] = {[COPS_OURS] = COPS_DONE_STORE,
                             [COPS_FOREIGN] = COPS_POP_UNLOCK},
        [COPS_DONE_STORE] = {COPS_POP_TIDY},
        [COPS_BACK_LOCK] = {COPS_BACK_CHECK},
        [COPS_BACK_CHECK] = {[COPS_OURS] = COPS_BACK_STORE,
                             [COPS_FOREIGN] = COPS_POP_UNLOCK},
        [COPS_BACK_STORE] = {COPS_POP_SIGNAL},

        [COPS_POP_TIDY] = {[COPS_TIDIED] = COPS_POP_UNLOCK,
                           [COPS_EMPTIED] = COPS_POP_RESET,
                           [COPS_ONE_MORE] = COPS_POP_TIDY},
        [COPS_POP_RESET] = {[COPS_WAS_SET] = COPS_POP_AGAIN,
                            [COPS_REPEAT] = COPS_POP_RESET,
                            [COPS_WAS_CLEAR] = COPS_POP_UNLOCK},
        [COPS_POP_AGAIN] = {[COPS_STILL_EMPTY] = COPS_POP_UNLOCK,
                            [COPS_CAME] = COPS_POP_SIGNAL},
        [COPS_POP_SIGNAL] = {[COPS_OVER] = COPS_POP_UNLOCK,
                             [COPS_REPEAT] = COPS_POP_SIGNAL,
                             [COPS_WAKE_UP] = COPS_POP_WAKE,
                             [COPS_LOOK_AGAIN] = COPS_POP_LOOK},
        [COPS_POP_WAKE] = {[COPS_OVER] = COPS_POP_UNLOCK,
                           [COPS_LOOK_AGAIN] = COPS_POP_LOOK},
        [COPS_POP_UNLOCK] = {[COPS_NOBODY_SLEEPS] = COPS_ROOM_SIGNAL,
                             [COPS_SOMEBODY_SLEEPS] = COPS_POP_WAKE_LOCK},
        [COPS_POP_WAKE_LOCK] = {COPS_ROOM_SIGNAL},

        [COPS_ROOM_SIGNAL] = {[COPS_OVER] = COPS_RING_END,
                              [COPS_REPEAT] = COPS_ROOM_SIGNAL,
                              [COPS_WAKE_UP] = COPS_ROOM_WAKE},
        [COPS_ROOM_WAKE] = {COPS_RING_END},
        [COPS_RING_END] = {COPS_RING_END},
    }};

/* ---- locks, signals: for each the outcome ---- */

enum { ASKS = -1 };

static int lock(struct cshm_ring_end *end, struct cops_ring_call *call) {
  uint64_t ours = (uint64_t)call->mark << 32 | CSHM_HELD |
                  (call->has_slept_lock ? CSHM_SLEEPERS_BIT : 0);
  uint64_t seen = 0;
  if (cshm_cas64(&end->lock, &seen, ours))
    return 0;
  uint32_t owner = (uint32_t)(seen >> 32);
  if (!(seen & CSHM_HELD) || (owner == call->dead && owner != 0))
    if (cshm_cas64(&end->lock, &seen, ours | (seen & CSHM_SLEEPERS_BIT)))
      return 0;
  call->seen = seen;
  call->asked = (uint32_t)(seen >> 32);
  return ASKS;
}

/* The full fence between what was done and whether somebody sleeps. */
static int unlock(struct cshm_ring_end *end, struct cops_ring_call *call) {
  call->wakes = 1;
  return cshm_exchange64(&end->lock, 0) & CSHM_SLEEPERS_BIT
             ? COPS_SOMEBODY_SLEEPS
             : COPS_NOBODY_SLEEPS;
}

/* A word that never stands still belongs to somebody hostile. */
enum { MOST_TURNS = 100000 };

static bool is_tired(struct cops_ring_call *call) {
  return ++call->turns > MOST_TURNS;
}

static int signal(struct cshm_ring *ring, struct cops_ring_call *call,
                  int32_t wakes) {
  uint64_t state = cshm_load64(ring->ready);
  if ((state & CSHM_SET) && !(state & CSHM_SLEEPERS_BIT))
    return COPS_OVER;
  uint64_t generation = state & CSHM_READY_GENERATION;
  if (!(state & CSHM_SET))
    generation = (generation + CSHM_READY_STEP) & CSHM_READY_GENERATION;
  call->wakes = wakes;
  if (!cshm_cas64(ring->ready, &state, generation | CSHM_SET))
    return is_tired(call) ? COPS_OVER : COPS_REPEAT;
  return state & CSHM_SLEEPERS_BIT ? COPS_WAKE_UP : COPS_OVER;
}

static int signal_room(struct cshm_ring *ring, struct cops_ring_call *call) {
  if (!call->has_freed)
    return COPS_OVER;
  uint64_t room = cshm_load64(ring->room);
  if (!(room & CSHM_SLEEPERS_BIT))
    return COPS_OVER;
  call->wakes = INT32_MAX;
  uint64_t next = (room + 1) & CSHM_ROOM_GENERATION;
  if (!cshm_cas64(ring->room, &room, next))
    return is_tired(call) ? COPS_OVER : COPS_REPEAT;
  return COPS_WAKE_UP;
}

/* ---- push ---- */

static int refused(struct cops_ring_call *call, enum cops_ring_result result) {
  if (call->count == 0 || result == COPS_RING_BROKEN)
    call->result = result;
  return COPS_REFUSED;
}

static int look_for_room(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint32_t units = ring->units;
  if (cshm_load64(ring->finished))
    return refused(call, COPS_RING_FINISHED);
  uint64_t head = cshm_load64(&ring->pop->position);
  call->tail = cshm_load64(&ring->push->position);
  if (!ring_is_sound(ring, head, call->tail) || is_tired(call)) {
    ring->is_broken = true;
    return refused(call, COPS_RING_BROKEN);
  }
  uint32_t free = units - ring_used(call->tail, head, units);
  uint32_t needed = ring_record_units(call->messages[call->count].length);
  uint32_t rest = units - ring_offset(call->tail, units);
  if (needed > rest)
    return free < needed + rest ? refused(call, COPS_RING_FULL) : COPS_PADS;
  return free < needed ? refused(call, COPS_RING_FULL) : COPS_FITS;
}

static int write_padding(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint32_t rest = ring->units - ring_offset(call->tail, ring->units);
  ring_store_header(ring, call->tail,
                    ring_header((rest - 1) * CSHM_UNIT, CSHM_PADDING, 0), 0);
  return 0;
}

static int store_padded_tail(struct cshm_ring *ring,
                             struct cops_ring_call *call) {
  uint32_t rest = ring->units - ring_offset(call->tail, ring->units);
  ring_store(&ring->push->position,
               ring_advanced(call->tail, rest, 0, ring->units));
  return 0;
}

static int write_header(struct cshm_ring *ring, struct cops_ring_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  ring_store_header(ring, call->tail,
                    ring_header(message->length, message->kind, 0), 0);
  return 0;
}

static int write_bytes(struct cshm_ring *ring, struct cops_ring_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  memcpy(ring_bytes(ring, call->tail), message->bytes, message->length);
  return 0;
}

static int store_tail(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint32_t length = call->messages[call->count].length;
  ring_store(&ring->push->position,
               ring_advanced(call->tail, ring_record_units(length), 1,
                             ring->units));
  call->count++;
  call->turns = 0;
  return call->count < call->wanted ? COPS_MORE : COPS_ALL;
}

static int signal_pushed(struct cshm_ring *ring, struct cops_ring_call *call) {
  return call->count == 0 ? COPS_OVER
                          : signal(ring, call, (int32_t)call->count);
}

/* ---- pop and take ---- */

static int look_for_records(struct cshm_ring *ring,
                            struct cops_ring_call *call) {
  call->head = cshm_load64(&ring->pop->position);
  call->tail = cshm_load64(&ring->push->position);
  call->cursor = call->head;
  if (!ring_is_sound(ring, call->head, call->tail) || is_tired(call)) {
    ring->is_broken = true;
    call->result = COPS_RING_BROKEN;
    return COPS_HOPELESS;
  }
  return ring_used(call->tail, call->head, ring->units) ? COPS_SOMETHING
                                                        : COPS_NOTHING;
}

static bool is_known_alive(const struct cops_ring_call *call, uint32_t mark) {
  if (mark == call->mark)
    return true;
  for (int i = 0; i < COPS_ALIVE; i++)
    if (call->alive[i] == mark)
      return true;
  return false;
}

static int break_ring(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring->is_broken = true;
  call->result = COPS_RING_BROKEN;
  return COPS_STOPS;
}

/* The record at the cursor: its units, or 0 if no ring has such a record. */
static uint32_t record_at_cursor(const struct cshm_ring *ring,
                                 const struct cops_ring_call *call,
                                 uint64_t *header) {
  *header = ring_load_header(ring, call->cursor);
  return ring_sound_units(ring, call->cursor, call->tail, *header);
}

static int find_record(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t header;
  uint32_t units = record_at_cursor(ring, call, &header);
  if (units == 0)
    return break_ring(ring, call);
  uint64_t taken = ring_load_taken(ring, call->cursor);
  bool is_padding = ring_kind(header) == CSHM_PADDING;
  uint32_t taker = (uint32_t)(taken >> 32);
  bool is_done = is_padding || (taken & CSHM_DONE);
  if (is_done && call->cursor == call->head)
    return COPS_TO_PASS;
  if (!is_done && (taken & CSHM_TAKEN) && taker != call->dead &&
      !is_known_alive(call, taker)) {
    call->asked = taker;
    if (!call->never_asks)
      return ASKS;
    if (call->count == 0)
      call->result = COPS_RING_UNDECIDED;
    return COPS_STOPS;
  }
  bool is_free = !is_done && (!(taken & CSHM_TAKEN) ||
                              (taker == call->dead && taker != call->mark));
  if (is_free) {
    if (call->looks)
      call->result = COPS_RING_DONE;
    return call->looks ? COPS_STOPS : COPS_FOUND;
  }
  call->cursor =
      ring_advanced(call->cursor, units, is_padding ? 0 : 1, ring->units);
  return ring_used(call->tail, call->cursor, ring->units) ? COPS_SKIPPED
                                                          : COPS_AT_END;
}

/* Moves head over what is done at the cursor, which is at head. */
static int pass(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t header;
  uint32_t units = record_at_cursor(ring, call, &header);
  if (units == 0)
    return 0; /* the next look finds it */
  call->head = ring_advanced(
      call->head, units, ring_kind(header) == CSHM_PADDING ? 0 : 1,
      ring->units);
  ring_store(&ring->pop->position, call->head);
  call->has_freed = true;
  return 0;
}

static int copy_out(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t header;
  if (record_at_cursor(ring, call, &header) == 0) {
    break_ring(ring, call);
    return COPS_NO_SPACE;
  }
  struct cops_popped popped = {.length = ring_length(header),
                               .kind = ring_kind(header)};
  uint64_t begin = (call->filled + 7) & ~(uint64_t)7;
  uint64_t end = begin + sizeof popped + popped.length;
  if (end > call->capacity) {
    call->length = popped.length;
    if (call->count == 0)
      call->result = COPS_RING_TOO_SMALL;
    return COPS_NO_SPACE;
  }
  memcpy(call->room + begin, &popped, sizeof popped);
  memcpy(call->room + begin + sizeof popped, ring_bytes(ring, call->cursor),
         popped.length);
  call->filled = end;
  call->tries = (uint16_t)(ring_tries(header) + 1);
  return call->takes ? COPS_TO_TAKE : COPS_TO_POP;
}

/* The message is ours from here on. */
static int store_head(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t header;
  uint32_t units = record_at_cursor(ring, call, &header);
  call->count++;
  call->turns = 0;
  call->result = COPS_RING_DONE;
  if (call->cursor != call->head)
    ring_store_taken(ring, call->cursor, CSHM_DONE);
  else if (units != 0) {
    call->head = ring_advanced(call->cursor, units, 1, ring->units);
    ring_store(&ring->pop->position, call->head);
    call->has_freed = true;
  }
  return call->count < call->wanted ? COPS_MORE : COPS_ENOUGH;
}

static int store_tries(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t header = ring_load_header(ring, call->cursor);
  uint64_t next =
      ring_header(ring_length(header), ring_kind(header),
                  call->tries ? call->tries : UINT16_MAX);
  ring_store(ring_record(ring, call->cursor), next);
  return 0;
}

static int store_mark(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring_store_taken(ring, call->cursor,
                   (uint64_t)call->mark << 32 | CSHM_TAKEN);
  call->token = call->cursor;
  call->count++;
  call->result = COPS_RING_DONE;
  return 0;
}

/* ---- done and give back ---- */

/* Is the token's record one that this mark has taken? */
static int check_token(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint32_t units = ring->units;
  call->head = cshm_load64(&ring->pop->position);
  call->tail = cshm_load64(&ring->push->position);
  call->cursor = call->token;
  call->result = COPS_RING_NOT_OURS;
  if (!ring_is_sound(ring, call->head, call->tail)) {
    break_ring(ring, call);
    return COPS_FOREIGN;
  }
  bool is_inside =
      ring_position(call->token) < 2 * units &&
      ring_used(call->token, call->head, units) <
          ring_used(call->tail, call->head, units);
  if (!is_inside || ring_load_taken(ring, call->token) !=
                        ((uint64_t)call->mark << 32 | CSHM_TAKEN))
    return COPS_FOREIGN;
  call->result = COPS_RING_DONE;
  return COPS_OURS;
}

static int store_done(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring_store_taken(ring, call->cursor, CSHM_DONE);
  return 0;
}

static int store_back(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring_store_taken(ring, call->cursor, 0);
  return 0;
}

/* ---- the end of pop, done and give back ---- */

/* Moves head over one record that is done, if there is one. */
static int tidy(struct cshm_ring *ring, struct cops_ring_call *call) {
  if (ring_used(call->tail, call->head, ring->units) == 0)
    return COPS_EMPTIED;
  call->cursor = call->head;
  uint64_t header;
  if (record_at_cursor(ring, call, &header) == 0)
    return COPS_TIDIED;
  bool is_done = ring_kind(header) == CSHM_PADDING ||
                 (ring_load_taken(ring, call->cursor) & CSHM_DONE);
  if (!is_done)
    return COPS_TIDIED;
  pass(ring, call);
  return COPS_ONE_MORE;
}

static int reset(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t state = cshm_load64(ring->ready);
  uint64_t sleepers = call->has_slept ? CSHM_SLEEPERS_BIT : 0;
  if (call->count == 0 && call->result == COPS_RING_DONE)
    call->result = COPS_RING_EMPTY;
  if (!(state & CSHM_SET))
    return COPS_WAS_CLEAR;
  if (!cshm_cas64(ring->ready, &state, (state & ~CSHM_SET) | sleepers))
    return is_tired(call) ? COPS_WAS_CLEAR : COPS_REPEAT;
  return COPS_WAS_SET;
}

static int look_again(struct cshm_ring *ring, struct cops_ring_call *call) {
  return cshm_load64(&ring->push->position) == call->tail ? COPS_STILL_EMPTY
                                                          : COPS_CAME;
}

/* A pop that has no message yet goes on with what came. */
static int after_signal(struct cops_ring_call *call) {
  if (call->result != COPS_RING_EMPTY)
    return COPS_OVER;
  call->result = COPS_RING_DONE;
  return COPS_LOOK_AGAIN;
}

static int signal_again(struct cshm_ring *ring, struct cops_ring_call *call) {
  int outcome = signal(ring, call, 1);
  return outcome == COPS_OVER ? after_signal(call) : outcome;
}

/* ---- */

static inline __attribute__((always_inline)) int
outcome_of(struct cshm_ring *ring, struct cops_ring_call *call) {
  switch ((enum cops_ring_step)call->step) {
  case COPS_PUSH_LOCK:
  case COPS_FINISH_LOCK:
    return lock(ring->push, call);
  case COPS_PUSH_LOOK:
    return look_for_room(ring, call);
  case COPS_PUSH_PADDING:
    return write_padding(ring, call);
  case COPS_PUSH_PAD_TAIL:
    return store_padded_tail(ring, call);
  case COPS_PUSH_HEADER:
    return write_header(ring, call);
  case COPS_PUSH_BYTES:
    return write_bytes(ring, call);
  case COPS_PUSH_TAIL:
    return store_tail(ring, call);
  case COPS_PUSH_UNLOCK:
  case COPS_FINISH_UNLOCK:
    return unlock(ring->push, call);
  case COPS_PUSH_SIGNAL:
    return signal_pushed(ring, call);
  case COPS_FINISH_STORE:
    cshm_store64(ring->finished, 1);
    call->has_freed = true; /* who waits for room must learn it */
    return 0;
  case COPS_FINISH_SIGNAL:
    return signal(ring, call, INT32_MAX);
  case COPS_POP_LOCK:
  case COPS_DONE_LOCK:
  case COPS_BACK_LOCK:
    return lock(ring->pop, call);
  case COPS_POP_LOOK:
    return look_for_records(ring, call);
  case COPS_POP_FIND:
    return find_record(ring, call);
  case COPS_POP_PASS:
    return pass(ring, call);
  case COPS_POP_COPY:
    return copy_out(ring, call);
  case COPS_POP_HEAD:
    return store_head(ring, call);
  case COPS_TAKE_TRIES:
    return store_tries(ring, call);
  case COPS_TAKE_MARK:
    return store_mark(ring, call);
  case COPS_DONE_CHECK:
  case COPS_BACK_CHECK:
    return check_token(ring, call);
  case COPS_DONE_STORE:
    return store_done(ring, call);
  case COPS_BACK_STORE:
    return store_back(ring, call);
  case COPS_POP_TIDY:
    return tidy(ring, call);
  case COPS_POP_RESET:
    return reset(ring, call);
  case COPS_POP_AGAIN:
    return look_again(ring, call);
  case COPS_POP_SIGNAL:
    return signal_again(ring, call);
  case COPS_POP_WAKE:
    return after_signal(call);
  case COPS_POP_UNLOCK:
    return unlock(ring->pop, call);
  case COPS_ROOM_SIGNAL:
    return signal_room(ring, call);
  case COPS_PUSH_WAKE_LOCK:
  case COPS_PUSH_WAKE:
  case COPS_FINISH_WAKE_LOCK:
  case COPS_FINISH_WAKE:
  case COPS_POP_WAKE_LOCK:
  case COPS_ROOM_WAKE:
  case COPS_RING_END:
  case COPS_RING_STEPS:
    break;
  }
  return 0;
}

static inline __attribute__((always_inline)) bool
step(struct cshm_ring *ring, struct cops_ring_call *call,
     const struct cops_ring_rules *rules, enum cops_ring_result *why) {
  int outcome = outcome_of(ring, call);
  if (__builtin_expect(outcome == ASKS, 0)) {
    *why = call->step == COPS_POP_FIND ? COPS_RING_ASK : COPS_RING_BUSY;
    return false;
  }
  call->step = rules->next[call->step][outcome];
  return true;
}

bool cops_ring_step(struct cshm_ring *ring, struct cops_ring_call *call,
                    const struct cops_ring_rules *rules,
                    enum cops_ring_result *why) {
  return step(ring, call, rules, why);
}

const void *cops_ring_woken(const struct cshm_ring *ring,
                            const struct cops_ring_call *call) {
  switch ((enum cops_ring_step)call->step) {
  case COPS_PUSH_WAKE_LOCK:
  case COPS_FINISH_WAKE_LOCK:
    return cshm_low_half(&ring->push->lock);
  case COPS_POP_WAKE_LOCK:
    return cshm_low_half(&ring->pop->lock);
  case COPS_PUSH_WAKE:
  case COPS_FINISH_WAKE:
  case COPS_POP_WAKE:
    return cshm_low_half(ring->ready);
  case COPS_ROOM_WAKE:
    return cshm_low_half(ring->room);
  default:
    return NULL;
  }
}

/* The steps that wake sleepers, as bits: those of which cops_ring_woken gives a
   word. */
#define WAKES                                                                  \
  (1ULL << COPS_PUSH_WAKE_LOCK | 1ULL << COPS_PUSH_WAKE |                      \
   1ULL << COPS_FINISH_WAKE_LOCK | 1ULL << COPS_FINISH_WAKE |                  \
   1ULL << COPS_POP_WAKE | 1ULL << COPS_POP_WAKE_LOCK |                        \
   1ULL << COPS_ROOM_WAKE)

_Static_assert(COPS_RING_STEPS <= 64, "a step is a bit");

enum cops_ring_result cops_ring_run(struct cshm_ring *ring,
                                    struct cops_ring_call *call) {
  enum cops_ring_result why;
  while (call->step != COPS_RING_END) {
    if (__builtin_expect(WAKES >> call->step & 1, 0))
      cshm_futex_wake(cops_ring_woken(ring, call), call->wakes);
    if (!step(ring, call, &cops_ring_rules, &why))
      return why;
  }
  return (enum cops_ring_result)call->result;
}

bool cops_ring_locks_push(const struct cops_ring_call *call) {
  return call->step == COPS_PUSH_LOCK || call->step == COPS_FINISH_LOCK;
}

void cops_ring_answer(struct cops_ring_call *call, bool is_dead) {
  if (is_dead) {
    call->dead = call->asked;
    return;
  }
  call->alive[call->next_alive++ % COPS_ALIVE] = call->asked;
}

/* ---- calls ---- */

struct cops_ring_call cops_push_call(uint32_t mark,
                                     const struct cops_message *messages,
                                     uint32_t count) {
  return (struct cops_ring_call){.step = count ? COPS_PUSH_LOCK : COPS_RING_END,
                                 .mark = mark,
                                 .messages = messages,
                                 .wanted = count};
}

struct cops_ring_call cops_pop_call(uint32_t mark, unsigned char *room,
                                    uint64_t capacity, uint32_t wanted) {
  return (struct cops_ring_call){.step = COPS_POP_LOCK,
                                 .mark = mark,
                                 .room = room,
                                 .capacity = capacity,
                                 .wanted = wanted};
}

struct cops_ring_call cops_take_call(uint32_t mark, unsigned char *room,
                                     uint64_t capacity) {
  struct cops_ring_call call = cops_pop_call(mark, room, capacity, 1);
  call.takes = true;
  return call;
}

struct cops_ring_call cops_look_call(uint32_t mark) {
  return (struct cops_ring_call){
      .step = COPS_POP_LOCK, .mark = mark, .looks = true};
}

struct cops_ring_call cops_done_call(uint32_t mark, uint64_t token) {
  return (struct cops_ring_call){
      .step = COPS_DONE_LOCK, .mark = mark, .token = token, .count = 1};
}

struct cops_ring_call cops_back_call(uint32_t mark, uint64_t token) {
  return (struct cops_ring_call){
      .step = COPS_BACK_LOCK, .mark = mark, .token = token, .count = 1};
}

struct cops_ring_call cops_finish_call(uint32_t mark) {
  return (struct cops_ring_call){.step = COPS_FINISH_LOCK, .mark = mark};
}

/* ---- looking ---- */

uint32_t cops_ring_count(const struct cshm_ring *ring) {
  uint64_t head = cshm_load64(&ring->pop->position);
  uint64_t tail = cshm_load64(&ring->push->position);
  return (uint32_t)(tail >> 32) - (uint32_t)(head >> 32);
}

uint64_t cops_ring_free(const struct cshm_ring *ring) {
  uint64_t head = cshm_load64(&ring->pop->position);
  uint64_t tail = cshm_load64(&ring->push->position);
  if (!ring_is_sound(ring, head, tail))
    return 0;
  return (uint64_t)(ring->units - ring_used(tail, head, ring->units)) *
         CSHM_UNIT;
}
