/*
 * The table of handles, and the head with which each userdata names its own.
 *
 * The debug library can give a userdata the metatable of another type, or take
 * its user values away. So no method believes a metatable, and none follows a
 * pointer to another userdata: it looks at the mark, which only our userdata
 * begin with, and at the table.
 */
#ifndef LUASHM_HANDLES_H
#define LUASHM_HANDLES_H

#include "CLuaShm.h"

/* What a userdata begins with. */
struct luashm_head {
  uint64_t mark; /* LUASHM_MARK, and its type in the low bits */
  struct luashm_object object;
};

/* Bytes of no meaning; the low ones are left to the type. */
#define LUASHM_MARK UINT64_C(0xB5C9F16E83D24A00)

/* The entries; that of index 0 is closed for ever. */
extern struct luashm_handle *luashm_handles
    __attribute__((visibility("hidden")));

/* The entry, or one that is closed: without a base, and without bytes. */
static inline struct luashm_handle *
luashm_handle(struct luashm_object object) {
  struct luashm_handle *handle = &luashm_handles[object.index];
  return __builtin_expect(handle->generation == object.generation, 1)
             ? handle
             : luashm_handles;
}

static inline bool luashm_same(struct luashm_object one,
                               struct luashm_object two) {
  return one.index == two.index && one.generation == two.generation;
}

/* An entry of one's own, not open yet; of index 0: memory ran out. */
struct luashm_object luashm_take_handle(void);

/* Gives it back; what names it is closed from now on. */
void luashm_give_handle(struct luashm_object);

#endif
