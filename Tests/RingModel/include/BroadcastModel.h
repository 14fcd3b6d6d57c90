/*
 * A model of rings that are written over: the real steps
 * (COperationsBroadcasts.h) of a few publishers and readers on one small ring,
 * in every order, with deaths between any two of them.
 *
 * What is modelled by hand is only what surrounds the steps in
 * NamedBroadcast.swift and NamedWait.swift: who sleeps where, who is woken, and
 * when a reader says "the end".
 */
#ifndef BROADCAST_MODEL_H
#define BROADCAST_MODEL_H

#include "RingModel.h"

/* What a participant does. */
enum broadcast_part {
  BROADCAST_PUBLISHES, /* so many messages, then stays */
  BROADCAST_LEAVES,    /* the same, then closes its handle */
  BROADCAST_READS,     /* from the beginning to the end, or all there is */
  BROADCAST_MEASURES,  /* reads so, strictly: first each message's length */
  BROADCAST_LOOKS      /* at the newest message, so many times */
};

enum { BROADCAST_MOST_PARTS = 3 };

struct broadcast_scene {
  const char *name;
  struct {
    enum broadcast_part part;
    uint8_t count;
  } parts[BROADCAST_MOST_PARTS];
  uint8_t part_count;
  uint8_t crashes; /* at most so many die */
  uint8_t before;  /* messages that are there at the beginning */
};

/* The protocol with one thing wrong. */
enum broadcast_mutant {
  BROADCAST_RIGHT,
  BROADCAST_FIRST_NEVER,
  BROADCAST_FIRST_AFTER_COPY,
  BROADCAST_TAIL_BEFORE_RECORD,
  BROADCAST_TAIL_BEFORE_BYTES,
  BROADCAST_LATEST_BEFORE_TAIL,
  BROADCAST_UNLOCK_BEFORE_TAIL,
  BROADCAST_PUBLISH_WITHOUT_LOCK,
  BROADCAST_SIGNALS_NOT,
  BROADCAST_WAKES_NOT,
  BROADCAST_UNLOCK_WAKES_NOT,
  BROADCAST_READ_WITHOUT_CHECK,
  BROADCAST_CHECK_BEFORE_BYTES,
  BROADCAST_SLEEPS_UNSAID,
  BROADCAST_SLEEPS_UNLOOKED,
  BROADCAST_LOST_BY_LAPS,
  BROADCAST_MEASURES_NO_LOSS,
  BROADCAST_END_WITHOUT_LOOK,
  BROADCAST_DEATH_IS_IGNORED,
  BROADCAST_LIVING_ARE_DEAD,
  BROADCAST_PASSES_NOT_ON,
  BROADCAST_PASSES_NEWS_ONLY,
  BROADCAST_MUTANTS
};

struct ring_report broadcast_explore(const struct broadcast_scene *,
                                     enum broadcast_mutant, uint64_t most);

/* The scene at an index; NULL: there are no more. */
const struct broadcast_scene *broadcast_scene_at(int);

/* The scene in which the mutant must be found. */
const struct broadcast_scene *broadcast_scene_against(enum broadcast_mutant);

const char *broadcast_mutant_name(enum broadcast_mutant);

#endif
