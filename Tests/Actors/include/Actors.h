/*
 * Two scripts on stacks of their own, whose operations are performed when a
 * scheduler says so; and the images of one. All of it is C: no Swift function
 * is on a stack that is left.
 */
#ifndef ACTORS_H
#define ACTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actors_outcome {
  int operations;    /* that passed the world */
  int switches;      /* of them, after which another actor went on */
  int64_t sum;       /* of the word that both add to */
  char result[2][512]; /* what each script returned, or its error */
};

/* Runs the script in two actors, by turns of one operation each, on a view `v`
   of the same memory and a cell `c` of its first word. In `alone` only one,
   without a world. False: no memory. */
bool actors_run(const char *script, bool alone, struct actors_outcome *);

/* Is all of a C stack on it? AddressSanitizer may keep variables elsewhere, to
   find who uses them too late; an image then has no part of them. */
bool actors_stacks_are_whole(void);

struct image_outcome {
  long restored;    /* how often the image was put back */
  long differences; /* of the bytes at the end, or of the result */
  size_t image;     /* bytes of it that were in use */
  char result[512];
};

/* Runs the script in one actor in an arena at a fixed address, saves the arena
   and its tables at its operation `at` (from 1), and goes on from there `times`
   times. False: no memory, or the script has no such operation. */
bool actors_put_back(const char *script, int at, long times,
                     struct image_outcome *);

#endif
