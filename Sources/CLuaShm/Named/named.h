/*
 * Events, mutexes and semaphores: what their files share. All three are one
 * kind of userdata, struct luashm_named, with the name as first user value.
 *
 * A method tries the fast way of CShmNamed.h first, which is C and calls
 * nobody. With a listener at the gate, and for all that it does not decide
 * (somebody else has it, a dead owner, a refusal), the host does it.
 */
#ifndef LUASHM_NAMED_H
#define LUASHM_NAMED_H

#include "module.h"
#include "waiting.h"

#include <CShmNamed.h>

static inline const struct cshm_named *
plain_of(const struct luashm_named *object) {
  return object->plain;
}

/* The first user value is the name's, as of views. A guard's second is its
   mutex. */
enum { NAMED_NAME = 1, GUARD_MUTEX = 2 };

extern const struct luashm_class luashm_events, luashm_mutexes,
    luashm_semaphores, luashm_guards;

/* named-make.c, named-wait.c: what module "shm" has for them. */
extern const luaL_Reg luashm_named_functions[];
int luashm_wait_for_several(lua_State *L);

/* named.c: close and name, for each class; and its __gc and __close. */
extern const luaL_Reg luashm_named_methods[];
int luashm_named_end(lua_State *L);

/* The word for the kind: "event". */
const char *luashm_kind_name(uint32_t kind);

/* Raised: the object at `index` is closed; its memory is gone. */
int luashm_closed_named(lua_State *L, int index, const char *kind);
int luashm_lost_named(lua_State *L, const char *verb);

/* Pushes nil, message, code; raises where the memory is gone. */
int luashm_refuse_named(lua_State *L, const struct luashm_failure *);

/* Raises for what is closed, or no object of the method's type. */
struct luashm_named *luashm_no_named(lua_State *L);

/* The object at index 1 of one of its own methods; raises if it is closed. As
   luashm_self, but inline: half of what a lock costs is the call. */
static inline struct luashm_named *luashm_open_named(lua_State *L) {
  struct luashm_named *object = lua_touserdata(L, 1);
  if (object && lua_getmetatable(L, 1)) {
    int same = lua_rawequal(L, -1, lua_upvalueindex(UPVALUE_OWN));
    lua_pop(L, 1);
    if (__builtin_expect(same && object->plain, 1))
      return object;
  }
  return luashm_no_named(L);
}

/* The event, mutex or semaphore at index, open or closed; NULL: it is none. */
struct luashm_named *luashm_test_named(lua_State *L, int index);

/* What the gate is told about the object at index 1. */
struct luashm_operation luashm_named_operation(lua_State *L, int kind,
                                               const char *verb);

/* Whether the fast way may be tried. */
static inline bool luashm_is_fast(const struct luashm_named *object,
                                  uint32_t right) {
  return __builtin_expect((object->fast & right) != 0, 1);
}

/* After a fast way that succeeded: pushes true, or raises for lost memory. */
static inline int luashm_done(lua_State *L, const struct luashm_named *object,
                              const char *verb) {
  if (__builtin_expect(cshm_lost(plain_of(object)->guard), 0))
    return luashm_lost_named(L, verb);
  lua_pushboolean(L, true);
  return 1;
}

/* A timeout at index, of a wait that may need none: raises for what is none. */
static inline void luashm_check_wait(lua_State *L, int index) {
  double seconds;
  if (__builtin_expect(lua_gettop(L) >= index, 0))
    luashm_check_timeout(L, index, &seconds);
}

/* named-wait.c: the slow way to wait for the object at index 1, with the
   timeout at `timeout` (0: none is waited). Pushes true [, why], or
   false, "timeout", or nil, message, code; what was interrupted ends as
   waiting.h says. */
int luashm_named_wait(lua_State *L, const char *verb, int timeout);

/* The slow way to set, reset or unlock the object at index 1: pushes true, or
   nil, message, code. */
int luashm_named_release(lua_State *L, const char *verb,
                         enum luashm_release release);

#endif
