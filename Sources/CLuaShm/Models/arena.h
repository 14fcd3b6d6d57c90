/* Arenas of actors, and their pages. */
#ifndef LUASHM_ARENA_H
#define LUASHM_ARENA_H

#include <CLuaShmModel.h>

enum {
  LUASHM_ARENA_SIZE = 64 << 20,
  LUASHM_ARENA_STACK = 1 << 20, /* at its end */
  LUASHM_ARENA_PAGE = 4096
};

/* An arena with an actor's record in it; NULL: no memory. */
struct luashm_actor *luashm_arena_make(void *address);
void luashm_arena_end(struct luashm_actor *);

/* A lua_Alloc, whose context is the actor. */
void *luashm_arena_allocate(void *context, void *block, size_t old,
                            size_t size);

void *luashm_arena_stack(struct luashm_actor *);

/* What has been allocated is write-protected from now on, and becomes part of
   images when it is written. */
void luashm_arena_seal(struct luashm_actor *);

/* All that was allocated is again as it was when it was sealed, and all that
   came later is gone. */
void luashm_arena_reset(struct luashm_actor *);

#endif
