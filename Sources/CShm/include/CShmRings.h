/*
 * A ring of records between processes: what a named queue's file holds behind
 * the words that all named objects have (CShmNamed.h). COperationsRings.h has
 * the protocol that changes it.
 *
 *   64    ready     the state: is there something to pop, or has it ended? Half
 *                   a manual event: SLEEPERS, generation, LOOKED, SET
 *   80    finished  not 0: nothing can be pushed any more
 *   4096  push      lock, tail, and whether there has been a producer
 *   4224  pop       lock, head, and whether there has been a consumer
 *   4352  room      what producers sleep on: SLEEPERS, generation
 *   8192  the ring  as many bytes as the limit at 16 says, whole pages
 *
 * A lock is a word like a mutex's: owner's mark | SLEEPERS, HELD. What a dead
 * owner leaves needs no repair: everything takes effect by one store of tail,
 * of head, or of a record's `taken`.
 *
 * Tail and head are positions: the low half counts units of 16 bytes and runs
 * through twice the ring, so that an empty ring differs from a full one; the
 * high half counts records. So one store changes both, and the number of
 * records is exact whoever dies.
 *
 * A record begins at a unit: 16 bytes of header, then its bytes. It never wraps
 * around; what is left at the end of the ring is a record of padding.
 *
 * To know who lives takes no message: as an owner's alive byte says that it
 * lives (CShmNamed.h), the bytes at 0x7000000000003000 + slot say that it
 * pushes, those at 0x7000000000004000 + slot that it pops. One question over
 * a whole range finds any of them.
 */
#ifndef CSHM_RINGS_H
#define CSHM_RINGS_H

#include <stdbool.h>
#include <stdint.h>

enum {
  CSHM_FINISHED_AT = 80,
  CSHM_PUSH_AT = 4096,
  CSHM_POP_AT = 4224,
  CSHM_ROOM_AT = 4352,
  CSHM_RING_AT = 8192,
  CSHM_UNIT = 16
};

#define CSHM_SMALLEST_RING 4096LL /* literals, as Swift takes no others */
#define CSHM_LARGEST_RING 0x40000000LL

/* One end of a ring. */
struct cshm_ring_end {
  uint64_t lock;
  uint64_t position; /* of push: tail; of pop: head */
  uint64_t used;     /* not 0: somebody has been a producer, or a consumer */
};

struct cshm_record {
  uint32_t length; /* bytes behind the header */
  uint8_t kind;    /* enum cshm_record_kind */
  uint8_t flags;   /* 0 */
  uint16_t tries;  /* how often it was taken */
  uint64_t taken;  /* taker's mark | TAKEN; or DONE; 0: nobody has it */
};

enum cshm_record_kind {
  CSHM_BYTES = 1, /* one string, as it is */
  CSHM_VALUE = 2, /* a value as MessagePack */
  CSHM_PADDING = 255
};

#define CSHM_TAKEN 1ULL
#define CSHM_DONE 2ULL

/* Of the state, beside SET, LOOKED and SLEEPERS. */
#define CSHM_READY_GENERATION 0x7FFFFFF0ULL
#define CSHM_READY_STEP 16ULL
#define CSHM_ROOM_GENERATION 0x7FFFFFFFULL

enum { CSHM_PUSHES = 1, CSHM_POPS = 2 };

/* Both positions as one handle knew them when it last left one end. As long as
   its own end's has not changed, nobody else was there, and the other end's can
   only have gone on: so push need not load head, which consumers change, before
   the room that it knows of is used up; nor pop tail. Used under the end's lock
   only. A position that comes to the same value again has counted 2^32 records
   meanwhile. */
struct cshm_ring_seen {
  uint64_t tail, head;
};

enum { CSHM_SEEN_BY_PUSH, CSHM_SEEN_BY_POP, CSHM_SEEN };

#define CSHM_NEVER_SEEN 0xFFFFFFFFFFFFFFFFULL /* no position */

/* What one handle uses: plain data, at a stable address while it is open. */
struct cshm_ring {
  uint64_t *ready, *finished, *room;
  struct cshm_ring_end *push, *pop;
  unsigned char *bytes;
  uint32_t units; /* of the ring; private, checked at open */
  uint32_t roles; /* CSHM_PUSHES, CSHM_POPS: what needs no question */
  bool is_broken; /* a peer wrote what no ring has; for good */
  struct cshm_ring_seen *seen; /* CSHM_SEEN of them; NULL: it remembers none */
};

/* The ring in an object's memory; `size`: its ring's bytes. */
static inline struct cshm_ring cshm_ring_at(void *object, uint32_t size) {
  char *base = (char *)object;
  return (struct cshm_ring){
      .ready = (uint64_t *)(void *)(base + 64),
      .finished = (uint64_t *)(void *)(base + CSHM_FINISHED_AT),
      .room = (uint64_t *)(void *)(base + CSHM_ROOM_AT),
      .push = (struct cshm_ring_end *)(void *)(base + CSHM_PUSH_AT),
      .pop = (struct cshm_ring_end *)(void *)(base + CSHM_POP_AT),
      .bytes = (unsigned char *)base + CSHM_RING_AT,
      .units = size / CSHM_UNIT};
}

/* The bytes of the largest message: half the ring with its header, so that it
   fits an empty ring wherever that begins. */
static inline uint32_t cshm_ring_limit(uint32_t units) {
  return (units / 2 - 1) * CSHM_UNIT;
}

#endif
