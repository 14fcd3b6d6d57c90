/*
 * Lua values as the bytes of a message: MessagePack (msgpack.org), so that
 * programs in other languages read and write it, too.
 *
 * It is written here rather than taken from msgpack-c, as that allocates by
 * malloc, knows no Lua values and no paths, and would be one more library that
 * the program and shm.so need at run time.
 *
 *   nil in a table   not there          integers   the shortest form
 *   booleans         c2, c3             floats     cb, always 8 bytes
 *   strings          str, any bytes; bin is read, too
 *   tables           an array if the keys are 1 to #t, also an empty one;
 *                    otherwise a map, in the order of next; in a world, such
 *                    as that of a scenario, in one that is always the same
 *
 * A message that is one string is no MessagePack but the string itself.
 */
#ifndef LUASHM_MESSAGES_H
#define LUASHM_MESSAGES_H

#include "../module.h"

enum { LUASHM_DEEPEST = 100 };

/* Private bytes that grow: here as long as they are few, then in a userdata of
   the state. */
struct luashm_growing {
  lua_State *state;
  int index; /* the stack slot that keeps the userdata */
  unsigned char *bytes;
  size_t used, capacity;
  unsigned char few[256];
};

/* Begins with no bytes, and pushes the slot that keeps them. */
void luashm_begin_growing(lua_State *L, struct luashm_growing *);

/* From now on the slot keeps them, whatever becomes of the structure. */
void luashm_keep(struct luashm_growing *);

void luashm_append_bytes(struct luashm_growing *, struct luashm_bytes);

/* Appends the value at the index; raises for what cannot be sent, with the path
   to it: "a.b[3]: cannot send a function"; `argument`: the argument that the
   error is about; `item`: the value's place in it if that is a list, or 0. */
void luashm_append_value(struct luashm_growing *, int index, int argument,
                         lua_Integer item);

/* Pushes the key at the index as a script writes it behind its table: ".a",
   "[1.5]" or "["x y"]". */
void luashm_push_key(lua_State *L, int index);

/* Pushes a list of the table's keys, of which there are `count`: in an order
   that depends on nothing but them, where next's depends on the process. False:
   a finalizer has changed it meanwhile. */
bool luashm_push_ordered_keys(lua_State *L, int index, lua_Integer count);

/* Pushes the value, and returns NULL; or says why the bytes are none, and
   pushes nothing. Raises only for want of memory. */
const char *luashm_push_message(lua_State *L, const unsigned char *bytes,
                              size_t length);

#endif
