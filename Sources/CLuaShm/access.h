/*
 * An access to a view's bytes: its bounds, its refusals, its turn at the gate.
 * For the methods of views in scalars.c, pack.c, texts.c and bytes.c.
 */
#ifndef LUASHM_ACCESS_H
#define LUASHM_ACCESS_H

#include "module.h"

/* "view:u32" as a message's first word: "u32". */
static inline const char *luashm_word(const char *verb) {
  return verb + sizeof "view:" - 1;
}

static inline bool luashm_inside(const struct luashm_view *view,
                                 lua_Integer offset, size_t length) {
  return (size_t)offset <= view->size &&
         length <= view->size - (size_t)offset;
}

/* Raise: the view is closed, or is read-only and `writes`, or the bytes or
   the offset are not inside of it. */
int luashm_refuse_access(lua_State *L, const char *verb, lua_Integer length,
                         lua_Integer offset, bool writes);
int luashm_refuse_offset(lua_State *L, const char *verb, lua_Integer offset);

/* The open view at index 1; raises if it must not be written. */
struct luashm_view *luashm_writable(lua_State *L, const char *verb);

/* Raises: an integer argument is not in the range of a type. */
int luashm_does_not_fit(lua_State *L, int index, lua_Integer value,
                        const char *type, lua_Integer lowest,
                        lua_Integer highest);

/* An operation between enter and leave. */
struct luashm_turn {
  struct luashm_host *host;
  bool listening;
  struct luashm_operation operation;
  char number[32]; /* a float of the operation, as a text */
};

/* Fills in the operation from the call's arguments, and enters. */
void luashm_enter_access(lua_State *L, struct luashm_turn *turn, int kind,
                         const char *verb, const struct luashm_view *view,
                         size_t offset, size_t length);

/* Nothing between begin and end may raise. */
static inline void luashm_begin(lua_State *L, struct luashm_turn *turn,
                                int kind, const char *verb,
                                const struct luashm_view *view, size_t offset,
                                size_t length) {
  turn->host = view->host;
  turn->listening = luashm_heard(turn->host);
  if (__builtin_expect(turn->listening, 0))
    luashm_enter_access(L, turn, kind, verb, view, offset, length);
}

/* What was read, for the listener. */
static inline void luashm_tell(struct luashm_turn *turn, const void *data,
                               size_t length, int64_t result) {
  turn->operation.data = (struct luashm_bytes){data, length};
  turn->operation.result = result;
}

/* False: the memory is gone; raise then. */
static inline bool luashm_end(struct luashm_turn *turn,
                              const struct luashm_view *view) {
  bool gone = cshm_lost(view->guard);
  if (__builtin_expect(turn->listening, 0))
    luashm_leave(turn->host, &turn->operation, gone ? -1 : 0, view, true);
  return !gone;
}

#endif
