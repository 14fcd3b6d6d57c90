/*
 * Spinning before a sleep.
 *
 * A sleep and a wake-up through the kernel cost some 35 us, seeing a store of
 * another core 0.1 us. A spin is as long as two or three wake-ups, not as one:
 * where one side had to sleep, the other then still spins when its answer
 * comes, and both go on spinning. Where spins were in vain again and again,
 * waits sleep at once, but for a probe now and then: as long as any spin, as
 * two sides that both sleep answer each other after a wake-up at the earliest;
 * rarer with each that fails.
 */
#define _GNU_SOURCE
#include "CShmFutex.h"

#include "CShmWords.h"

#include <sched.h>

/* Nanoseconds of a spin. */
enum { LONGEST = 100000 };
/* Spins in vain until there are no more; of a spin that paid, one less. */
enum { IN_VAIN = 2, MOST_MISSES = 8, AFTER_PROBE = 4 };
/* Waits between probes. */
enum { OFTEN = 8, SELDOM = 256 };

/* How long a pause takes differs by a factor of ten between processors. */
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

/* The affinity may be changed from outside: it is asked for again whenever a
   spin was in vain, beside whose sleep the call costs nothing. */
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

/* Whether this wait spins; *probe: although spins were in vain lately. */
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
