/*
 * Spinning before a sleep.
 *
 * Sleeping and being woken through the kernel costs some 35 us; seeing another
 * core's store costs 0.1 us. A spin lasts as long as two or three wake-ups, not
 * one: if one side had to sleep, the other still spins when the answer comes,
 * and from then on both spin. When spins have failed again and again, waits
 * sleep at once, except for an occasional probe. A probe is as long as any
 * spin, because two sides that both sleep answer each other after a wake-up at
 * the earliest; each probe that fails makes the next one rarer.
 */
#define _GNU_SOURCE
#include "CShmFutex.h"

#include "CShmWords.h"

#include <sched.h>

/* The longest spin, in nanoseconds. */
enum { LONGEST = 100000 };
/* What a failed spin adds to the misses, from how many on waits only probe, and
   how many remain after a probe that paid. Any other spin that paid takes one
   off. */
enum { IN_VAIN = 2, MOST_MISSES = 8, AFTER_PROBE = 4 };
/* The time between two looks at a lock, in nanoseconds: from the first to the
   longest it doubles. */
enum { FIRST_GAP = 1000, LONGEST_GAP = 8000 };
/* How many waits lie between two probes. */
enum { OFTEN = 8, SELDOM = 256 };

/* Iterations that fill the longest spin. Measured, as the duration of a pause
   differs by a factor of ten between processors. */
static int32_t turns_of_spin(void) {
  enum { SAMPLE = 128, FEWEST = 256, MOST = 65536 };
  static int32_t known;
  int32_t turns = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (turns == 0) {
    uint32_t word = 0;
    int64_t begun = cshm_now();
    for (int turn = 0; turn < SAMPLE && cshm_load32(&word) == 0; turn++)
      cshm_pause();
    int64_t taken = cshm_now() - begun;
    int64_t exact = taken > 0 ? (int64_t)LONGEST * SAMPLE / taken : MOST;
    turns = (int32_t)(exact < FEWEST ? FEWEST : exact > MOST ? MOST : exact);
    __atomic_store_n(&known, turns, __ATOMIC_RELAXED);
  }
  return turns;
}

static int processors;

/* The affinity may be changed from outside, so it is asked for again whenever
   a spin failed: beside the sleep that follows, the call costs nothing. */
static void count_processors(void) {
  cpu_set_t set;
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  __atomic_store_n(&processors, count, __ATOMIC_RELAXED);
}

static bool is_alone(void) {
  int count = __atomic_load_n(&processors, __ATOMIC_RELAXED);
  if (__builtin_expect(count == 0, 0)) {
    count_processors();
    count = __atomic_load_n(&processors, __ATOMIC_RELAXED);
  }
  return count == 1;
}

static inline bool differs(const void *word, uint64_t expected, bool wide) {
  return wide ? cshm_load64(word) != expected
              : cshm_load32(word) != (uint32_t)expected;
}

/* Does this wait spin? *probe: it does so although recent spins failed. */
static bool is_worth_it(struct cshm_spinner *spinner, bool *probe) {
  *probe = spinner->misses >= MOST_MISSES;
  if (!*probe && !is_alone())
    return true;
  if (++spinner->idle < (spinner->interval ? spinner->interval : OFTEN))
    return false;
  spinner->idle = 0;
  count_processors();
  return !is_alone();
}

static void paid(struct cshm_spinner *spinner, bool probe) {
  if (probe)
    spinner->misses = AFTER_PROBE;
  else if (spinner->misses > 0)
    spinner->misses--;
  spinner->interval = OFTEN;
}

static void was_in_vain(struct cshm_spinner *spinner, bool probe) {
  if (!probe)
    spinner->misses += IN_VAIN;
  else if (spinner->interval < SELDOM)
    spinner->interval = spinner->interval ? spinner->interval * 2 : OFTEN;
  count_processors();
}

static inline bool spin(const void *word, uint64_t expected, bool wide,
                        struct cshm_spinner *spinner) {
  bool probe;
  if (differs(word, expected, wide))
    return true;
  if (!is_worth_it(spinner, &probe))
    return false;
  for (int32_t turn = turns_of_spin(); turn > 0; turn--) {
    cshm_pause();
    if (differs(word, expected, wide)) {
      paid(spinner, probe);
      return true;
    }
  }
  was_in_vain(spinner, probe);
  return false;
}

bool cshm_spin(const void *word, uint32_t expected,
               struct cshm_spinner *spinner) {
  return spin(word, expected, false, spinner);
}

bool cshm_spin64(const void *word, uint64_t expected,
                 struct cshm_spinner *spinner) {
  return spin(word, expected, true, spinner);
}

bool cshm_spin_apart(const void *word, uint32_t expected,
                     struct cshm_spinner *spinner, int32_t *gap) {
  bool probe;
  if (!is_worth_it(spinner, &probe))
    return differs(word, expected, false);
  int32_t turns = turns_of_spin();
  if (*gap == 0)
    *gap = turns / (LONGEST / FIRST_GAP);
  for (int32_t left = turns; left > 0;) {
    left -= *gap;
    for (int32_t turn = *gap; turn > 0; turn--)
      cshm_pause();
    if (*gap < turns / (LONGEST / LONGEST_GAP))
      *gap *= 2;
    if (differs(word, expected, false)) {
      paid(spinner, probe);
      return true;
    }
  }
  was_in_vain(spinner, probe);
  return false;
}
