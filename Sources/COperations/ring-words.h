/* Positions and records of a ring (CShmRings.h), as the steps use them. */
#ifndef COPS_RING_WORDS_H
#define COPS_RING_WORDS_H

#include <CShm.h>

/* A store by which something takes effect. Whoever makes it holds the lock, and
   unlocking is the full fence; the model's steps are in this order, too. */
static inline void ring_store(void *word, uint64_t value) {
  __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}

/* ---- positions ---- */

static inline uint32_t ring_position(uint64_t place) { return (uint32_t)place; }

static inline uint32_t ring_offset(uint64_t place, uint32_t units) {
  uint32_t position = ring_position(place);
  return position >= units ? position - units : position;
}

/* Units from one position to a later one. */
static inline uint32_t ring_used(uint64_t later, uint64_t earlier,
                                 uint32_t units) {
  uint32_t to = ring_position(later), from = ring_position(earlier);
  return to >= from ? to - from : to + 2 * units - from;
}

/* Records from one position to a later one. */
static inline uint32_t ring_records(uint64_t later, uint64_t earlier) {
  return (uint32_t)(later >> 32) - (uint32_t)(earlier >> 32);
}

static inline uint64_t ring_advanced(uint64_t place, uint32_t by,
                                     uint32_t records, uint32_t units) {
  uint32_t position = ring_position(place) + by;
  if (position >= 2 * units)
    position -= 2 * units;
  uint32_t count = (uint32_t)(place >> 32) + records;
  return (uint64_t)count << 32 | position;
}

/* Could head and tail be a ring's? A peer may have written anything. */
static inline bool ring_is_sound(const struct cshm_ring *ring, uint64_t head,
                                 uint64_t tail) {
  uint32_t units = ring->units;
  return !ring->is_broken && ring_position(head) < 2 * units &&
         ring_position(tail) < 2 * units &&
         ring_used(tail, head, units) <= units;
}

/* Under the lock of that end. */
static inline void ring_remember(const struct cshm_ring *ring, int end,
                                 uint64_t tail, uint64_t head) {
  if (ring->seen)
    ring->seen[end] = (struct cshm_ring_seen){.tail = tail, .head = head};
}

static inline void ring_forget(const struct cshm_ring *ring, int end) {
  ring_remember(ring, end, CSHM_NEVER_SEEN, CSHM_NEVER_SEEN);
}

/* ---- records ---- */

static inline uint32_t ring_record_units(uint32_t length) {
  return (uint32_t)(((uint64_t)length + 2 * CSHM_UNIT - 1) / CSHM_UNIT);
}

static inline void *ring_record(const struct cshm_ring *ring, uint64_t place) {
  return ring->bytes + (size_t)ring_offset(place, ring->units) * CSHM_UNIT;
}

static inline unsigned char *ring_bytes(const struct cshm_ring *ring,
                                        uint64_t place) {
  return (unsigned char *)ring_record(ring, place) + sizeof(struct cshm_record);
}

/* The first 8 bytes of a record's header, loaded and stored at once. */
static inline uint64_t ring_header(uint32_t length, uint8_t kind,
                                   uint16_t tries) {
  return (uint64_t)length | (uint64_t)kind << 32 | (uint64_t)tries << 48;
}

static inline uint32_t ring_length(uint64_t header) { return (uint32_t)header; }
static inline uint8_t ring_kind(uint64_t header) {
  return (uint8_t)(header >> 32);
}
static inline uint16_t ring_tries(uint64_t header) {
  return (uint16_t)(header >> 48);
}

static inline uint64_t ring_load_header(const struct cshm_ring *ring,
                                        uint64_t place) {
  return cshm_load64(ring_record(ring, place));
}

static inline void *ring_taken_word(const struct cshm_ring *ring,
                                    uint64_t place) {
  return (char *)ring_record(ring, place) + 8;
}

static inline uint64_t ring_load_taken(const struct cshm_ring *ring,
                                       uint64_t place) {
  return cshm_load64(ring_taken_word(ring, place));
}

static inline void ring_store_taken(struct cshm_ring *ring, uint64_t place,
                                    uint64_t taken) {
  ring_store(ring_taken_word(ring, place), taken);
}

/* Has it been popped or done, or was it never to be? Then head may pass it. */
static inline bool ring_is_done(uint64_t header, uint64_t taken) {
  return ring_kind(header) == CSHM_PADDING || (taken & CSHM_DONE);
}

/* Nobody reads them before tail is stored. */
static inline void ring_store_header(struct cshm_ring *ring, uint64_t place,
                                     uint64_t header, uint64_t taken) {
  __atomic_store_n((uint64_t *)ring_record(ring, place), header,
                   __ATOMIC_RELAXED);
  __atomic_store_n((uint64_t *)ring_taken_word(ring, place), taken,
                   __ATOMIC_RELAXED);
}

/* The units of the record with this header if one may lie there: not 0, not
   past tail, not around the ring's end. */
static inline __attribute__((always_inline)) uint32_t
ring_sound_units(const struct cshm_ring *ring,
                                        uint64_t place, uint64_t tail,
                                        uint64_t header) {
  uint32_t length = ring_length(header);
  uint32_t rest = ring->units - ring_offset(place, ring->units);
  uint32_t ahead = ring_used(tail, place, ring->units);
  uint32_t units = ring_record_units(length);
  if (units > rest || units > ahead)
    return 0;
  return units;
}

#endif
