/* The steps of reading: each returns its outcome. */
#ifndef COPS_BROADCAST_READ_H
#define COPS_BROADCAST_READ_H

#include "broadcast-words.h"
#include "ring-locks.h"

#include <string.h>

/* From then on a reader that is overtaken while it copies goes to the newest
   record: nobody overtakes that before a whole ring was written. */
enum { PATIENT_TURNS = 3 };

RING_STEP int begin_at_newest(struct cshm_broadcast *ring,
                              struct cops_broadcast_call *call) {
  uint64_t hint = cshm_load64(&ring->bounds->latest);
  if (hint != 0 && hint - 1 > call->position)
    call->position = hint - 1;
  return 0;
}

/* Whoever looks for the newest looks as far as tail was: more may come as fast
   as it walks. */
RING_STEP int load_tail(struct cshm_broadcast *ring,
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
RING_STEP int is_overtaken(struct cshm_broadcast *ring,
                           struct cops_broadcast_call *call) {
  call->tail = 0;
  if (is_tired(call))
    ring->is_broken = true; /* as the next step finds */
  return call->turns > PATIENT_TURNS ? COPS_READ_STOPS : COPS_READ_OVERTAKEN;
}

/* Loaded after tail, it may be behind it: then publishers have gone on. */
RING_STEP int load_first(struct cshm_broadcast *ring,
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

RING_STEP int copy_header(struct cshm_broadcast *ring,
                          struct cops_broadcast_call *call) {
  enter_lap(ring, call->position);
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

static inline bool copies(const struct cops_broadcast_call *call) {
  return call->is_sound && kind_of(call->form) != CSHM_PADDING &&
         call->reading <= COPS_READS_NEWEST &&
         (uint32_t)call->form <= call->capacity;
}

RING_STEP int copy_bytes(struct cshm_broadcast *ring,
                         struct cops_broadcast_call *call) {
  if (copies(call))
    memcpy(call->room, word_at(ring, call->position) + CSHM_BROADCAST_HEADER,
           (uint32_t)call->form);
  return 0;
}

/* What was copied was there if nobody could have begun to write over it. */
RING_STEP int check(struct cshm_broadcast *ring,
                    struct cops_broadcast_call *call) {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  uint64_t first = cshm_load64(&ring->bounds->first);
  if (first <= call->position)
    return COPS_READ_GOES_ON;
  call->position = first;
  call->is_lapped = true;
  return is_overtaken(ring, call);
}

RING_STEP int stop(struct cops_broadcast_call *call,
                   enum cops_ring_result result) {
  call->result = (uint8_t)result;
  return COPS_READ_STOPS;
}

/* Is this record what the reader expects? Whoever knows no sequence yet, such
   as one that looks for the newest, takes any. */
static inline bool is_expected(const struct cops_broadcast_call *call) {
  uint64_t expected = call->sequence;
  return call->seen_sequence != 0 &&
         (expected == 0 || call->seen_sequence == expected ||
          (call->is_lapped && call->seen_sequence > expected));
}

/* Behind a record that is passed over there has to be the next one. */
RING_STEP int pass(struct cops_broadcast_call *call, uint64_t behind) {
  call->position = behind;
  call->sequence = call->seen_sequence + 1;
  call->is_lapped = false;
  return COPS_READ_GOES_ON;
}

RING_STEP int found(struct cops_broadcast_call *call, uint64_t behind) {
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
  call->lost = call->reading == COPS_READS_NEXT
                   ? call->seen_sequence - call->sequence
                   : 0;
  call->sequence = call->seen_sequence;
  call->at = call->position;
  if (call->reading <= COPS_READS_NEWEST && call->length > call->capacity)
    return stop(call, COPS_RING_TOO_SMALL);
  call->position = behind;
  return stop(call, COPS_RING_DONE);
}

/* Nothing here is shared any more. */
RING_STEP int take(struct cshm_broadcast *ring,
                   struct cops_broadcast_call *call) {
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

#endif
