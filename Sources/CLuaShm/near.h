/* Which existing names somebody meant who wrote one that does not exist. */
#ifndef LUASHM_NEAR_H
#define LUASHM_NEAR_H

#include "CLuaShm.h"

enum { LUASHM_NEAR = 3 };

/* Finds the names that are like `name`, the nearest first. Returns how many. */
size_t luashm_find_near(const struct luashm_bytes *names, size_t count,
                        struct luashm_bytes name, size_t near[LUASHM_NEAR]);

/* Pushes "; near: a, b", or, if none is near, the first few:
   "; it has: a, b, …". */
void luashm_push_near(struct lua_State *, const struct luashm_bytes *names,
                      size_t count, struct luashm_bytes name);

#endif
