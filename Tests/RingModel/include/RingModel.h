/*
 * A model of rings: the real steps (COperationsRings.h) of a few participants
 * on one small ring, in every order, with deaths between any two of them.
 *
 * What is modelled by hand is only what surrounds the steps in NamedRing.swift:
 * who sleeps where, who is woken, and when a consumer says "the end".
 */
#ifndef RING_MODEL_H
#define RING_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* What a participant does. */
enum ring_part {
  RING_PUSHES, /* so many messages, then stays */
  RING_LEAVES, /* the same, then closes its handle */
  RING_POPS,   /* so many; 0: until the end, or all there are */
  RING_WORKS,  /* takes, gives the first one back, does the others; so many
                  times, or 0 as above */
  RING_ENDS,   /* finishes the queue */
  RING_PEEKS,  /* so many copies of the next message, or until there is none */
  RING_THIEF   /* says that others' jobs are done */
};

enum { RING_MOST_PARTS = 4 };

struct ring_scene {
  const char *name;
  struct {
    enum ring_part part;
    uint8_t count; /* messages */
  } parts[RING_MOST_PARTS];
  uint8_t part_count;
  uint8_t crashes; /* at most so many die */
};

/* The protocol with one thing wrong. */
enum ring_mutant {
  RING_RIGHT,
  RING_TAIL_BEFORE_RECORD,
  RING_TAIL_BEFORE_BYTES,
  RING_UNLOCK_BEFORE_TAIL,
  RING_PUSH_WITHOUT_LOCK,
  RING_PUSH_SIGNALS_NOT,
  RING_PUSH_WAKES_NOT,
  RING_UNLOCK_WAKES_NOT,
  RING_POP_WITHOUT_LOCK,
  RING_HEAD_BEFORE_COPY,
  RING_HEAD_NEVER,
  RING_RESET_WITHOUT_LOOK,
  RING_ROOM_WAKES_NOT,
  RING_TAKE_WITHOUT_MARK,
  RING_DONE_OF_OTHERS,
  RING_DONE_NEVER_PASSES,
  RING_BACK_SIGNALS_NOT,
  RING_FINISH_WITHOUT_LOCK,
  RING_END_WITHOUT_LOOK,
  RING_END_BEFORE_DONE,
  RING_DEATH_IS_IGNORED,
  RING_LIVING_ARE_DEAD,
  RING_JOBS_OF_DEAD_STAY,
  RING_JOBS_OF_LIVING_GO,
  RING_POP_SLEEPS_UNSAID,
  RING_PUSH_SLEEPS_UNSAID,
  RING_PUSH_LOOKS_ONCE,
  RING_WAKES_NO_FURTHER,
  RING_PEEK_POPS,
  RING_PEEK_KEEPS_THE_LOCK,
  RING_END_TELLS_ONE,
  RING_MUTANTS
};

struct ring_report {
  uint64_t states;
  bool is_cut;        /* there are more than `most` */
  char violation[96]; /* "": none */
  char way[4096];     /* how it comes about */
};

static inline const char *ring_violation(const struct ring_report *report) {
  return report->violation;
}
static inline const char *ring_way(const struct ring_report *report) {
  return report->way;
}

/* Explores all states of the scene, at most `most`. */
struct ring_report ring_explore(const struct ring_scene *,
                                enum ring_mutant, uint64_t most);

/* The scene at an index; NULL: there are no more. */
const struct ring_scene *ring_scene_at(int);

/* The first scene in which the mutant must be found. */
const struct ring_scene *ring_scene_against(enum ring_mutant);

const char *ring_mutant_name(enum ring_mutant);

#include "BroadcastModel.h"

#endif
