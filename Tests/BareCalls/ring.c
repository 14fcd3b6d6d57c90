/* A ring for one producer and one consumer without locks, which does what a
   queue's ring does beside that: records of any length, and each side tells the
   other one if it sleeps. So each operation has one full fence. */
#include "BareCalls.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES = 1 << 20, HEADER = 8, UNIT = 16, PADDING = -1 };

struct bare_ring {
  _Alignas(128) uint64_t tail;
  _Alignas(128) uint64_t head;
  _Alignas(128) uint64_t sleepers;
  _Alignas(128) unsigned char bytes[BYTES];
};

struct bare_ring *bare_ring_new(void) {
  struct bare_ring *ring = aligned_alloc(128, sizeof *ring);
  if (ring)
    memset(ring, 0, sizeof *ring);
  return ring;
}

void bare_ring_free(struct bare_ring *ring) { free(ring); }

static uint64_t size_of(uint32_t length) {
  return (HEADER + (uint64_t)length + UNIT - 1) & ~(uint64_t)(UNIT - 1);
}

/* The swap is the fence between what was done and whether somebody sleeps. */
static void leave(uint64_t *position, uint64_t value, uint64_t *sleepers) {
  __atomic_exchange_n(position, value, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(sleepers, __ATOMIC_RELAXED))
    abort(); /* nobody sleeps here */
}

/* Push and pop are calls, as a library's are: the length is not known. */
__attribute__((noinline)) int bare_ring_push(struct bare_ring *ring,
                                             const void *bytes,
                                             uint32_t length) {
  uint64_t tail = ring->tail, needed = size_of(length);
  uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
  uint64_t rest = BYTES - tail % BYTES, padding = needed > rest ? rest : 0;
  if (tail + padding + needed - head > BYTES)
    return 0;
  if (padding) {
    int32_t mark = PADDING;
    memcpy(ring->bytes + tail % BYTES, &mark, sizeof mark);
    tail += padding;
  }
  unsigned char *to = ring->bytes + tail % BYTES;
  memcpy(to, &length, sizeof length);
  memcpy(to + HEADER, bytes, length);
  leave(&ring->tail, tail + needed, &ring->sleepers);
  return 1;
}

__attribute__((noinline)) int64_t bare_ring_pop(struct bare_ring *ring,
                                                void *room,
                                                uint32_t capacity) {
  uint64_t head = ring->head;
  if (head == __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE))
    return -1;
  int32_t mark;
  memcpy(&mark, ring->bytes + head % BYTES, sizeof mark);
  if (mark == PADDING) {
    head += BYTES - head % BYTES;
    memcpy(&mark, ring->bytes, sizeof mark);
  }
  uint32_t length = (uint32_t)mark;
  if (length > capacity || length > BYTES - head % BYTES - HEADER)
    return -1;
  memcpy(room, ring->bytes + head % BYTES + HEADER, length);
  leave(&ring->head, head + size_of(length), &ring->sleepers);
  return length;
}

void bare_ring_moves(struct bare_ring *ring, uint32_t count) {
  unsigned char text[64] = "x", room[4096];
  for (uint32_t i = 0; i < count; i++)
    if (!bare_ring_push(ring, text, sizeof text) ||
        bare_ring_pop(ring, room, sizeof room) != sizeof text)
      abort();
}

void bare_queue_moves(struct cshm_ring *ring, uint32_t mark, uint32_t count) {
  unsigned char text[64] = "x", room[4096];
  const struct cops_message message = {
      .bytes = text, .length = sizeof text, .kind = CSHM_BYTES};
  for (uint32_t i = 0; i < count; i++)
    if (!cops_ring_push_at_once(ring, mark, &message, 1) ||
        !cops_ring_pop_at_once(ring, mark, room, sizeof room, 1))
      abort();
}
