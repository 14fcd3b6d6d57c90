/* Positions and records of a ring that is written over (CShmBroadcasts.h), as
   the steps use them. */
#ifndef COPS_BROADCAST_WORDS_H
#define COPS_BROADCAST_WORDS_H

#include "COperationsBroadcasts.h"

/* ---- positions and records ---- */

/* The units from the ring's beginning to a position. Nearly all are in the lap
   that the handle knows, or in the one before: a division takes longer than the
   rest of a step. */
static inline uint64_t offset_at(const struct cshm_broadcast *ring,
                                 uint64_t position) {
  uint64_t offset = position - ring->lap, units = ring->units;
  if (offset < units)
    return offset;
  return offset + units < units ? offset + units : position % units;
}

/* From now on this position's lap is the one that the handle knows. */
static inline void enter_lap(struct cshm_broadcast *ring, uint64_t position) {
  if (position - ring->lap >= ring->units)
    ring->lap = position - position % ring->units;
}

static inline uint64_t *word_at(const struct cshm_broadcast *ring,
                                uint64_t position) {
  return (uint64_t *)(void *)(ring->bytes + offset_at(ring, position) *
                                                CSHM_BROADCAST_UNIT);
}

static inline uint64_t rest_at(const struct cshm_broadcast *ring,
                               uint64_t position) {
  return ring->units - offset_at(ring, position);
}

static inline uint64_t form_of(uint32_t length, uint8_t kind) {
  return (uint64_t)length | (uint64_t)kind << 32;
}

static inline uint8_t kind_of(uint64_t form) { return (uint8_t)(form >> 32); }

static inline uint64_t units_for(uint32_t length) {
  return CSHM_BROADCAST_HEADER +
         ((uint64_t)length + CSHM_BROADCAST_UNIT - 1) / CSHM_BROADCAST_UNIT;
}

/* The units of the record with this form if one may lie there: not 0, not
   behind `tail`, not around the ring's end. */
static inline uint64_t sound_units(const struct cshm_broadcast *ring,
                                   uint64_t position, uint64_t tail,
                                   uint64_t form) {
  uint32_t length = (uint32_t)form;
  uint64_t units = kind_of(form) == CSHM_PADDING ? length : units_for(length);
  if (units > rest_at(ring, position) || units > tail - position)
    return 0;
  return units;
}

/* Could these bounds be a ring's? A peer may have written anything. */
static inline bool are_sound(const struct cshm_broadcast *ring, uint64_t first,
                             uint64_t tail) {
  return !ring->is_broken && first <= tail && tail - first <= ring->units;
}

/* ---- what both sides know ---- */

/* Whatever makes a call repeat so often is done by somebody hostile. */
enum { MOST_TURNS = 100000 };

static inline bool is_tired(struct cops_broadcast_call *call) {
  return ++call->turns > MOST_TURNS;
}

static inline void break_it(struct cshm_broadcast *ring,
                            struct cops_broadcast_call *call) {
  ring->is_broken = true;
  call->result = COPS_RING_BROKEN;
}

#endif
