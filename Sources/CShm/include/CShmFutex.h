/*
 * Waiting for words of shared memory: futex(2) without the private flag, so
 * that it works between processes and between mappings of one object.
 */
#ifndef CSHM_FUTEX_H
#define CSHM_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC; no system call. */
int64_t cshm_now(void);

/* Sleeps for so many nanoseconds, or until a signal's handler has run. */
void cshm_sleep(int64_t nanoseconds);

/* How long a sleep is, in nanoseconds, before the sleeper looks by itself: who
   is killed between its store and its wake-up must not hang anybody, and an
   idle machine must stay idle. */
#define CSHM_FIRST_SLICE 20000000LL /* literals, as Swift takes no others */
#define CSHM_LONGEST_SLICE 1000000000LL

/* That of the next sleep, if nothing has changed in this one. */
static inline int64_t cshm_next_slice(int64_t slice) {
  return slice < CSHM_LONGEST_SLICE / 2 ? 2 * slice : CSHM_LONGEST_SLICE;
}

/* Sleeps while the word is `expected`, for at most so many nanoseconds. 0: it
   was woken, for whatever reason, or the word differs; -1: errno is ETIMEDOUT,
   EINTR, or EFAULT for memory that is gone. */
int cshm_futex_wait(const void *word, uint32_t expected, int64_t nanoseconds);

/* Wakes at most so many sleepers of the word; returns how many, or -1. */
int cshm_futex_wake(const void *word, int count);

struct cshm_sleeper {
  const void *word;
  uint32_t expected;
};

enum { CSHM_SLEEPERS = 64 };

/* The same for up to CSHM_SLEEPERS words at once: futex_waitv(2); where the
   kernel lacks it, a sleep of at most a millisecond. */
int cshm_futex_wait_any(const struct cshm_sleeper *words, int count,
                        int64_t nanoseconds);

/* Whether spinning before a sleep has lately paid; zeroed at first. */
struct cshm_spinner {
  uint16_t misses;   /* weighed: spins in vain against those that paid */
  uint16_t interval; /* waits from one probe to the next; 0: not decided */
  uint32_t idle;     /* waits since the last probe */
};

/* Spins while the word is `expected`, for 0.1 ms at most, and not at all where
   spinning has lately not paid. True: the word differs now. Never spins where
   this process may use one processor only. */
bool cshm_spin(const void *word, uint32_t expected, struct cshm_spinner *);
/* The same for a word of 8 bytes. */
bool cshm_spin64(const void *word, uint64_t expected, struct cshm_spinner *);

/* What a sleep looks at in a word of 8 bytes: its low half. */
static inline const void *cshm_low_half(const void *word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return (const char *)word + 4;
#else
  return word;
#endif
}

#endif
