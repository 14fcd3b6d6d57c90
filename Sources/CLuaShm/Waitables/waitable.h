/*
 * What the files of all kinds share. Objects of all kinds are userdata of one
 * form, a head only, with the name as first user value; making, opening,
 * closing, checking and showing them is the same for all.
 *
 * A method tries the fast path of CShmNamed.h first, which is C code that calls
 * nobody. When a world is set, and for everything that the fast path does not
 * decide (somebody else holds it, its owner is dead, a refusal), the method is
 * an operation that the host performs.
 */
#ifndef LUASHM_WAITABLE_H
#define LUASHM_WAITABLE_H

#include "module.h"
#include "waiting.h"

#include <CShmNamed.h>

static inline const struct cshm_named *
plain_of(const struct luashm_handle *object) {
  return (const struct cshm_named *)(const void *)object->base;
}

/* The first user value is the name, as for views. */
enum { NAMED_NAME = 1 };

/* The userdata of an object of any kind. */
struct named {
  struct luashm_head head;
  /* The handle's memory, if it was closed while a call read there: that call
     frees it, or the end of the userdata. */
  void *orphan;
};

#define KIND(id, name, number)                                                 \
  extern const struct luashm_waitable luashm_##name##_kind;
CSHM_KINDS(KIND)
#undef KIND

/* making.c: adds the functions that make and open each kind to the module at
   the top of the stack, which already has its other functions. */
void luashm_set_waitables(lua_State *L, int host, int types);

/* wait.c: shm.wait. */
int luashm_wait_for_several(lua_State *L);

/* The `act` of a WAIT_SEVERAL that a script calls as process:wait. */
enum { LUASHM_WAIT_FOR_PROCESS = 1 };

/* wait.c: what such a call returns, once it was asked. */
int luashm_waited_for_one(lua_State *L, const struct luashm_operation *);

/* waitable.c: close, check and name, for each class; all of its metamethods;
   and its __gc and __close alone. */
extern const luaL_Reg luashm_named_methods[], luashm_named_metamethods[];
int luashm_named_end(lua_State *L);
int luashm_named_tostring(lua_State *L);

/* kinds.c: all kinds, NULL at the end. */
const struct luashm_waitable *const *luashm_all_waitables(void);

/* Pushes "event, mutex or semaphore"; `last` stands before the last one. */
void luashm_push_kinds(lua_State *L, const char *last, bool plural);

/* Both raise. The first: the object at the index is closed; the second: its
   memory is gone. */
int luashm_closed_named(lua_State *L, int index, const char *kind);
int luashm_lost_named(lua_State *L, const char *verb);

/* Raises: the object of this kind at stack index 1 is closed. */
int luashm_no_named(lua_State *L, uint32_t kind);

/* For methods: the object at stack index 1; raises if it is closed. */
static inline __attribute__((always_inline)) struct luashm_handle *
luashm_open_named(lua_State *L, uint32_t kind) {
  const struct luashm_head *head =
      luashm_own(L, (enum luashm_type)(TYPE_WAITABLE + kind));
  struct luashm_handle *object = luashm_handle(head->object);
  if (__builtin_expect(!object->base, 0))
    luashm_no_named(L, kind);
  return object;
}

/* The object of any kind at the index, open or closed; NULL: it is none. *kind:
   its kind's number. */
const struct luashm_head *luashm_test_named(lua_State *L, int index,
                                            uint32_t *kind);

/* An operation on an object of this kind. */
static inline struct luashm_operation
luashm_on_named(enum luashm_op op, uint32_t kind, struct luashm_object object) {
  return (struct luashm_operation){.op = op,
                                   .waitable = (uint8_t)kind,
                                   .object = object,
                                   .a = 1,
                                   .seconds = -1};
}

/* Like luashm_answered, but raises if the memory is gone. */
int luashm_named_answered(lua_State *, const struct luashm_operation *);

/* "abandoned", "removed", or NULL: what is special about the acquisition. */
const char *luashm_reason(const struct luashm_operation *);

/* May the fast path be tried? */
static inline bool luashm_is_fast(const struct luashm_handle *object,
                                  int64_t right) {
  return __builtin_expect((object->access & right) != 0, 1);
}

/* After a successful fast path: pushes true, or raises for lost memory. */
static inline int luashm_done(lua_State *L,
                              const struct luashm_handle *object,
                              const char *verb) {
  if (__builtin_expect(cshm_lost(plain_of(object)->guard), 0))
    return luashm_lost_named(L, verb);
  lua_pushboolean(L, true);
  return 1;
}

/* Checks the timeout at the index for a wait that may not need it; raises if it
   is invalid. */
static inline void luashm_check_wait(lua_State *L, int index) {
  double seconds;
  if (__builtin_expect(lua_gettop(L) >= index, 0))
    luashm_check_timeout(L, index, &seconds);
}

/* wait.c: the slow path of a wait for the object at stack index 1. `act`: which
   of its kind's operations the wait is; `timeout`: the stack index of the
   timeout, 0: does not wait. Pushes true [, why], or false, "timeout", or nil,
   message, code; an interruption ends as waiting.h says. */
int luashm_named_wait(lua_State *L, uint32_t kind, int act, int timeout);

/* waitable.c: the slow path of another operation of the kind, with a number.
   Pushes true, or the operation's result; or nil, message, code. */
int luashm_named_act(lua_State *L, uint32_t kind, int act,
                     struct luashm_object object);
int luashm_named_number(lua_State *L, uint32_t kind, int act,
                        struct luashm_object object, int64_t number);

#endif
