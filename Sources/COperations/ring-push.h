/* The steps of push: each returns its outcome. */
#ifndef COPS_RING_PUSH_H
#define COPS_RING_PUSH_H

#include "ring-signals.h"

#include <string.h>

RING_STEP int refused(struct cops_ring_call *call,
                      enum cops_ring_result result) {
  if (call->count == 0 || result == COPS_RING_BROKEN)
    call->result = result;
  return COPS_REFUSED;
}

/* Is there room, as far as the call knows? */
RING_STEP int room_for(const struct cshm_ring *ring,
                       struct cops_ring_call *call) {
  uint32_t units = ring->units;
  uint32_t free = units - ring_used(call->tail, call->head, units);
  uint32_t needed = ring_record_units(call->messages[call->count].length);
  uint32_t rest = units - ring_offset(call->tail, units);
  if (needed > rest)
    return free < needed + rest ? COPS_REFUSED : COPS_PADS;
  return free < needed ? COPS_REFUSED : COPS_FITS;
}

/* What this handle has seen before does, if it has room. */
RING_STEP int look_for_room(struct cshm_ring *ring,
                            struct cops_ring_call *call) {
  if (cshm_load64(ring->finished))
    return refused(call, COPS_RING_FINISHED);
  call->tail = cshm_load64(&ring->push->position);
  const struct cshm_ring_seen *seen = ring->seen;
  if (seen && seen[CSHM_SEEN_BY_PUSH].tail == call->tail) {
    call->head = seen[CSHM_SEEN_BY_PUSH].head;
    if (ring_is_sound(ring, call->head, call->tail)) {
      int outcome = room_for(ring, call);
      if (outcome != COPS_REFUSED)
        return outcome;
    }
  }
  call->head = cshm_load64(&ring->pop->position);
  if (!ring_is_sound(ring, call->head, call->tail) || is_tired(ring, call)) {
    ring->is_broken = true;
    return refused(call, COPS_RING_BROKEN);
  }
  int outcome = room_for(ring, call);
  return outcome == COPS_REFUSED ? refused(call, COPS_RING_FULL) : outcome;
}

/* What was written behind tail is there. */
RING_STEP void move_tail(struct cshm_ring *ring, struct cops_ring_call *call,
                         uint32_t units, uint32_t records) {
  call->tail = ring_advanced(call->tail, units, records, ring->units);
  ring_store(&ring->push->position, call->tail);
  ring_remember(ring, CSHM_SEEN_BY_PUSH, call->tail, call->head);
}

RING_STEP int write_padding(struct cshm_ring *ring,
                            struct cops_ring_call *call) {
  uint32_t rest = ring->units - ring_offset(call->tail, ring->units);
  ring_store_header(ring, call->tail,
                    ring_header((rest - 1) * CSHM_UNIT, CSHM_PADDING, 0), 0);
  return 0;
}

RING_STEP int store_padded_tail(struct cshm_ring *ring,
                                struct cops_ring_call *call) {
  uint32_t rest = ring->units - ring_offset(call->tail, ring->units);
  move_tail(ring, call, rest, 0);
  return 0;
}

RING_STEP int write_header(struct cshm_ring *ring,
                           struct cops_ring_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  ring_store_header(ring, call->tail,
                    ring_header(message->length, message->kind, 0), 0);
  return 0;
}

RING_STEP int write_bytes(struct cshm_ring *ring, struct cops_ring_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  memcpy(ring_bytes(ring, call->tail), message->bytes, message->length);
  return 0;
}

RING_STEP int store_tail(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint32_t length = call->messages[call->count].length;
  move_tail(ring, call, ring_record_units(length), 1);
  call->count++;
  call->turns = 0;
  return call->count < call->wanted ? COPS_MORE : COPS_ALL;
}

RING_STEP int signal_pushed(struct cshm_ring *ring,
                            struct cops_ring_call *call) {
  return call->count == 0 ? COPS_OVER
                          : signal(ring, call, (int32_t)call->count);
}

#endif
