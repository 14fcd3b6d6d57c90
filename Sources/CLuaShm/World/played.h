/* What the process of a play knows of itself. */
#ifndef LUASHM_PLAYED_H
#define LUASHM_PLAYED_H

#include "perform.h"

#include <CLuaShmPlay.h>

/* What may be done now. */
enum luashm_rule {
  LUASHM_ACTS_FREELY,
  LUASHM_DECLARES, /* the top level */
  LUASHM_WATCHES   /* always */
};

enum { LUASHM_MOST_STOPS = 64 };

/* Where a fault of the file's waits for one of this part's operations. */
struct luashm_stop {
  uint64_t count;
  uint32_t fault;
  bool is_after;
};

struct luashm_player {
  struct luashm_play *play; /* NULL: nothing is played */
  int part;
  enum luashm_rule rule;
  uint32_t generation; /* cshm_generation: a fork of it is no part */
  int stops;
  struct luashm_stop stop[LUASHM_MOST_STOPS];
  int64_t delay;   /* nanoseconds, the longest before an operation */
  uint64_t random; /* never 0 */
};

/* This process's: player.c. */
extern struct luashm_player luashm_acting;

static inline struct luashm_player *luashm_player(void) {
  return &luashm_acting;
}

/* Rings, and stays until the conductor has done the fault. */
void luashm_stand(uint32_t fault);

/* Sleeps until the word has the value; sets it, or adds one to it, and wakes
   who waits. */
void luashm_await(const uint32_t *word, uint32_t value);
void luashm_count_up(uint32_t *word);
void luashm_announce(uint32_t *word, uint32_t value);

#endif
