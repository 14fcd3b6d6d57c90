/* The model's states; RingModel.h says what they are for. */
#ifndef RING_MODEL_STATES_H
#define RING_MODEL_STATES_H

#include "RingModel.h"

#include <COperationsRings.h>

#include "ring-words.h"

enum {
  MOST_MESSAGES = 5,
  PAYLOAD = 8,
  UNITS = 7, /* three records of two, and one that is left over */
  ROOM = 16
};

enum place {
  PLACE_IDLE, /* before its next call */
  PLACE_RUNS, /* in a call */
  PLACE_AGAIN, /* before the same call again */
  PLACE_SAYS_LOCK,
  PLACE_SLEEPS_LOCK,
  PLACE_SAYS_READY,
  PLACE_SLEEPS_READY,
  PLACE_SAYS_ROOM,
  PLACE_SLEEPS_ROOM,
  PLACE_ENDS, /* all producers are gone: is anything left? */
  PLACE_CHAINS, /* wakes another one, as more may be there */
  PLACE_ASLEEP,
  PLACE_STAYS, /* it does no more, and lives */
  PLACE_GONE,
  PLACE_DEAD
};

enum sleep { ON_LOCK = 1, ON_READY, ON_ROOM };

struct memory {
  uint64_t ready, finished, room;
  struct cshm_ring_end push, pop;
  unsigned char bytes[UNITS * CSHM_UNIT];
};

struct part {
  struct cops_ring_call call;
  struct cshm_ring_seen seen[CSHM_SEEN];
  uint64_t word, token;
  unsigned char room[ROOM];
  uint16_t address; /* of the word on which it sleeps, from the stage */
  uint8_t place, sleeps_on, count;
  bool holds, gave_back, has_slept, has_announced, has_seen_end;
};

/* Without padding that differs: states are compared as bytes. */
struct state {
  struct memory memory;
  struct part parts[RING_MOST_PARTS];
  uint32_t in, out; /* messages that were pushed; that were popped or done */
  uint32_t crashes, part_count, is_finished, is_told;
};

extern struct state ring_stage;

/* mutants.c: what is wrong with the rules themselves. */
void ring_spoil(struct cops_ring_rules *, enum ring_mutant);

/* onlooker.c */
bool ring_is_dead(const struct state *, uint32_t mark);
/* Which message the bytes are; none: they are torn. */
int ring_id_in(const unsigned char *bytes);
bool ring_is_id(int id);
/* After the step that makes a message leave the ring: what is wrong with that,
   or NULL. */
const char *ring_left(struct state *, int id, bool in_order);
/* The messages that lie in the ring and are not done; -1: it is no ring.
   *has_free: nobody who lives has one of them. */
int64_t ring_ids(const struct cshm_ring *, const struct state *,
                 bool *has_free);

void ring_begin(const struct ring_scene *, enum ring_mutant, struct state *);
int ring_choices(void);

/* What the choice leads to. *exists: it is one. Otherwise what is broken. */
const char *ring_successor(const struct state *, int choice,
                           struct state *after, bool *exists);

/* What must not be in a state; NULL: nothing. */
const char *ring_broken(const struct state *);

void ring_wake(struct part *);
void ring_tell(const struct state *, int choice, char *text, size_t size);

#endif
