/* How the steps of a ring of records are run (ring-steps.def has them);
   COperationsRings.h tells how they play together. */
#include "COperationsRings.h"

#include "ring-pop.h"
#include "ring-push.h"

static enum cops_ring_result question(uint8_t step) {
  return step == COPS_POP_FIND ? COPS_RING_ASK : COPS_RING_BUSY;
}

#define STEPS "ring-steps.def"
#define STEPS_RING struct cshm_ring
#define STEPS_CALL struct cops_ring_call
#define STEPS_RULES const struct cops_ring_rules cops_ring_rules
#define STEPS_END RING_END
#define STEPS_QUESTION question
#include "step-code.h"

bool cops_ring_step(struct cshm_ring *ring, struct cops_ring_call *call,
                    const struct cops_ring_rules *rules,
                    enum cops_ring_result *why) {
  int outcome = outcome_of(ring, call);
  if (outcome == ASKS) {
    *why = question(call->step);
    return false;
  }
  call->step = rules->next[call->step][outcome];
  return true;
}

const void *cops_ring_woken(const struct cshm_ring *ring,
                            const struct cops_ring_call *call) {
  return woken_by(ring, call);
}

enum cops_ring_result cops_ring_run(struct cshm_ring *ring,
                                    struct cops_ring_call *call) {
  return run(ring, call);
}

bool cops_ring_locks_push(const struct cops_ring_call *call) {
  return call->step == COPS_PUSH_LOCK || call->step == COPS_FINISH_LOCK;
}

void cops_ring_answer(struct cops_ring_call *call, bool is_dead) {
  if (is_dead) {
    call->locking.dead = call->locking.asked;
    return;
  }
  call->alive[call->next_alive++ % COPS_ALIVE] = call->locking.asked;
}

/* ---- calls ---- */

/* Inline, so that what runs at once knows what its call begins with. */
RING_STEP struct cops_ring_call push_call(uint32_t mark,
                                          const struct cops_message *messages,
                                          uint32_t count) {
  return (struct cops_ring_call){.step = count ? COPS_PUSH_LOCK : COPS_RING_END,
                                 .locking.mark = mark,
                                 .messages = messages,
                                 .wanted = count};
}

RING_STEP struct cops_ring_call pop_call(uint32_t mark, unsigned char *room,
                                         uint64_t capacity, uint32_t wanted) {
  return (struct cops_ring_call){.step = COPS_POP_LOCK,
                                 .locking.mark = mark,
                                 .room = room,
                                 .capacity = capacity,
                                 .wanted = wanted};
}

struct cops_ring_call cops_push_call(uint32_t mark,
                                     const struct cops_message *messages,
                                     uint32_t count) {
  return push_call(mark, messages, count);
}

struct cops_ring_call cops_pop_call(uint32_t mark, unsigned char *room,
                                    uint64_t capacity, uint32_t wanted) {
  return pop_call(mark, room, capacity, wanted);
}

struct cops_ring_call cops_take_call(uint32_t mark, unsigned char *room,
                                     uint64_t capacity) {
  struct cops_ring_call call = pop_call(mark, room, capacity, 1);
  call.takes = true;
  return call;
}

struct cops_ring_call cops_peek_call(uint32_t mark, unsigned char *room,
                                     uint64_t capacity) {
  struct cops_ring_call call = pop_call(mark, room, capacity, 1);
  call.peeks = true;
  return call;
}

struct cops_ring_call cops_clear_call(uint32_t mark, uint32_t most) {
  struct cops_ring_call call = pop_call(mark, NULL, 0, most);
  call.clears = true;
  return call;
}

struct cops_ring_call cops_look_call(uint32_t mark) {
  return (struct cops_ring_call){
      .step = COPS_POP_LOCK, .locking.mark = mark, .looks = true};
}

struct cops_ring_call cops_done_call(uint32_t mark, uint64_t token) {
  return (struct cops_ring_call){
      .step = COPS_DONE_LOCK, .locking.mark = mark, .token = token, .count = 1};
}

struct cops_ring_call cops_back_call(uint32_t mark, uint64_t token) {
  return (struct cops_ring_call){
      .step = COPS_BACK_LOCK, .locking.mark = mark, .token = token, .count = 1};
}

struct cops_ring_call cops_finish_call(uint32_t mark) {
  return (struct cops_ring_call){.step = COPS_FINISH_LOCK,
                                 .locking.mark = mark};
}

/* ---- at once ---- */

/* The ring's places in a variable, as nothing that is stored in the ring can
   change them there. */
RING_STEP uint32_t run_at_once(struct cshm_ring *ring,
                               struct cops_ring_call *call) {
  struct cshm_ring places = *ring;
  enum cops_ring_result result = run(&places, call);
  if (__builtin_expect(places.is_broken, 0))
    ring->is_broken = true;
  return result == COPS_RING_DONE ? call->count : 0;
}

/* Of one message the loops fall away, as the compiler knows the count. */
RING_STEP uint32_t push_inline(struct cshm_ring *ring, uint32_t mark,
                               const struct cops_message *messages,
                               uint32_t count) {
  struct cops_ring_call call = push_call(mark, messages, count);
  return run_at_once(ring, &call);
}

static __attribute__((noinline)) uint32_t
push_many(struct cshm_ring *ring, uint32_t mark,
          const struct cops_message *messages, uint32_t count) {
  return push_inline(ring, mark, messages, count);
}

uint32_t cops_ring_push_at_once(struct cshm_ring *ring, uint32_t mark,
                                const struct cops_message *messages,
                                uint32_t count) {
  return count == 1 ? push_inline(ring, mark, messages, 1)
                    : push_many(ring, mark, messages, count);
}

RING_STEP uint32_t pop_inline(struct cshm_ring *ring, uint32_t mark,
                              unsigned char *room, uint64_t capacity,
                              uint32_t wanted) {
  struct cops_ring_call call = pop_call(mark, room, capacity, wanted);
  call.never_asks = true;
  return run_at_once(ring, &call);
}

static __attribute__((noinline)) uint32_t
pop_many(struct cshm_ring *ring, uint32_t mark, unsigned char *room,
         uint64_t capacity, uint32_t wanted) {
  return pop_inline(ring, mark, room, capacity, wanted);
}

uint32_t cops_ring_pop_at_once(struct cshm_ring *ring, uint32_t mark,
                               unsigned char *room, uint64_t capacity,
                               uint32_t wanted) {
  return wanted == 1 ? pop_inline(ring, mark, room, capacity, 1)
                     : pop_many(ring, mark, room, capacity, wanted);
}

/* ---- looking ---- */

uint32_t cops_ring_count(const struct cshm_ring *ring) {
  uint64_t head = cshm_load64(&ring->pop->position);
  uint64_t tail = cshm_load64(&ring->push->position);
  return (uint32_t)(tail >> 32) - (uint32_t)(head >> 32);
}

uint32_t cops_ring_left(const struct cshm_ring *ring) {
  uint64_t at = cshm_load64(&ring->pop->position);
  uint64_t tail = cshm_load64(&ring->push->position);
  uint32_t left = 0;
  if (!ring_is_sound(ring, at, tail))
    return cops_ring_count(ring);
  while (ring_used(tail, at, ring->units) > 0) {
    uint64_t header = ring_load_header(ring, at);
    uint32_t units = ring_sound_units(ring, at, tail, header);
    bool is_padding = ring_kind(header) == CSHM_PADDING;
    if (units == 0)
      return cops_ring_count(ring);
    if (!ring_is_done(header, ring_load_taken(ring, at)))
      left++;
    at = ring_advanced(at, units, is_padding ? 0 : 1, ring->units);
  }
  return left;
}

bool cops_ring_is_empty(const struct cshm_ring *ring) {
  return cops_ring_is_empty_from(ring, cshm_load64(&ring->pop->position));
}

/* As long as head stands still, nobody writes over what lies behind it, and
   what is done there stays done. */
bool cops_ring_is_empty_from(const struct cshm_ring *ring, uint64_t head) {
  uint64_t tail = cshm_load64(&ring->push->position);
  if (!ring_is_sound(ring, head, tail))
    return false;
  for (uint64_t at = head; ring_used(tail, at, ring->units) > 0;) {
    uint64_t header = ring_load_header(ring, at);
    uint32_t units = ring_sound_units(ring, at, tail, header);
    if (units == 0 || !ring_is_done(header, ring_load_taken(ring, at)))
      return false;
    at = ring_advanced(at, units, 0, ring->units);
  }
  return cshm_load64(&ring->pop->position) == head;
}

/* As long as head stands still, so does the record there, and tail is not
   farther than a ring's length from it. */
bool cops_ring_is_sound(const struct cshm_ring *ring) {
  enum { LOOKS = 8 };
  for (int look = 0; look < LOOKS; look++) {
    uint64_t head = cshm_load64(&ring->pop->position);
    uint64_t tail = cshm_load64(&ring->push->position);
    if (ring_is_sound(ring, head, tail) &&
        (ring_used(tail, head, ring->units) == 0 ||
         ring_sound_units(ring, head, tail, ring_load_header(ring, head))))
      return true;
    if (cshm_load64(&ring->pop->position) == head)
      return false;
  }
  return true; /* consumers go on */
}

uint64_t cops_ring_free(const struct cshm_ring *ring) {
  uint64_t head = cshm_load64(&ring->pop->position);
  uint64_t tail = cshm_load64(&ring->push->position);
  if (!ring_is_sound(ring, head, tail))
    return 0;
  return (uint64_t)(ring->units - ring_used(tail, head, ring->units)) *
         CSHM_UNIT;
}
