#include "COperationsSnapshots.h"

static enum cops_end copy(const struct cops_snapshot *snapshot) {
  bool whole =
      cshm_reaches(snapshot->guard, snapshot->record, snapshot->length) &&
      cops_copy_record(&snapshot->words, snapshot->copy, snapshot->record,
                       snapshot->length);
  if (cshm_lost(snapshot->guard))
    return COPS_GONE;
  return whole ? COPS_DONE : COPS_TIMED_OUT;
}

/* A writer copies for microseconds, so this spins first and then sleeps a
   little. It checks the time and the stop after each attempt, as copying a
   large record takes time. */
static enum cops_end retry(struct cops_snapshot *snapshot) {
  enum { SPINS = 64, REST = 200000 };
  struct cops_deadline deadline = cops_deadline_after(snapshot->timeout);
  for (int attempt = 0;; attempt += attempt < SPINS) {
    cshm_pause();
    if (snapshot->should_stop && snapshot->should_stop(snapshot->context))
      return COPS_STOPPED;
    int64_t rest = cops_left(deadline);
    if (rest == 0)
      return COPS_TIMED_OUT;
    uint32_t before = cshm_load32(snapshot->words.first);
    enum cops_end end = copy(snapshot);
    if (end != COPS_TIMED_OUT)
      return end;
    if (attempt == SPINS)
      cshm_futex_wait(snapshot->words.first, before,
                      rest < REST ? rest : REST);
  }
}

enum cops_end cops_snapshot(struct cops_snapshot *snapshot) {
  uint32_t before = cshm_load32(snapshot->words.first);
  enum cops_end end = copy(snapshot);
  if (end == COPS_TIMED_OUT && snapshot->timeout > 0)
    end = retry(snapshot);
  snapshot->moved = cshm_load32(snapshot->words.first) != before;
  return end;
}
