/* The lock of a ring's end or of a topic's publishers: each step returns its
   outcome. */
#ifndef COPS_RING_LOCKS_H
#define COPS_RING_LOCKS_H

#include "COperationsRings.h"

#include <CShm.h>

/* Steps become part of whoever makes them, so that a call that is nowhere else
   stays in registers. */
#define RING_STEP static inline __attribute__((always_inline))

/* The outcome of a step that did nothing, as its caller has to answer first. */
enum { ASKS = -1 };

/* Of an end that is free: that is what is tried first. */
RING_STEP int lock(uint64_t *word, struct cops_locking *locking) {
  uint64_t ours = (uint64_t)locking->mark << 32 | CSHM_HELD |
                  (locking->has_slept ? CSHM_SLEEPERS_BIT : 0);
  uint64_t seen = 0;
  if (cshm_cas64(word, &seen, ours))
    return COPS_ONLY;
  /* The mark 0 is nobody's: such a lock is what a dead owner left, too. */
  if (!(seen & CSHM_HELD) || (uint32_t)(seen >> 32) == locking->dead)
    if (cshm_cas64(word, &seen, ours | (seen & CSHM_SLEEPERS_BIT)))
      return COPS_ONLY;
  locking->seen = seen;
  locking->asked = (uint32_t)(seen >> 32);
  return ASKS;
}

/* The full fence between what was done and whether somebody sleeps. */
RING_STEP int unlock(uint64_t *word, int32_t *wakes) {
  *wakes = 1;
  return cshm_exchange64(word, 0) & CSHM_SLEEPERS_BIT ? COPS_SOMEBODY_SLEEPS
                                                      : COPS_NOBODY_SLEEPS;
}

#endif
