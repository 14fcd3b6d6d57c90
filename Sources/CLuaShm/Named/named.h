/*
 * Events, mutexes and semaphores: what their files share. All three are one
 * kind of userdata, a head alone, with the name as first user value.
 *
 * A method tries the fast way of CShmNamed.h first, which is C and calls
 * nobody. With a world, and for all that it does not decide (somebody else has
 * it, a dead owner, a refusal), it is an operation, and the host does it.
 */
#ifndef LUASHM_NAMED_H
#define LUASHM_NAMED_H

#include "module.h"
#include "waiting.h"

#include <CShmNamed.h>

static inline const struct cshm_named *
plain_of(const struct luashm_handle *object) {
  return (const struct cshm_named *)(const void *)object->base;
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

/* Raises: the object at index 1 is closed. */
int luashm_no_named(lua_State *L, enum luashm_type);

/* The object at index 1 of one of its own methods; raises if it is closed. */
static inline struct luashm_handle *luashm_open_named(lua_State *L,
                                                      enum luashm_type type) {
  const struct luashm_head *head = luashm_own(L, type);
  struct luashm_handle *object = luashm_handle(head->object);
  if (__builtin_expect(!object->base, 0))
    luashm_no_named(L, type);
  return object;
}

/* The same of a method that all three types have. */
struct luashm_handle *luashm_open_any_named(lua_State *L);

/* The event, mutex or semaphore at index, open or closed; NULL: it is none. */
const struct luashm_head *luashm_test_named(lua_State *L, int index);

/* An operation on the object at index 1, or on the mutex of the guard there. */
static inline struct luashm_operation
luashm_on_named(enum luashm_op op, struct luashm_object object) {
  return (struct luashm_operation){
      .op = op, .object = object, .a = 1, .seconds = -1};
}

/* As luashm_answered: raises for memory that is gone. */
int luashm_named_answered(lua_State *, const struct luashm_operation *);

/* "abandoned", "removed", or NULL: why what was acquired is not as it was. */
const char *luashm_reason(const struct luashm_operation *);

/* The word of the object's state, and whether it is locked by this interpreter;
   false: it is closed. For tostring. */
bool luashm_state_of(lua_State *, struct luashm_object, uint64_t *state,
                     bool *ours);

/* Whether the fast way may be tried. */
static inline bool luashm_is_fast(const struct luashm_handle *object,
                                  int64_t right) {
  return __builtin_expect((object->access & right) != 0, 1);
}

/* After a fast way that succeeded: pushes true, or raises for lost memory. */
static inline int luashm_done(lua_State *L,
                              const struct luashm_handle *object,
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
int luashm_named_wait(lua_State *L, enum luashm_op, int timeout);

/* The slow way to set, reset or unlock: pushes true, or nil, message, code. */
int luashm_named_release(lua_State *L, enum luashm_op, struct luashm_object);

#endif
