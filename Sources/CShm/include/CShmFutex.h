/*
 * Waiting for words of shared memory: futex(2) without the private flag, so
 * that it works between processes and between mappings of one object.
 */
#ifndef CSHM_FUTEX_H
#define CSHM_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

/* The time of CLOCK_MONOTONIC in nanoseconds; no system call (vdso(7)). */
int64_t cshm_now(void);

/* Sleeps for so many nanoseconds, or until a signal's handler has run. */
void cshm_sleep(int64_t nanoseconds);

/* How long a sleep is, in nanoseconds, before the sleeper looks by itself: who
   is killed between its store and its wake-up must not hang anybody, and an
   idle machine must stay idle. */
#define CSHM_FIRST_SLICE 20000000LL /* literals, as Swift takes no others */
#define CSHM_LONGEST_SLICE 1000000000LL

/* The length of the next sleep if nothing changed during this one. */
static inline int64_t cshm_next_slice(int64_t slice) {
  return slice < CSHM_LONGEST_SLICE / 2 ? 2 * slice : CSHM_LONGEST_SLICE;
}

/* Sleeps while the word is `expected`, for at most `nanoseconds`. 0: it was
   woken, for whatever reason, or the word differs. -1: errno is ETIMEDOUT,
   EINTR, or EFAULT if the memory is gone. */
int cshm_futex_wait(const void *word, uint32_t expected, int64_t nanoseconds);

/* Wakes at most `count` of the word's sleepers; returns how many, or -1. */
int cshm_futex_wake(const void *word, int count);

struct cshm_sleeper {
  const void *word;
  uint32_t expected;
};

enum { CSHM_SLEEPERS = 64 };

/* The same for up to CSHM_SLEEPERS words at once: futex_waitv(2). If the kernel
   lacks it, this sleeps for at most a millisecond. */
int cshm_futex_wait_any(const struct cshm_sleeper *words, int count,
                        int64_t nanoseconds);

/* Remembers whether spinning before a sleep has lately paid; starts zeroed. */
struct cshm_spinner {
  uint16_t misses;   /* weighed: spins that failed against those that paid */
  uint16_t interval; /* waits between two probes; 0: not decided yet */
  uint32_t idle;     /* waits since the last probe */
};

/* Spins while the word is `expected`, for at most 0.1 ms, and not at all if
   that has lately not paid or if this process may use only one processor. True:
   the word differs now. */
bool cshm_spin(const void *word, uint32_t expected, struct cshm_spinner *);
/* The same for a word of 8 bytes. */
bool cshm_spin64(const void *word, uint64_t expected, struct cshm_spinner *);
/* The same for a lock that its owner may take again and again: each look, and
   each attempt after it, fetches the word from the owner's processor, which
   then waits for it, too. So the looks are 1 us apart at first, and up to 8.
   *gap: 0 when a wait begins, then for cshm_spin_apart to remember. */
bool cshm_spin_apart(const void *word, uint32_t expected,
                     struct cshm_spinner *, int32_t *gap);

/* The half of an 8-byte word that a sleep compares: the low one. */
static inline const void *cshm_low_half(const void *word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return (const char *)word + 4;
#else
  return word;
#endif
}

#endif
