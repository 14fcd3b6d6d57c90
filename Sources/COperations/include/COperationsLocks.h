/* The lock of a ring's end, or of a topic's publishers, as the calls that take
   it see it: its word is an owner's mark | SLEEPERS, HELD. */
#ifndef COPERATIONS_LOCKS_H
#define COPERATIONS_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

struct cops_locking {
  uint64_t seen;   /* BUSY: the word */
  uint32_t mark;   /* the caller's */
  uint32_t asked;  /* BUSY, ASK: whose death is in question */
  uint32_t dead;   /* whose owner is known to have died */
  bool has_slept;  /* on the word: others may sleep there still */
};

#endif
