#include "COperationsWaits.h"

#include <limits.h>

struct cops_deadline cops_deadline_after(int64_t nanoseconds) {
  int64_t now = nanoseconds == COPS_FOREVER ? 0 : cshm_now();
  int64_t rest = nanoseconds < 0 ? 0 : nanoseconds;
  return (struct cops_deadline){rest < COPS_FOREVER - now ? now + rest
                                                          : COPS_FOREVER};
}

int64_t cops_left(struct cops_deadline deadline) {
  if (deadline.moment == COPS_FOREVER)
    return COPS_FOREVER;
  int64_t left = deadline.moment - cshm_now();
  return left < 0 ? 0 : left;
}

static bool differs(const struct cops_wait *wait) {
  return wait->size == 8 ? cshm_load64(wait->word) != wait->expected
                         : cshm_load32(wait->word) != (uint32_t)wait->expected;
}

static bool spin(const struct cops_wait *wait) {
  return wait->size == 8
             ? cshm_spin64(wait->word, wait->expected, wait->spinner)
             : cshm_spin(wait->word, (uint32_t)wait->expected, wait->spinner);
}

static enum cops_end sleep_on(const struct cops_wait *wait) {
  struct cops_deadline deadline = cops_deadline_after(wait->timeout);
  for (int64_t slice = CSHM_FIRST_SLICE;; slice = cshm_next_slice(slice)) {
    if (wait->should_stop && wait->should_stop(wait->context))
      return COPS_STOPPED;
    int64_t left = cops_left(deadline);
    if (left == 0)
      return COPS_TIMED_OUT;
    bool woken = cshm_futex_wait(cshm_low_half(wait->word),
                                 (uint32_t)wait->expected,
                                 left < slice ? left : slice) == 0;
    bool changed = differs(wait);
    if (cshm_lost(wait->guard))
      return COPS_GONE;
    if (woken || changed)
      return COPS_DONE;
  }
}

enum cops_end cops_wait(const struct cops_wait *wait) {
  bool looks = wait->timeout == 0;
  bool changed = looks ? differs(wait) : spin(wait);
  if (cshm_lost(wait->guard))
    return COPS_GONE;
  if (changed)
    return COPS_DONE;
  return looks ? COPS_TIMED_OUT : sleep_on(wait);
}

enum cops_end cops_sleep(int64_t nanoseconds,
                         bool (*should_stop)(void *context), void *context) {
  struct cops_deadline deadline = cops_deadline_after(nanoseconds);
  for (int64_t slice = CSHM_FIRST_SLICE;; slice = cshm_next_slice(slice)) {
    if (should_stop(context))
      return COPS_STOPPED;
    int64_t left = cops_left(deadline);
    if (left == 0)
      return COPS_DONE;
    cshm_sleep(left < slice ? left : slice);
  }
}

int64_t cops_wake(const void *word, int64_t count) {
  int most = count < INT_MAX ? (int)count : INT_MAX;
  int woken = cshm_futex_wake(cshm_low_half(word), most < 1 ? 1 : most);
  return woken < 0 ? 0 : woken;
}
