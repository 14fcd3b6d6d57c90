/* Waiting for a cell's word to change, and deadlines for all waits. */
#ifndef COPERATIONS_WAITS_H
#define COPERATIONS_WAITS_H

#include <CShm.h>

/* In nanoseconds: a wait without an end. */
#define COPS_FOREVER INT64_MAX

/* The latest end of a wait. */
struct cops_deadline {
  int64_t moment; /* as cshm_now counts, or COPS_FOREVER */
};

/* This many nanoseconds from now; now if the number is negative. */
struct cops_deadline cops_deadline_after(int64_t nanoseconds);

/* The nanoseconds that are left, at least 0; COPS_FOREVER: no end. */
int64_t cops_left(struct cops_deadline);

/* How a wait ended, or a snapshot. */
enum cops_end { COPS_DONE, COPS_TIMED_OUT, COPS_STOPPED, COPS_GONE };

struct cops_wait {
  const void *word;
  uint32_t size;     /* the word's: 4 or 8 bytes */
  uint64_t expected; /* waits until the word differs from this */
  const struct cshm_window *guard;
  int64_t timeout; /* nanoseconds; 0: looks once; COPS_FOREVER */
  struct cshm_spinner *spinner; /* of waits for this word */
  /* Called before each sleep; NULL: nobody can stop the wait. */
  bool (*should_stop)(void *context);
  void *context;
};

/* Spins as long as that has lately paid, then sleeps; CShmFutex.h limits a
   single sleep. For a word of 8 bytes the kernel compares the low half only: a
   change of the high half is noticed when somebody wakes, or after a sleep. */
enum cops_end cops_wait(const struct cops_wait *);

/* Until the time is over, which is COPS_DONE, or it is stopped. It looks by
   itself from time to time, as CShmFutex.h says: a signal that comes between
   the question and the sleep ends no system call. */
enum cops_end cops_sleep(int64_t nanoseconds,
                         bool (*should_stop)(void *context), void *context);

/* Wakes at most so many, from 1, and returns how many; of memory that is gone
   none. */
int64_t cops_wake(const void *word, int64_t count);

#endif
