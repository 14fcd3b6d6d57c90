/* The steps of pop, take, done and giving back: each returns its outcome. */
#ifndef COPS_RING_POP_H
#define COPS_RING_POP_H

#include "ring-signals.h"

#include <string.h>

/* For good. Messages that were popped before are handed out: the next call says
   it. */
RING_STEP int break_ring(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring->is_broken = true;
  if (call->count == 0)
    call->result = COPS_RING_BROKEN;
  return COPS_STOPS;
}

/* ---- pop and take ---- */

/* What this handle has seen before does, if something is left of it. */
RING_STEP bool knows_records(const struct cshm_ring *ring,
                             struct cops_ring_call *call) {
  const struct cshm_ring_seen *seen = ring->seen;
  if (!seen || seen[CSHM_SEEN_BY_POP].head != call->head)
    return false;
  call->tail = seen[CSHM_SEEN_BY_POP].tail;
  return ring_is_sound(ring, call->head, call->tail) &&
         ring_used(call->tail, call->head, ring->units) > 0;
}

/* Is there something behind what this call has just popped, as far as it knows?
   Nobody else has moved head meanwhile. */
RING_STEP bool goes_on(const struct cshm_ring *ring,
                       const struct cops_ring_call *call) {
  return ring_used(call->tail, call->cursor, ring->units) > 0;
}

/* From head, or behind records that others have and that this call has passed
   before: not again for each message. */
RING_STEP int look_for_records(struct cshm_ring *ring,
                               struct cops_ring_call *call) {
  bool begins = !call->goes_on;
  call->goes_on = false;
  if (begins) {
    call->head = cshm_load64(&ring->pop->position);
    call->cursor = call->head;
  }
  if (begins ? knows_records(ring, call) : goes_on(ring, call))
    return COPS_SOMETHING;
  call->tail = cshm_load64(&ring->push->position);
  uint32_t ahead = ring_used(call->tail, call->cursor, ring->units);
  if (!ring_is_sound(ring, call->head, call->tail) ||
      ahead > ring_used(call->tail, call->head, ring->units) ||
      is_tired(ring, call)) {
    break_ring(ring, call);
    return COPS_LEAVES;
  }
  if (ahead)
    return COPS_SOMETHING;
  return call->count > 0 && !call->has_slept ? COPS_LEAVES : COPS_NOTHING;
}

/* What lies before that is free. */
RING_STEP void move_head(struct cshm_ring *ring, struct cops_ring_call *call,
                         uint32_t units, uint32_t records) {
  call->head = ring_advanced(call->head, units, records, ring->units);
  ring_store(&ring->pop->position, call->head);
  ring_remember(ring, CSHM_SEEN_BY_POP, call->tail, call->head);
  call->has_freed = true;
}

RING_STEP bool is_known_alive(const struct cops_ring_call *call,
                              uint32_t mark) {
  if (mark == call->locking.mark)
    return true;
  for (int i = 0; i < COPS_ALIVE; i++)
    if (call->alive[i] == mark)
      return true;
  return false;
}

/* The record at the cursor: its units, or 0 if no ring has such a record. */
RING_STEP uint32_t record_at_cursor(const struct cshm_ring *ring,
                                    const struct cops_ring_call *call,
                                    uint64_t *header) {
  *header = ring_load_header(ring, call->cursor);
  return ring_sound_units(ring, call->cursor, call->tail, *header);
}

RING_STEP int find_record(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t header;
  uint32_t units = record_at_cursor(ring, call, &header);
  if (units == 0)
    return break_ring(ring, call);
  uint64_t taken = ring_load_taken(ring, call->cursor);
  bool is_padding = ring_kind(header) == CSHM_PADDING;
  uint32_t taker = (uint32_t)(taken >> 32);
  bool is_done = ring_is_done(header, taken);
  call->header = header;
  call->units = units;
  if (is_done && call->cursor == call->head)
    return COPS_TO_PASS;
  if (!is_done && (taken & CSHM_TAKEN) && taker != call->locking.dead &&
      !is_known_alive(call, taker)) {
    call->locking.asked = taker;
    if (!call->never_asks)
      return ASKS;
    if (call->count == 0)
      call->result = COPS_RING_UNDECIDED;
    return COPS_STOPS;
  }
  bool is_free = !is_done && (!(taken & CSHM_TAKEN) ||
                              (taker == call->locking.dead &&
                               taker != call->locking.mark));
  if (is_free) {
    if (call->looks)
      call->result = COPS_RING_DONE;
    return call->looks ? COPS_STOPS : COPS_FOUND;
  }
  call->cursor =
      ring_advanced(call->cursor, units, is_padding ? 0 : 1, ring->units);
  if (ring_used(call->tail, call->cursor, ring->units))
    return COPS_SKIPPED;
  /* There may be more behind what this handle has seen before: a look there
     loads tail, whatever the state says. */
  ring_forget(ring, CSHM_SEEN_BY_POP);
  call->goes_on = true;
  return COPS_AT_END;
}

/* Moves head over what is done at the cursor, which is at head. */
RING_STEP int pass(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t header;
  uint32_t units = record_at_cursor(ring, call, &header);
  if (units == 0)
    return 0; /* the next look finds it */
  move_head(ring, call, units, ring_kind(header) == CSHM_PADDING ? 0 : 1);
  return 0;
}

/* Of the record that was found: its header was checked, and is not loaded
   again, whatever somebody hostile writes there meanwhile. */
RING_STEP int copy_out(struct cshm_ring *ring, struct cops_ring_call *call) {
  if (call->clears)
    return COPS_TO_POP;
  struct cops_popped popped = {.length = ring_length(call->header),
                               .kind = ring_kind(call->header)};
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
  if (call->peeks) {
    call->count++;
    call->result = COPS_RING_DONE;
    return COPS_TO_LEAVE;
  }
  uint16_t tries = ring_tries(call->header);
  call->tries = tries < UINT16_MAX ? (uint16_t)(tries + 1) : tries;
  return call->takes ? COPS_TO_TAKE : COPS_TO_POP;
}

/* The message is ours from here on. */
RING_STEP int store_head(struct cshm_ring *ring, struct cops_ring_call *call) {
  call->count++;
  call->turns = 0;
  call->result = COPS_RING_DONE;
  if (call->cursor != call->head) {
    ring_store_taken(ring, call->cursor, CSHM_DONE);
    call->cursor = ring_advanced(call->cursor, call->units, 1, ring->units);
    call->goes_on = true;
  } else
    move_head(ring, call, call->units, 1);
  return call->count < call->wanted ? COPS_MORE : COPS_ENOUGH;
}

RING_STEP int store_tries(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t next =
      ring_header(ring_length(call->header), ring_kind(call->header),
                  call->tries);
  ring_store(ring_record(ring, call->cursor), next);
  return 0;
}

RING_STEP int store_mark(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring_store_taken(ring, call->cursor,
                   (uint64_t)call->locking.mark << 32 | CSHM_TAKEN);
  call->token = call->cursor;
  call->count++;
  call->result = COPS_RING_DONE;
  return 0;
}

/* ---- done and give back ---- */

/* Is the token's record one that this mark has taken? */
RING_STEP int check_token(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint32_t units = ring->units;
  call->head = cshm_load64(&ring->pop->position);
  call->tail = cshm_load64(&ring->push->position);
  call->cursor = call->token;
  call->result = COPS_RING_NOT_OURS;
  if (!ring_is_sound(ring, call->head, call->tail)) {
    ring->is_broken = true;
    call->result = COPS_RING_BROKEN;
    return COPS_FOREIGN;
  }
  /* A position comes again after two laps; the records before it do not. */
  bool is_inside =
      ring_position(call->token) < 2 * units &&
      ring_used(call->token, call->head, units) <
          ring_used(call->tail, call->head, units) &&
      ring_records(call->token, call->head) <
          ring_records(call->tail, call->head);
  if (!is_inside || ring_load_taken(ring, call->token) !=
                        ((uint64_t)call->locking.mark << 32 | CSHM_TAKEN))
    return COPS_FOREIGN;
  call->result = COPS_RING_DONE;
  return COPS_OURS;
}

RING_STEP int store_done(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring_store_taken(ring, call->cursor, CSHM_DONE);
  return 0;
}

RING_STEP int store_back(struct cshm_ring *ring, struct cops_ring_call *call) {
  ring_store_taken(ring, call->cursor, 0);
  return 0;
}

/* ---- the end of pop, done and give back ---- */

/* Moves head over one record that is done, if there is one. Of an empty ring
   only one that has slept resets the state. */
RING_STEP int tidy(struct cshm_ring *ring, struct cops_ring_call *call) {
  if (ring_used(call->tail, call->head, ring->units) == 0)
    return call->has_slept ? COPS_EMPTIED : COPS_TIDIED;
  call->cursor = call->head;
  uint64_t header;
  if (record_at_cursor(ring, call, &header) == 0)
    return COPS_TIDIED;
  if (!ring_is_done(header, ring_load_taken(ring, call->cursor)))
    return COPS_TIDIED;
  pass(ring, call);
  return COPS_ONE_MORE;
}

RING_STEP int reset(struct cshm_ring *ring, struct cops_ring_call *call) {
  uint64_t state = cshm_load64(ring->ready);
  uint64_t sleepers = call->has_slept ? CSHM_SLEEPERS_BIT : 0;
  if (call->count == 0 && call->result == COPS_RING_DONE)
    call->result = COPS_RING_EMPTY;
  if (!(state & CSHM_SET))
    return COPS_WAS_CLEAR;
  if (!cshm_cas64(ring->ready, &state, (state & ~CSHM_SET) | sleepers))
    return is_tired(ring, call) ? COPS_WAS_CLEAR : COPS_REPEAT;
  return COPS_WAS_SET;
}

RING_STEP int look_again(struct cshm_ring *ring, struct cops_ring_call *call) {
  return cshm_load64(&ring->push->position) == call->tail ? COPS_STILL_EMPTY
                                                          : COPS_CAME;
}

/* A pop that has no message yet goes on with what came. */
RING_STEP int after_signal(struct cops_ring_call *call) {
  if (call->result != COPS_RING_EMPTY)
    return COPS_OVER;
  call->result = COPS_RING_DONE;
  return COPS_LOOK_AGAIN;
}

RING_STEP int signal_again(struct cshm_ring *ring,
                           struct cops_ring_call *call) {
  int outcome = signal(ring, call, 1);
  return outcome == COPS_OVER ? after_signal(call) : outcome;
}

#endif
