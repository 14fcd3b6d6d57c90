/* The steps of a ring of records that tell those who sleep: each returns its
   outcome. */
#ifndef COPS_RING_SIGNALS_H
#define COPS_RING_SIGNALS_H

#include "ring-locks.h"
#include "ring-words.h"

/* A word that never stands still belongs to somebody hostile. As many records
   as fit a ring may lie in a row of which none is to be popped. */
enum { MOST_TURNS = 100000 };

RING_STEP bool is_tired(const struct cshm_ring *ring,
                        struct cops_ring_call *call) {
  return ++call->turns > MOST_TURNS + ring->units;
}

RING_STEP int signal(struct cshm_ring *ring, struct cops_ring_call *call,
                     int32_t wakes) {
  uint64_t state = cshm_load64(ring->ready);
  if ((state & CSHM_SET) && !(state & CSHM_SLEEPERS_BIT))
    return COPS_OVER;
  uint64_t generation = state & CSHM_READY_GENERATION;
  if (!(state & CSHM_SET))
    generation = (generation + CSHM_READY_STEP) & CSHM_READY_GENERATION;
  call->wakes = wakes;
  if (!cshm_cas64(ring->ready, &state, generation | CSHM_SET))
    return is_tired(ring, call) ? COPS_OVER : COPS_REPEAT;
  return state & CSHM_SLEEPERS_BIT ? COPS_WAKE_UP : COPS_OVER;
}

RING_STEP int store_finished(struct cshm_ring *ring,
                             struct cops_ring_call *call) {
  cshm_store64(ring->finished, 1);
  call->has_freed = true; /* who waits for room must learn it */
  return 0;
}

RING_STEP int signal_room(struct cshm_ring *ring, struct cops_ring_call *call) {
  if (!call->has_freed)
    return COPS_OVER;
  uint64_t room = cshm_load64(ring->room);
  if (!(room & CSHM_SLEEPERS_BIT))
    return COPS_OVER;
  call->wakes = INT32_MAX;
  uint64_t next = (room + 1) & CSHM_ROOM_GENERATION;
  if (!cshm_cas64(ring->room, &room, next))
    return is_tired(ring, call) ? COPS_OVER : COPS_REPEAT;
  return COPS_WAKE_UP;
}

#endif
