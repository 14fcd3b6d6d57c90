/* The states of a ring that is written over; BroadcastModel.h says what they
   are for. */
#ifndef BROADCAST_MODEL_STATES_H
#define BROADCAST_MODEL_STATES_H

#include "BroadcastModel.h"

#include <COperationsBroadcasts.h>

enum {
  BROADCAST_MESSAGES = 12, /* sequences, from 1 */
  BROADCAST_PAYLOAD = 8,
  BROADCAST_UNITS = 18 /* four records of four, and two that are left over */
};

enum broadcast_place {
  AT_REST,      /* before its next call */
  IN_CALL,
  ASKS_END,     /* a reader found nothing: are all publishers gone? */
  LOOKS_END,    /* they are: is there still nothing? */
  SAYS_NEWS,    /* it says that it will sleep, unless there are news */
  SLEEPS_NEWS,  /* and does, unless the word has changed */
  SAYS_LOCK,
  SLEEPS_LOCK,
  ASLEEP_NEWS,
  ASLEEP_LOCK,
  PASSES_ON,    /* a reader was woken, and wakes others */
  IS_DONE,      /* it does no more, and lives */
  HAS_LEFT,
  IS_DEAD
};

struct broadcast_memory {
  uint64_t state;
  struct cshm_publishers publishers;
  struct cshm_bounds bounds;
  uint64_t bytes[BROADCAST_UNITS];
};

struct broadcast_member {
  struct cops_broadcast_call call;
  uint64_t position, sequence, lost; /* of a reader */
  uint64_t word;
  uint64_t room;
  uint8_t place, count;
  uint8_t may_wake; /* it slept when somebody woke some */
  uint8_t in_vain;  /* it has passed on what was no news to it */
  uint8_t knows_length;
  uint8_t padding[3];
};

/* Without padding that differs: states are compared as bytes. */
struct broadcast_state {
  struct broadcast_memory memory;
  struct broadcast_member parts[BROADCAST_MOST_PARTS];
  /* What an onlooker knows: by sequence whose message it is, and where. */
  uint8_t owners[BROADCAST_MESSAGES + 4];
  uint8_t places[BROADCAST_MESSAGES + 4];
  uint32_t published, crashes;
  uint64_t wakes; /* how many of those who may wake do so */
};

extern const struct cops_broadcast_rules *broadcast_rules_of(
    enum broadcast_mutant);

#endif
