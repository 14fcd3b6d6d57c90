/*
 * What all waits of a script share: for how long, and that Ctrl-C ends them.
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

/* Nanoseconds: a wait that has no end. */
#define LUASHM_FOREVER COPS_FOREVER

/* The timeout at index, in nanoseconds: nil and none are for ever; raises for
   what is no number of seconds from 0. *seconds: as the operation wants it,
   -1 where none was given. */
int64_t luashm_check_timeout(lua_State *L, int index, double *seconds);

/* The same of any value, such as an option's; false: it is none. */
bool luashm_to_timeout(lua_State *L, int index, int64_t *nanoseconds,
                       double *seconds);

struct luashm_waiting {
  lua_State *state, *main;   /* the coroutine that waits, and its main */
  lua_Hook hook, main_hook;  /* theirs when it began */
  struct cops_deadline deadline;
};

void luashm_begin_waiting(lua_State *L, int64_t timeout,
                          struct luashm_waiting *);

/* Has Ctrl-C come: to a script, at the prompt, or to another lua, whose
   handler sets a hook? Asked after each sleep, whatever ended it. */
bool luashm_should_stop(const struct luashm_waiting *);

/* Then what the C function returns: the hook raises "interrupted!" on the way
   out; where it is on the main thread only, as of a coroutine in a script,
   this raises; and so it does where no wait had begun, and a world answered so
   by itself. */
int luashm_stop(lua_State *, const struct luashm_waiting *);

/* Raises "interrupted!", as the hook would: at a call, so that it is raised
   once. */
void luashm_raise_interrupt(lua_State *L);

/* In long work that is no wait: each so many values a look whether Ctrl-C has
   come, and then it raises. */
static inline void luashm_look_up(lua_State *L, uint64_t done) {
  enum { VALUES = 1 << 16 };
  if (__builtin_expect(done % VALUES == VALUES - 1, 0) && luashm_interrupted())
    luashm_raise_interrupt(L);
}

#endif
