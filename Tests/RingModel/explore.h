/* Goes through all states of a model. */
#ifndef RING_EXPLORE_H
#define RING_EXPLORE_H

#include "RingModel.h"

#include <stddef.h>

struct explored {
  size_t size; /* of a state: whole words, no padding that differs */
  int choices;
  void (*begin)(void *state);
  /* What the choice leads to. *exists: it is one. Otherwise what is broken. */
  const char *(*successor)(const void *state, int choice, void *after,
                           bool *exists);
  /* What must not be in a state; NULL: nothing. */
  const char *(*broken)(const void *state);
  void (*tell)(const void *state, int choice, char *text, size_t size);
};

struct ring_report ring_explore_all(const struct explored *, uint64_t most);

#endif
