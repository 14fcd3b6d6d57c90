/* Waiting for a cell's word to change, and for how long anything waits. */
#ifndef COPERATIONS_WAITS_H
#define COPERATIONS_WAITS_H

#include <CShm.h>

/* Nanoseconds: without an end. */
#define COPS_FOREVER INT64_MAX

/* When a wait ends at the latest. */
struct cops_deadline {
  int64_t moment; /* of cshm_now, or COPS_FOREVER */
};

/* So many nanoseconds from now; of fewer than none: now. */
struct cops_deadline cops_deadline_after(int64_t nanoseconds);

/* Nanoseconds that are left, from 0; COPS_FOREVER where there is no end. */
int64_t cops_left(struct cops_deadline);

/* How a wait ended; that of a snapshot, too. */
enum cops_end { COPS_DONE, COPS_TIMED_OUT, COPS_STOPPED, COPS_GONE };

struct cops_wait {
  const void *word;
  uint32_t size;     /* of the word: 4 or 8 bytes */
  uint64_t expected; /* the wait is for another value */
  const struct cshm_window *guard;
  int64_t timeout; /* nanoseconds; 0: looks once; COPS_FOREVER */
  struct cshm_spinner *spinner; /* used by waits for this word only */
  /* Asked before each sleep; NULL: nobody stops it. */
  bool (*should_stop)(void *context);
  void *context;
};

/* Spins while that has lately paid, then sleeps, no longer at once than
   CShmFutex.h says. Of 8 bytes the kernel looks at the low half: a change of
   the high one is seen when the waker wakes, or after a sleep. */
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
