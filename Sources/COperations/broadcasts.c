/* How the steps of a ring that is written over are run (broadcast-steps.def has
   them); COperationsBroadcasts.h tells how they play together. */
#include "COperationsBroadcasts.h"

#include "broadcast-publish.h"
#include "broadcast-read.h"

#include <time.h>

/* Only the lock's step asks. */
#define BUSY(step) COPS_RING_BUSY

#define STEPS "broadcast-steps.def"
#define STEPS_RING struct cshm_broadcast
#define STEPS_CALL struct cops_broadcast_call
#define STEPS_RULES const struct cops_broadcast_rules cops_broadcast_rules
#define STEPS_END BROADCAST_END
#define STEPS_QUESTION BUSY
#include "step-code.h"

bool cops_broadcast_step(struct cshm_broadcast *ring,
                         struct cops_broadcast_call *call,
                         const struct cops_broadcast_rules *rules) {
  int outcome = outcome_of(ring, call);
  if (outcome == ASKS)
    return false;
  call->step = rules->next[call->step][outcome];
  return true;
}

enum cops_ring_result cops_broadcast_run(struct cshm_broadcast *ring,
                                         struct cops_broadcast_call *call) {
  return run(ring, call);
}

/* ---- calls ---- */

/* Inline, so that what runs at once knows what its call begins with. */
RING_STEP struct cops_broadcast_call
publish_call(uint32_t mark, const struct cops_message *messages, uint32_t count,
             uint64_t time) {
  return (struct cops_broadcast_call){.step = count ? COPS_PUBLISH_LOCK
                                                    : COPS_BROADCAST_END,
                                      .locking.mark = mark,
                                      .messages = messages,
                                      .wanted_messages = count,
                                      .time = time};
}

struct cops_broadcast_call
cops_publish_call(uint32_t mark, const struct cops_message *messages,
                  uint32_t count, uint64_t time) {
  return publish_call(mark, messages, count, time);
}

struct cops_broadcast_call cops_next_call(const struct cshm_broadcast *ring,
                                          unsigned char *room,
                                          uint64_t capacity) {
  return (struct cops_broadcast_call){.step = COPS_READ_TAIL,
                                      .reading = COPS_READS_NEXT,
                                      .room = room,
                                      .capacity = capacity,
                                      .position = ring->position,
                                      .sequence = ring->sequence};
}

struct cops_broadcast_call cops_newest_call(unsigned char *room,
                                            uint64_t capacity) {
  return (struct cops_broadcast_call){.step = COPS_READ_NEWEST,
                                      .reading = COPS_READS_NEWEST,
                                      .room = room,
                                      .capacity = capacity};
}

struct cops_broadcast_call cops_seek_call(uint64_t wanted) {
  return (struct cops_broadcast_call){
      .step = wanted ? COPS_READ_TAIL : COPS_READ_NEWEST,
      .reading = wanted ? COPS_SEEKS : COPS_SEEKS_END,
      .wanted = wanted};
}

/* ---- at once ---- */

/* The ring's places in a variable, as nothing that is stored in the ring can
   change them there. */
RING_STEP enum cops_ring_result run_at_once(struct cshm_broadcast *ring,
                                            struct cops_broadcast_call *call) {
  struct cshm_broadcast places = *ring;
  enum cops_ring_result result = run(&places, call);
  ring->lap = places.lap;
  if (__builtin_expect(places.is_broken, 0))
    ring->is_broken = true;
  return result;
}

uint64_t cops_publish_at_once(struct cshm_broadcast *ring, uint32_t mark,
                              const struct cops_message *message) {
  struct cops_broadcast_call call =
      publish_call(mark, message, 1, cops_broadcast_stamp(ring));
  return run_at_once(ring, &call) == COPS_RING_DONE ? call.sequence : 0;
}

/* ---- a handle's place ---- */

static uint64_t at_least(uint64_t value, uint64_t other) {
  return value > other ? value : other;
}

static uint64_t at_most(uint64_t value, uint64_t other) {
  return value < other ? value : other;
}

/* Sequences [from, to). */
static void lose(struct cshm_broadcast *ring, uint64_t from, uint64_t to) {
  if (from >= to)
    return;
  bool is_first = ring->counted_to == 0;
  uint64_t both_from = at_least(from, ring->counted_from);
  uint64_t both_to = at_most(to, ring->counted_to);
  uint64_t again = both_to > both_from ? both_to - both_from : 0;
  ring->untold += to - from - again;
  ring->lost += to - from - again;
  ring->counted_from = is_first ? from : at_most(from, ring->counted_from);
  ring->counted_to = at_least(to, ring->counted_to);
}

void cops_broadcast_miss(struct cshm_broadcast *ring, uint64_t wanted,
                         uint64_t next) {
  lose(ring, wanted, next);
  ring->owed = wanted < next ? next - wanted : 0;
}

uint64_t cops_broadcast_owes(const struct cshm_broadcast *ring,
                             const struct cops_broadcast_call *call) {
  return ring->is_strict ? call->lost + ring->owed : 0;
}

void cops_broadcast_accept(struct cshm_broadcast *ring,
                           const struct cops_broadcast_call *call) {
  if (call->sequence < ring->sequence)
    return; /* another call of the same handle came further */
  ring->position = call->position;
  ring->sequence = call->sequence + 1;
  ring->time = call->time;
  lose(ring, call->sequence - call->lost, call->sequence);
}

void cops_broadcast_go_before(struct cshm_broadcast *ring,
                              const struct cops_broadcast_call *call) {
  ring->position = call->at;
  ring->sequence = call->sequence;
  ring->owed = 0;
  lose(ring, call->sequence - call->lost, call->sequence);
}

void cops_broadcast_go_to(struct cshm_broadcast *ring,
                          const struct cops_broadcast_call *call) {
  bool is_behind = call->reading == COPS_SEEKS_END &&
                   call->result == COPS_RING_DONE;
  ring->owed = 0;
  ring->position = call->position;
  ring->sequence = call->sequence + (is_behind || call->sequence == 0);
}

bool cops_broadcast_has_next(const struct cshm_broadcast *ring) {
  return cshm_load64(&ring->bounds->tail) != ring->position;
}

/* ---- time ---- */

uint64_t cops_broadcast_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The processor's counter, where reading it costs less than the clock; 0: there
   is none. */
static inline uint64_t ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return 0;
#endif
}

/* A counter makes a thousand in a microsecond at least. */
enum { TICKS_OF_A_STAMP = 4096 };

uint64_t cops_broadcast_stamp(struct cshm_broadcast *ring) {
  uint64_t now = ticks();
  if (now == 0 || now - ring->stamp_ticks >= TICKS_OF_A_STAMP) {
    ring->stamp = cops_broadcast_time();
    ring->stamp_ticks = now;
  }
  return ring->stamp;
}
