/*
 * Spinning before a sleep.
 *
 * A sleep and a wake-up through the kernel cost some 25 us, seeing a store of
 * another core 0.1 us. Whoever spins for as long as a sleep costs, and sleeps
 * then, pays at most twice what the better choice would have cost. Where
 * spinning has lately not paid it is halved, until nothing is left; from then
 * on every PROBEth wait spins for the whole time again. A short probe would
 * find nothing: two sides that both sleep answer each other after a wake-up at
 * the earliest.
 */
#define _GNU_SOURCE
#include "CShmFutex.h"

#include "CShmWords.h"

#include <sched.h>

/* Nanoseconds of the longest spin, and of the shortest that is one. */
enum { LONGEST = 40000, SHORTEST = 2500, PROBE = 64 };

/* How long a pause takes differs by a factor of ten between processors. */
static int32_t turns_of_longest(void) {
  enum { SAMPLE = 128, FEWEST = 128, MOST = 65536 };
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

/* Of the next spin; 0: none. */
static int32_t turns_now(struct cshm_spinner *spinner) {
  int32_t longest = turns_of_longest();
  if (spinner->turns == 0)
    spinner->turns = longest;
  bool pays = spinner->turns >= longest / (LONGEST / SHORTEST);
  if (pays && !is_alone())
    return spinner->turns;
  if (++spinner->idle < PROBE)
    return 0;
  spinner->idle = 0;
  count_processors();
  return is_alone() ? 0 : longest;
}

static void in_vain(struct cshm_spinner *spinner) {
  if (spinner->turns > 1)
    spinner->turns /= 2;
  count_processors();
}

static inline bool spin(const void *word, uint64_t expected, bool wide,
                        struct cshm_spinner *spinner) {
  if (differs(word, expected, wide))
    return true;
  int32_t turns = turns_now(spinner);
  for (int32_t turn = 0; turn < turns; turn++) {
    cshm_pause();
    if (differs(word, expected, wide)) {
      spinner->turns = turns_of_longest();
      return true;
    }
  }
  if (turns > 0)
    in_vain(spinner);
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
