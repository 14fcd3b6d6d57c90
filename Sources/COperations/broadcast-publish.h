/* The steps of publish: each returns its outcome. */
#ifndef COPS_BROADCAST_PUBLISH_H
#define COPS_BROADCAST_PUBLISH_H

#include "broadcast-words.h"
#include "ring-locks.h"

#include <string.h>

/* The sequence behind the newest record, which is the hint's or comes behind
   it; 0: what lies there is no ring. */
static inline uint64_t next_sequence(const struct cshm_broadcast *ring,
                                     uint64_t first, uint64_t tail,
                                     uint64_t hint) {
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
static inline uint64_t first_before(const struct cshm_broadcast *ring,
                                    uint64_t first, uint64_t tail,
                                    uint64_t end) {
  while (end - first > ring->units) {
    uint64_t form = cshm_load64(word_at(ring, first));
    uint64_t units = sound_units(ring, first, tail, form);
    if (units == 0)
      return ~0ULL;
    first += units;
  }
  return first;
}

/* Nobody but the lock's owner changes what is looked at here. */
RING_STEP int look_for_place(struct cshm_broadcast *ring,
                             struct cops_broadcast_call *call) {
  uint64_t first = cshm_load64(&ring->bounds->first);
  uint64_t tail = cshm_load64(&ring->bounds->tail);
  uint64_t hint = cshm_load64(&ring->bounds->latest);
  uint64_t units = units_for(call->messages[call->count].length);
  call->tail = tail;
  call->padding = 0;
  enter_lap(ring, tail);
  if (units > ring->units / 4 || !are_sound(ring, first, tail) || hint > tail ||
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
RING_STEP int store_first(struct cshm_broadcast *ring,
                          struct cops_broadcast_call *call) {
  __atomic_store_n(&ring->bounds->first, call->first, __ATOMIC_RELEASE);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  return call->padding ? COPS_FITS_AROUND : COPS_FITS_BEHIND;
}

RING_STEP int write_padding(struct cshm_broadcast *ring,
                            struct cops_broadcast_call *call) {
  __atomic_store_n(word_at(ring, call->tail),
                   form_of(call->padding, CSHM_PADDING), __ATOMIC_RELAXED);
  return 0;
}

RING_STEP int write_header(struct cshm_broadcast *ring,
                           struct cops_broadcast_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  uint64_t *words = word_at(ring, call->position);
  __atomic_store_n(words, form_of(message->length, message->kind),
                   __ATOMIC_RELAXED);
  __atomic_store_n(words + 1, call->sequence, __ATOMIC_RELAXED);
  __atomic_store_n(words + 2, call->time, __ATOMIC_RELAXED);
  return 0;
}

RING_STEP int write_bytes(struct cshm_broadcast *ring,
                          struct cops_broadcast_call *call) {
  const struct cops_message *message = &call->messages[call->count];
  memcpy(word_at(ring, call->position) + CSHM_BROADCAST_HEADER, message->bytes,
         message->length);
  return 0;
}

/* The message is there from here on. */
RING_STEP int store_tail(struct cshm_broadcast *ring,
                         struct cops_broadcast_call *call) {
  call->tail =
      call->position + units_for(call->messages[call->count].length);
  __atomic_store_n(&ring->bounds->tail, call->tail, __ATOMIC_RELEASE);
  call->count++;
  return 0;
}

RING_STEP int store_latest(struct cshm_broadcast *ring,
                           struct cops_broadcast_call *call) {
  __atomic_store_n(&ring->bounds->latest, call->position + 1,
                   __ATOMIC_RELEASE);
  return call->count < call->wanted_messages ? COPS_ANOTHER : COPS_LAST;
}

/* Is the first sequence behind the second one? Both are the low 31 bits. */
static inline bool is_ahead(uint64_t one, uint64_t other) {
  uint64_t distance = (one - other) & CSHM_COUNT;
  return distance != 0 && distance <= CSHM_COUNT / 2;
}

/* Publishers may come here in another order than they published in: the word
   only grows, and who sleeps on a later one has read this already. One reader
   is woken, who wakes others (COPS_NEWS_PASSED_ON). */
RING_STEP int signal_published(struct cshm_broadcast *ring,
                               struct cops_broadcast_call *call) {
  uint64_t newest = call->sequence & CSHM_COUNT;
  uint64_t state = cshm_load64(ring->state);
  call->wakes = 1;
  if (call->count == 0 || !is_ahead(newest, state & CSHM_COUNT))
    return COPS_OVER;
  if (!cshm_cas64(ring->state, &state, newest))
    return is_tired(call) ? COPS_OVER : COPS_REPEAT;
  return state & CSHM_SLEEPERS_BIT ? COPS_WAKE_UP : COPS_OVER;
}

#endif
