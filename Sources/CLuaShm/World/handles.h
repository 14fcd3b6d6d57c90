/*
 * The table of handles, and the head by which each userdata names its entry.
 *
 * With the debug library a script can give a userdata the metatable of another
 * type, or remove its user values. So no method trusts a metatable or follows a
 * pointer to another userdata: it checks the mark, with which only our userdata
 * begin, and the table.
 */
#ifndef LUASHM_HANDLES_H
#define LUASHM_HANDLES_H

#include "CLuaShm.h"

/* The first bytes of each of our userdata. */
struct luashm_head {
  uint64_t mark; /* LUASHM_MARK, with the type in the low bits */
  struct luashm_object object;
};

/* Random bits; the low ones are left for the type. */
#define LUASHM_MARK UINT64_C(0xB5C9F16E83D24A00)

/* All entries; the one at index 0 is always closed. */
extern struct luashm_handle *luashm_handles
    __attribute__((visibility("hidden")));

/* The object's entry, or a closed one, which has no base and 0 bytes. */
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

/* Takes an entry that is not open yet; index 0: memory ran out. */
struct luashm_object luashm_take_handle(void);

/* Gives an entry back; whatever names it is closed from now on. */
void luashm_give_handle(struct luashm_object);

#endif
