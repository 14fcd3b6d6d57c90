/* Memory at a fixed address for a Lua state and its C stack. */
#ifndef ACTORS_ARENA_H
#define ACTORS_ARENA_H

#include <stddef.h>

enum { ARENA_STACK = 1 << 18, ARENA_SIZE = 1 << 22 };

struct arena {
  size_t used; /* bytes from its begin */
  void *free[32];
};

/* At the address, or at one that the kernel chooses; NULL: no memory. */
struct arena *arena_make(void *address);
void arena_end(struct arena *);

/* The C stack is behind the blocks. */
void *arena_stack(struct arena *);

/* lua_Alloc: blocks of powers of two, whose free lists are in the arena. */
void *arena_allocate(void *arena, void *block, size_t old, size_t size);

#endif
