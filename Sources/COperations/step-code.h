/*
 * Makes code of a protocol's list of steps, in which each is
 *
 *   STEP(name, what it does, what follows)
 *   WAKE(name, the word whose sleepers are woken first, and as a step)
 *   ON(outcome, step)    THEN(step): there is one outcome
 *
 * where `ring` and `call` are what the steps work on. Whoever includes this has
 * defined
 *
 *   STEPS            the list's file
 *   STEPS_RING       what `ring` points to; STEPS_CALL: what `call` does
 *   STEPS_RULES      declares the table of what follows what
 *   STEPS_END        the step that is none, at which a call is over
 *   STEPS_QUESTION   of a step that has to ask: what a run of it says
 *
 * and gets that table, outcome_of and woken_by for one step at a time, and run,
 * the same steps as straight code, each jumping to the one that follows.
 */
#ifndef STEPS
#error "define the list of steps first"
#endif

#include "ring-locks.h"

#define THEN(step) ON(ONLY, step)
#define STEPS_NUMBER_(name) COPS_##name
#define STEPS_NUMBER(name) STEPS_NUMBER_(name)

/* ---- one step, by a table ---- */

#define STEP(name, does, ...) [COPS_##name] = {__VA_ARGS__},
#define WAKE(name, word, does, ...) STEP(name, does, __VA_ARGS__)
#define ON(outcome, step) [COPS_##outcome] = COPS_##step,

STEPS_RULES = {
    .next = {
#include STEPS
        [STEPS_NUMBER(STEPS_END)] = {STEPS_NUMBER(STEPS_END)},
    }};

#undef STEP
#undef WAKE
#undef ON

#define STEP(name, does, ...)                                                  \
  case COPS_##name:                                                            \
    return does;
#define WAKE(name, word, does, ...) STEP(name, does, __VA_ARGS__)

static int outcome_of(STEPS_RING *ring, STEPS_CALL *call) {
  switch (call->step) {
#include STEPS
  default:
    return COPS_ONLY;
  }
}

#undef STEP
#undef WAKE

#define STEP(name, does, ...)
#define WAKE(name, word, does, ...)                                            \
  case COPS_##name:                                                            \
    return cshm_low_half(word);

static inline const void *woken_by(const STEPS_RING *ring,
                                   const STEPS_CALL *call) {
  switch (call->step) {
#include STEPS
  default:
    return NULL;
  }
}

#undef STEP
#undef WAKE

/* ---- all steps, as straight code ---- */

/* Where the call is a variable of the caller's, known at its beginning, what
   remains is a line of code without any table. */
RING_STEP enum cops_ring_result run(STEPS_RING *ring, STEPS_CALL *call) {
#define STEP(name, does, ...)                                                  \
  case COPS_##name:                                                            \
    goto name;
#define WAKE(name, word, does, ...) STEP(name, does, __VA_ARGS__)
  switch (call->step) {
#include STEPS
  default:
    goto STEPS_END;
  }
#undef STEP
#undef WAKE
#define STEP(name, does, ...)                                                  \
  name:                                                                        \
  switch (does) {                                                              \
    __VA_ARGS__                                                                \
  default:                                                                     \
    call->step = COPS_##name;                                                  \
    return STEPS_QUESTION(COPS_##name);                                        \
  }
#define WAKE(name, word, does, ...)                                            \
  name:                                                                        \
  cshm_futex_wake(cshm_low_half(word), call->wakes);                           \
  switch (does) {                                                              \
    __VA_ARGS__                                                                \
  default:                                                                     \
    goto STEPS_END;                                                            \
  }
#define ON(outcome, step)                                                      \
  case COPS_##outcome:                                                         \
    goto step;
#include STEPS
#undef STEP
#undef WAKE
#undef ON
STEPS_END:
  call->step = STEPS_NUMBER(STEPS_END);
  return (enum cops_ring_result)call->result;
}
