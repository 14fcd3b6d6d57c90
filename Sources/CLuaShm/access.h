/*
 * An access to a view's bytes: its bounds, its errors, its operation. For the
 * methods of views in scalars.c, pack.c, texts.c and bytes.c.
 */
#ifndef LUASHM_ACCESS_H
#define LUASHM_ACCESS_H

#include "module.h"

/* The word of "view:u32" for messages: "u32". */
static inline const char *luashm_word(const char *verb) {
  return verb + sizeof "view:" - 1;
}

static inline bool luashm_inside(const struct luashm_handle *view,
                                 lua_Integer offset, size_t length) {
  return (size_t)offset <= view->size &&
         length <= view->size - (size_t)offset;
}

/* Raises: the view is closed; or it is read-only and `writes`; or `length`
   bytes at `offset`, or the offset, are outside of it. */
int luashm_refuse_access(lua_State *L, const char *verb, lua_Integer length,
                         lua_Integer offset, bool writes);
int luashm_refuse_offset(lua_State *L, const char *verb, lua_Integer offset);

/* The open view at stack index 1; raises if it must not be written. */
struct luashm_handle *luashm_writable(lua_State *L, const char *verb);

/* Raises: the integer argument at the stack index does not fit in a type. */
int luashm_does_not_fit(lua_State *L, int index, lua_Integer value,
                        const char *type, lua_Integer lowest,
                        lua_Integer highest);

/* An operation on the bytes of the view at stack index 1. */
static inline struct luashm_operation luashm_access(lua_State *L,
                                                    enum luashm_op op,
                                                    lua_Integer offset,
                                                    size_t length) {
  return (struct luashm_operation){.op = op,
                                   .object = luashm_object_at(L, 1),
                                   .at = (uint64_t)offset,
                                   .length = length};
}

#endif
