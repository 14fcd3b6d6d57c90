/* The steps of a ring that is written over; COperationsBroadcasts.h tells how
   they play together. */
#include "COperationsBroadcasts.h"

#include <string.h>
#include <time.h>

/* ---- what follows what ---- */

const struct cops_broadcast_rules cops_broadcast_rules = {
    .next = {
        [COPS_PUBLISH_LOCK] = {COPS_PUBLISH_LOOK},
        [COPS_PUBLISH_LOOK] = {[COPS_MAY_WRITE] = COPS_PUBLISH_FIRST,
                               [COPS_MAY_NOT] = COPS_PUBLISH_UNLOCK},
        [COPS_PUBLISH_FIRST] = {[COPS_FITS_BEHIND] = COPS_PUBLISH_HEADER,
                                [COPS_FITS_AROUND] = COPS_PUBLISH_PADDING},
        [COPS_PUBLISH_PADDING] = {COPS_PUBLISH_HEADER},
        [COPS_PUBLISH_HEADER] = {COPS_PUBLISH_BYTES},
        [COPS_PUBLISH_BYTES] = {COPS_PUBLISH_TAIL},
        [COPS_PUBLISH_TAIL] = {COPS_PUBLISH_LATEST},
        [COPS_PUBLISH_LATEST] = {[COPS_LAST] = COPS_PUBLISH_UNLOCK,
                                 [COPS_ANOTHER] = COPS_PUBLISH_LOOK},
        [COPS_PUBLISH_UNLOCK] =
            {[COPS_NOBODY_SLEEPS] = COPS_PUBLISH_SIGNAL,
             [COPS_SOMEBODY_SLEEPS] = COPS_PUBLISH_WAKE_LOCK},
        [COPS_PUBLISH_WAKE_LOCK] = {COPS_PUBLISH_SIGNAL},
        [COPS_PUBLISH_SIGNAL] = {[COPS_OVER] = COPS_BROADCAST_END,
                                 [COPS_REPEAT] = COPS_PUBLISH_SIGNAL,
                                 [COPS_WAKE_UP] = COPS_PUBLISH_WAKE},
        [COPS_PUBLISH_WAKE] = {COPS_BROADCAST_END},

        [COPS_READ_NEWEST] = {COPS_READ_TAIL},
        [COPS_READ_TAIL] = {[COPS_READ_GOES_ON] = COPS_READ_FIRST,
                            [COPS_READ_STOPS] = COPS_BROADCAST_END},
        [COPS_READ_FIRST] = {[COPS_READ_GOES_ON] = COPS_READ_HEADER,
                             [COPS_READ_OVERTAKEN] = COPS_READ_TAIL,
                             [COPS_READ_STOPS] = COPS_BROADCAST_END},
        [COPS_READ_HEADER] = {COPS_READ_BYTES},
        [COPS_READ_BYTES] = {COPS_READ_CHECK},
        [COPS_READ_CHECK] = {[COPS_READ_GOES_ON] = COPS_READ_TAKE,
                             [COPS_READ_OVERTAKEN] = COPS_READ_TAIL,
                             [COPS_READ_STOPS] = COPS_READ_NEWEST},
        [COPS_READ_TAKE] = {[COPS_READ_GOES_ON] = COPS_READ_TAIL,
                            [COPS_READ_STOPS] = COPS_BROADCAST_END},
        [COPS_BROADCAST_END] = {COPS_BROADCAST_END},
    }};

enum { ASKS = -1 };

/* Whatever makes a call repeat so often is done by somebody hostile. */
enum { MOST_TURNS = 100000 };

/* From then on a reader that is overtaken while it copies goes to the newest
   record: nobody overtakes that before a whole ring was written. */
enum { PATIENT_TURNS = 3 };

static bool is_tired(struct cops_broadcast_call *call) {
  return ++call->turns > MOST_TURNS;
}

static void break_it(struct cshm_broadcast *ring,
                     struct cops_broadcast_call *call) {
  ring->is_broken = true;
  call->result = COPS_RING_BROKEN;
}

/* ---- positions and records ---- */

static uint64_t *word_at(const struct cshm_broadcast *ring, uint64_t position) {
  return (uint64_t *)(void *)(ring->bytes + position % ring->units *
                                                CSHM_BROADCAST_UNIT);
}

static uint64_t rest_at(const struct cshm_broadcast *ring, uint64_t position) {
  return ring->units - position % ring->units;
}

static uint64_t form_of(uint32_t length, uint8_t kind) {
  return (uint64_t)length | (uint64_t)kind << 32;
}

static uint8_t kind_of(uint64_t form) { return (uint8_t)(form >> 32); }

/* The units of the record with this form if one may lie there: not 0, not
   behind `tail`, not around the ring's end. */
static uint64_t sound_units(const struct cshm_broadcast *ring,
                            uint64_t position, uint64_t tail, uint64_t form) {
  uint64_t length = (uint32_t)form;
  uint64_t units = kind_of(form) == CSHM_PADDING
                       ? length
                       : CSHM_BROADCAST_HEADER +
                             (length + CSHM_BROADCAST_UNIT - 1) /
                                 CSHM_BROADCAST_UNIT;
  if (units > rest_at(ring, position) || units > tail - position)
    return 0;
  return units;
}

static bool is_sound(const struct cshm_broadcast *ring, uint64_t first,
                     uint64_t tail) {
  return !ring->is_broken && first <= tail && tail - first <= ring->units;
}

/* ---- publishing ---- */

static int lock(struct cshm_broadcast *ring, struct cops_broadcast_call *call) {
  uint64_t *word = &ring->publishers->lock;
  uint64_t ours = (uint64_t)call->mark << 32 | CSHM_HELD |
                  (call->has_slept_lock ? CSHM_SLEEPERS_BIT : 0);
  uint64_t seen = 0;
  if (cshm_cas64(word, &seen, ours))
    return 0;
  uint32_t owner = (uint32_t)(seen >> 32);
  /* The mark 0 is nobody's: such a lock is what a dead owner left, too. */
  if (!(seen & CSHM_HELD) || owner == call->dead)
    if (cshm_cas64(word, &seen, ours | (seen & CSHM_SLEEPERS_BIT)))
      return 0;
  call->seen = seen;
  call->asked = (uint32_t)(seen >> 32);
  return ASKS;
}

/* The full fence between what was published and whether somebody sleeps. */
static int unlock(struct cshm_broadcast *ring,
                  struct cops_broadcast_call *call) {
  call->wakes = 1;
  return cshm_exchange64(&ring->publishers->lock, 0) & CSHM_SLEEPERS_BIT
             ? COPS_SOMEBODY_SLEEPS
             : COPS_NOBODY_SLEEPS;
}

/* The sequence behind the newest record, which is the hint's or comes behind
   it; 0: what lies there is no ring. */
static uint64_t next_sequence(const struct cshm_broadcast *ring, uint64_t first,
                              uint64_t tail, uint64_t hint) {
  uint64_t sequence = 0, at = hint > first ? hint - 1 : first;
  if (tail == 0)
    return 1;
  while (at < tail) {
    const uint64_t *words = word_at(ring, at);
    uint64_t form = cshm_load64(words);
    uint64_t units = sound_units(ring, at, tail, form);
    if (units == 0)
      return 0;
    if (kind_of(form) != CSHM_PADDING)
      sequence = cshm_load64(words + 1);
    at += units;
  }
  return sequence == 0 ? 0 : sequence + 1;
}

/* Where the oldest record is once there is room up to `end`; ~0: no ring. */
static uint64_t first_before(const struct cshm_broadcast *ring, uint64_t first,
                             uint64_t tail, uint64_t end) {
  while (end - first > ring->units) {
    uint64_t form = cshm_load64(word_at(ring, first));
    uint64_t units = sound_units(ring, first, tail, form);
    if (units == 0)
      return ~0ULL;
    first += units;
  }
  return first;
}

static uint64_t units_for(uint32_t length) {
  return CSHM_BROADCAST_HEADER +
         ((uint64_t)length + CSHM_BROADCAST_UNIT - 1) / CSHM_BROADCAST_UNIT;
}

/* Nobody but the lock's owner changes what is looked at here. */
static int look(struct cshm_broadcast *ring, struct cops_broadcast_call *call) {
  uint64_t first = cshm_load64(&ring->bounds->first);
  uint64_t tail = cshm_load64(&ring->bounds->tail);
  uint64_t hint = cshm_load64(&ring->bounds->latest);
  uint64_t units = units_for(call->messages[call->count].length);
  call->tail = tail;
  call->padding = 0;
  if (units > ring->units / 4 || !is_sound(ring, first, tail) || hint > tail ||
      (call->sequence = next_sequence(ring, first, tail, hint)) == 0) {
    break_it(ring, call);
    return COPS_MAY_NOT;
  }
  if (units > rest_at(ring, tail))
    call->padding = (uint32_t)rest_at(ring, tail);
  call->position = tail + call->padding;
  call->first = first_before(ring, first, tail, call->position + units);
  if (call->first == ~0ULL) {
    break_it(ring, call);
    return COPS_MAY_NOT;
  }
  return COPS_MAY_WRITE;
}

/* Seen by everybody before any byte behind it is written over: a store that
   releases would not hold back what comes after it. */
static int store_first(struct cshm_broadcast *ring,
                       struct cops_broadcast_call *call) {
  __atomic_store_n(&ring->bounds->first, call->first, __ATOMIC_RELEASE);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  return call->padding ? COPS_FITS_AROUND : COPS_FITS_BEHIND;
}

static int write_padding(struct cshm_broadcast *ring,
                         struct cops_broadcast_call *call) {
  __atomic_store_n(word_at(ring, call->tail),
                   form_of(call->padding, CSHM_PADDING), __ATOMIC_RELAXED);
  return 0;
}

static int write_header(struct cshm_broadcast *ring,
                        struct cops_broadcast_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  uint64_t *words = word_at(ring, call->position);
  __atomic_store_n(words, form_of(message->length, message->kind),
                   __ATOMIC_RELAXED);
  __atomic_store_n(words + 1, call->sequence, __ATOMIC_RELAXED);
  __atomic_store_n(words + 2, call->time, __ATOMIC_RELAXED);
  return 0;
}

static int write_bytes(struct cshm_broadcast *ring,
                       struct cops_broadcast_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  memcpy(word_at(ring, call->position) + CSHM_BROADCAST_HEADER, message->bytes,
         message->length);
  return 0;
}

/* The message is there from here on. */
static int store_tail(struct cshm_broadcast *ring,
                      struct cops_broadcast_call *call) {
  call->tail =
      call->position + units_for(call->messages[call->count].length);
  __atomic_store_n(&ring->bounds->tail, call->tail, __ATOMIC_RELEASE);
  call->count++;
  return 0;
}

static int store_latest(struct cshm_broadcast *ring,
                        struct cops_broadcast_call *call) {
  __atomic_store_n(&ring->bounds->latest, call->position + 1,
                   __ATOMIC_RELEASE);
  return call->count < call->wanted_messages ? COPS_ANOTHER : COPS_LAST;
}

/* Is the first sequence behind the second one? Both are the low 31 bits. */
static bool is_ahead(uint64_t one, uint64_t other) {
  uint64_t distance = (one - other) & CSHM_COUNT;
  return distance != 0 && distance <= CSHM_COUNT / 2;
}

/* Publishers may come here in another order than they published in: the word
   only grows, and who sleeps on a later one has read this already. */
static int signal(struct cshm_broadcast *ring,
                  struct cops_broadcast_call *call) {
  uint64_t newest = call->sequence & CSHM_COUNT;
  uint64_t state = cshm_load64(ring->state);
  call->wakes = INT32_MAX;
  if (call->count == 0 || !is_ahead(newest, state & CSHM_COUNT))
    return COPS_OVER;
  if (!cshm_cas64(ring->state, &state, newest))
    return is_tired(call) ? COPS_OVER : COPS_REPEAT;
  return state & CSHM_SLEEPERS_BIT ? COPS_WAKE_UP : COPS_OVER;
}

/* ---- reading ---- */

static int begin_at_newest(struct cshm_broadcast *ring,
                           struct cops_broadcast_call *call) {
  uint64_t hint = cshm_load64(&ring->bounds->latest);
  if (hint != 0 && hint - 1 > call->position)
    call->position = hint - 1;
  return 0;
}

/* Whoever looks for the newest looks as far as tail was: more may come as fast
   as it walks. */
static int load_tail(struct cshm_broadcast *ring,
                     struct cops_broadcast_call *call) {
  if (call->reading == COPS_READS_NEXT || call->tail == 0)
    call->tail = cshm_load64(&ring->bounds->tail);
  if (call->position == call->tail) {
    call->result = COPS_RING_EMPTY;
    return COPS_READ_STOPS;
  }
  if (ring->is_broken || call->position > call->tail) {
    break_it(ring, call);
    return COPS_READ_STOPS;
  }
  return COPS_READ_GOES_ON;
}

/* The publishers have gone on: what was loaded is too old. */
static int is_overtaken(struct cshm_broadcast *ring,
                        struct cops_broadcast_call *call) {
  call->tail = 0;
  if (is_tired(call))
    ring->is_broken = true; /* as the next step finds */
  return call->turns > PATIENT_TURNS ? COPS_READ_STOPS : COPS_READ_OVERTAKEN;
}

/* Loaded after tail, it may be behind it: then publishers have gone on. */
static int load_first(struct cshm_broadcast *ring,
                      struct cops_broadcast_call *call) {
  call->first = cshm_load64(&ring->bounds->first);
  if (call->first <= call->tail && call->tail - call->first > ring->units) {
    break_it(ring, call);
    return COPS_READ_STOPS;
  }
  if (call->position >= call->first)
    return COPS_READ_GOES_ON;
  call->position = call->first;
  call->is_lapped = true;
  if (call->first < call->tail)
    return COPS_READ_GOES_ON;
  is_overtaken(ring, call);
  return COPS_READ_OVERTAKEN;
}

static int copy_header(struct cshm_broadcast *ring,
                       struct cops_broadcast_call *call) {
  const uint64_t *words = word_at(ring, call->position);
  call->form = cshm_load64(words);
  call->is_sound =
      sound_units(ring, call->position, call->tail, call->form) != 0;
  if (!call->is_sound || kind_of(call->form) == CSHM_PADDING)
    return 0;
  call->seen_sequence = cshm_load64(words + 1);
  call->time = cshm_load64(words + 2);
  return 0;
}

static bool copies(const struct cops_broadcast_call *call) {
  return call->is_sound && kind_of(call->form) != CSHM_PADDING &&
         call->reading <= COPS_READS_NEWEST &&
         (uint32_t)call->form <= call->capacity;
}

static int copy_bytes(struct cshm_broadcast *ring,
                      struct cops_broadcast_call *call) {
  if (copies(call))
    memcpy(call->room, word_at(ring, call->position) + CSHM_BROADCAST_HEADER,
           (uint32_t)call->form);
  return 0;
}

/* What was copied was there if nobody could have begun to write over it. */
static int check(struct cshm_broadcast *ring,
                 struct cops_broadcast_call *call) {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  uint64_t first = cshm_load64(&ring->bounds->first);
  if (first <= call->position)
    return COPS_READ_GOES_ON;
  call->position = first;
  call->is_lapped = true;
  return is_overtaken(ring, call);
}

static int stop(struct cops_broadcast_call *call,
                enum cops_ring_result result) {
  call->result = (uint8_t)result;
  return COPS_READ_STOPS;
}

/* Is this record what the reader expects? Whoever knows no sequence yet, such
   as one that looks for the newest, takes any. */
static bool is_expected(const struct cops_broadcast_call *call) {
  uint64_t expected = call->sequence;
  return call->seen_sequence != 0 &&
         (expected == 0 || call->seen_sequence == expected ||
          (call->is_lapped && call->seen_sequence > expected));
}

/* Behind a record that is passed over there has to be the next one. */
static int pass(struct cops_broadcast_call *call, uint64_t behind) {
  call->position = behind;
  call->sequence = call->seen_sequence + 1;
  call->is_lapped = false;
  return COPS_READ_GOES_ON;
}

static int found(struct cops_broadcast_call *call, uint64_t behind) {
  if (call->reading == COPS_SEEKS) {
    if (call->seen_sequence < call->wanted)
      return pass(call, behind);
    call->sequence = call->seen_sequence;
    return stop(call, COPS_RING_DONE);
  }
  if (call->reading != COPS_READS_NEXT && behind < call->tail)
    return pass(call, behind);
  call->length = (uint32_t)call->form;
  call->kind = kind_of(call->form);
  if (call->reading <= COPS_READS_NEWEST && call->length > call->capacity)
    return stop(call, COPS_RING_TOO_SMALL);
  call->lost = call->reading == COPS_READS_NEXT
                   ? call->seen_sequence - call->sequence
                   : 0;
  call->sequence = call->seen_sequence;
  call->at = call->position;
  call->position = behind;
  return stop(call, COPS_RING_DONE);
}

/* Nothing here is shared any more. */
static int take(struct cshm_broadcast *ring, struct cops_broadcast_call *call) {
  uint64_t behind = call->position + sound_units(ring, call->position,
                                                 call->tail, call->form);
  bool is_padding = kind_of(call->form) == CSHM_PADDING;
  if (!call->is_sound || (!is_padding && !is_expected(call))) {
    break_it(ring, call);
    return COPS_READ_STOPS;
  }
  if (!is_padding)
    return found(call, behind);
  call->position = behind;
  return COPS_READ_GOES_ON;
}

/* ---- */

static inline __attribute__((always_inline)) int
outcome_of(struct cshm_broadcast *ring, struct cops_broadcast_call *call) {
  switch ((enum cops_broadcast_step)call->step) {
  case COPS_PUBLISH_LOCK:
    return lock(ring, call);
  case COPS_PUBLISH_LOOK:
    return look(ring, call);
  case COPS_PUBLISH_FIRST:
    return store_first(ring, call);
  case COPS_PUBLISH_PADDING:
    return write_padding(ring, call);
  case COPS_PUBLISH_HEADER:
    return write_header(ring, call);
  case COPS_PUBLISH_BYTES:
    return write_bytes(ring, call);
  case COPS_PUBLISH_TAIL:
    return store_tail(ring, call);
  case COPS_PUBLISH_LATEST:
    return store_latest(ring, call);
  case COPS_PUBLISH_UNLOCK:
    return unlock(ring, call);
  case COPS_PUBLISH_SIGNAL:
    return signal(ring, call);
  case COPS_READ_NEWEST:
    return begin_at_newest(ring, call);
  case COPS_READ_TAIL:
    return load_tail(ring, call);
  case COPS_READ_FIRST:
    return load_first(ring, call);
  case COPS_READ_HEADER:
    return copy_header(ring, call);
  case COPS_READ_BYTES:
    return copy_bytes(ring, call);
  case COPS_READ_CHECK:
    return check(ring, call);
  case COPS_READ_TAKE:
    return take(ring, call);
  case COPS_PUBLISH_WAKE_LOCK:
  case COPS_PUBLISH_WAKE:
  case COPS_BROADCAST_END:
  case COPS_BROADCAST_STEPS:
    break;
  }
  return 0;
}

static inline __attribute__((always_inline)) bool
step(struct cshm_broadcast *ring, struct cops_broadcast_call *call,
     const struct cops_broadcast_rules *rules) {
  int outcome = outcome_of(ring, call);
  if (__builtin_expect(outcome == ASKS, 0))
    return false;
  call->step = rules->next[call->step][outcome];
  return true;
}

bool cops_broadcast_step(struct cshm_broadcast *ring,
                         struct cops_broadcast_call *call,
                         const struct cops_broadcast_rules *rules) {
  return step(ring, call, rules);
}

const void *cops_broadcast_woken(const struct cshm_broadcast *ring,
                                 const struct cops_broadcast_call *call) {
  if (call->step == COPS_PUBLISH_WAKE_LOCK)
    return cshm_low_half(&ring->publishers->lock);
  return call->step == COPS_PUBLISH_WAKE ? cshm_low_half(ring->state) : NULL;
}

enum cops_ring_result cops_broadcast_run(struct cshm_broadcast *ring,
                                         struct cops_broadcast_call *call) {
  while (call->step != COPS_BROADCAST_END) {
    const void *woken = cops_broadcast_woken(ring, call);
    if (__builtin_expect(woken != NULL, 0))
      cshm_futex_wake(woken, call->wakes);
    if (!step(ring, call, &cops_broadcast_rules))
      return COPS_RING_BUSY;
  }
  return (enum cops_ring_result)call->result;
}

/* ---- calls ---- */

struct cops_broadcast_call
cops_publish_call(uint32_t mark, const struct cops_message *messages,
                  uint32_t count, uint64_t time) {
  return (struct cops_broadcast_call){.step = count ? COPS_PUBLISH_LOCK
                                                    : COPS_BROADCAST_END,
                                      .mark = mark,
                                      .messages = messages,
                                      .wanted_messages = count,
                                      .time = time};
}

struct cops_broadcast_call cops_next_call(const struct cshm_broadcast *ring,
                                          unsigned char *room,
                                          uint64_t capacity) {
  return (struct cops_broadcast_call){.step = COPS_READ_TAIL,
                                      .reading = COPS_READS_NEXT,
                                      .room = room,
                                      .capacity = capacity,
                                      .position = ring->position,
                                      .sequence = ring->sequence};
}

struct cops_broadcast_call cops_newest_call(unsigned char *room,
                                            uint64_t capacity) {
  return (struct cops_broadcast_call){.step = COPS_READ_NEWEST,
                                      .reading = COPS_READS_NEWEST,
                                      .room = room,
                                      .capacity = capacity};
}

struct cops_broadcast_call cops_seek_call(uint64_t wanted) {
  return (struct cops_broadcast_call){
      .step = wanted ? COPS_READ_TAIL : COPS_READ_NEWEST,
      .reading = wanted ? COPS_SEEKS : COPS_SEEKS_END,
      .wanted = wanted};
}

static void lose(struct cshm_broadcast *ring, uint64_t count) {
  ring->untold += count;
  ring->lost += count;
}

void cops_broadcast_accept(struct cshm_broadcast *ring,
                           const struct cops_broadcast_call *call) {
  if (call->sequence < ring->sequence)
    return; /* another call of the same handle came further */
  ring->position = call->position;
  ring->sequence = call->sequence + 1;
  ring->time = call->time;
  lose(ring, call->lost);
}

void cops_broadcast_go_before(struct cshm_broadcast *ring,
                              const struct cops_broadcast_call *call) {
  ring->position = call->at;
  ring->sequence = call->sequence;
  lose(ring, call->lost);
}

void cops_broadcast_go_to(struct cshm_broadcast *ring,
                          const struct cops_broadcast_call *call) {
  bool is_behind = call->reading == COPS_SEEKS_END &&
                   call->result == COPS_RING_DONE;
  ring->position = call->position;
  ring->sequence = call->sequence + (is_behind || call->sequence == 0);
}

bool cops_broadcast_has_next(const struct cshm_broadcast *ring) {
  return cshm_load64(&ring->bounds->tail) != ring->position;
}

uint64_t cops_broadcast_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}
