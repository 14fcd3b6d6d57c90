/*
 * A ring of records that one side writes over and over, and any number of
 * readers follow, who write nothing: what a named topic's file holds behind the
 * words that all named objects have (CShmNamed.h). COperationsBroadcasts.h has
 * the protocol that changes it.
 *
 *   64    state   SLEEPERS, and the low 31 bits of the newest message's
 *                 sequence, as far as its publisher came to say it
 *   4096  lock    of the publishers, a word like a mutex's: owner's mark |
 *                 SLEEPERS, HELD; then: has anybody published?
 *   4224  first   position of the oldest record that may be read
 *         tail    position behind the newest one
 *         latest  position of the newest one + 1, or of an older one, or 0
 *   8192  the ring, as many bytes as the limit at 16 says, whole pages
 *
 * Positions count units of 8 bytes from the beginning and never come again; a
 * position modulo the ring's units is its place. A record is three words of
 * header, then its bytes, and never wraps around; what is left at the end of
 * the ring is padding, of which only the first word is there.
 *
 * A message comes to be by one store of tail. Before a publisher writes over
 * records, it moves `first` behind them; so a reader whose copy of a record is
 * whole, and who then finds `first` not behind it, has read what was published.
 * What a dead publisher leaves needs no repair: what it gave up is lost to
 * readers, who count it, and what it had begun never was. `latest` is a hint,
 * behind which there may be newer records up to tail.
 *
 * Sequences count messages from 1, and stand in the headers: by them a reader
 * knows exactly how many it has lost.
 */
#ifndef CSHM_BROADCASTS_H
#define CSHM_BROADCASTS_H

#include <stdbool.h>
#include <stdint.h>

enum {
  CSHM_PUBLISH_AT = 4096,
  CSHM_BOUNDS_AT = 4224,
  CSHM_BROADCAST_AT = 8192,
  CSHM_BROADCAST_UNIT = 8,
  CSHM_BROADCAST_HEADER = 3 /* units */
};

/* Where a reader goes on, if it is no sequence. */
enum {
  CSHM_FROM_NEXT = 0,
  CSHM_FROM_LATEST = -1,
  CSHM_FROM_OLDEST = -2
};

struct cshm_publishers {
  uint64_t lock;
  uint64_t used; /* not 0: somebody has been one */
};

struct cshm_bounds {
  uint64_t first, tail, latest;
};

struct cshm_broadcast_record {
  uint64_t form; /* length in bytes | kind << 32; of padding: units | kind */
  uint64_t sequence;
  uint64_t time; /* nanoseconds of the monotonic clock */
};

/* What one handle uses: plain data, at a stable address while it is open. */
struct cshm_broadcast {
  uint64_t *state;
  struct cshm_publishers *publishers;
  struct cshm_bounds *bounds;
  unsigned char *bytes;
  uint32_t units; /* of the ring; private, checked at open */
  uint32_t roles; /* CSHM_PUSHES once this handle has published */
  bool is_broken; /* a peer wrote what no ring has; for good */

  /* This handle as a reader: nothing of it is shared. */
  bool is_strict;
  uint64_t position, sequence; /* of the next message */
  uint64_t untold;             /* lost, and not yet said by lost() */
  uint64_t lost;               /* since it began */
  uint64_t owed; /* what seek asked for and is gone: a strict reader is told */
  /* From the first sequence that counts as lost to behind the last one: each of
     them was counted, or read. */
  uint64_t counted_from, counted_to;
  uint64_t time;               /* of the last message; 0: none yet */
  bool is_read; /* in Lua: the next one becomes a value, or could not */

  /* This handle's own notes, which save it work. */
  uint64_t lap;         /* the position at which one begins */
  uint64_t stamp;       /* nanoseconds of the monotonic clock */
  uint64_t stamp_ticks; /* of the processor's counter then */
};

static inline struct cshm_broadcast cshm_broadcast_at(void *object,
                                                      uint32_t size) {
  char *base = (char *)object;
  return (struct cshm_broadcast){
      .state = (uint64_t *)(void *)(base + 64),
      .publishers = (struct cshm_publishers *)(void *)(base + CSHM_PUBLISH_AT),
      .bounds = (struct cshm_bounds *)(void *)(base + CSHM_BOUNDS_AT),
      .bytes = (unsigned char *)base + CSHM_BROADCAST_AT,
      .units = size / CSHM_BROADCAST_UNIT,
      .sequence = 1};
}

/* The bytes of the largest message: a quarter of the ring with its header, so
   that with padding it leaves half of the ring to what is older. */
static inline uint32_t cshm_broadcast_limit(uint32_t units) {
  return (units / 4 - CSHM_BROADCAST_HEADER) * CSHM_BROADCAST_UNIT;
}

#endif
