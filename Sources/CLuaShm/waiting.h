/*
 * What all waits of a script share: how long they last, and that Ctrl-C ends
 * them.
 *
 *   struct luashm_waiting waiting;
 *   double seconds;
 *   int64_t timeout = luashm_check_timeout(L, 3, &seconds);
 *   luashm_begin_waiting(L, timeout, &waiting);
 *   while (!it has come about) {
 *     if (luashm_should_stop(&waiting))
 *       the operation's answer is INTERRUPTED, and the binding returns
 *       luashm_stop(L, &waiting)
 *     sleep for at most cops_left(waiting.deadline), a slice of CShmFutex.h
 *   }
 */
#ifndef LUASHM_WAITING_H
#define LUASHM_WAITING_H

#include "module.h"

#include <COperations.h>

/* In nanoseconds: a wait without an end. */
#define LUASHM_FOREVER COPS_FOREVER

/* The timeout at the index, in nanoseconds; nil and none mean for ever. Raises
   unless it is a number >= 0. *seconds: the same for the operation's record; -1
   if none was given. */
int64_t luashm_check_timeout(lua_State *L, int index, double *seconds);

/* The same for any value, such as an option's; false: it is no timeout. */
bool luashm_to_timeout(lua_State *L, int index, int64_t *nanoseconds,
                       double *seconds);

struct luashm_waiting {
  lua_State *state, *main;   /* the waiting coroutine; its main thread */
  lua_Hook hook, main_hook;  /* their hooks when the wait began */
  struct cops_deadline deadline;
};

void luashm_begin_waiting(lua_State *L, int64_t timeout,
                          struct luashm_waiting *);

/* Was Ctrl-C pressed, in a script, at the prompt, or in another lua whose
   handler sets a hook? Ask after each sleep, whatever ended it. */
bool luashm_should_stop(const struct luashm_waiting *);

/* What a C function returns after that: the hook raises "interrupted!" on the
   way out. This raises by itself where the hook is only on the main thread, as
   for a coroutine in a script, and where no wait had begun because a world
   answered so by itself. */
int luashm_stop(lua_State *, const struct luashm_waiting *);

/* Raises "interrupted!" as the hook would: through a call, so that it is raised
   only once. */
void luashm_raise_interrupt(lua_State *L);

/* For long work that is no wait: checks every so many values whether Ctrl-C was
   pressed, and raises then. */
static inline void luashm_look_up(lua_State *L, uint64_t done) {
  enum { VALUES = 1 << 16 };
  if (__builtin_expect(done % VALUES == VALUES - 1, 0) && luashm_interrupted())
    luashm_raise_interrupt(L);
}

#endif
