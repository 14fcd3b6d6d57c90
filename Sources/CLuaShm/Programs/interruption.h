/* Shared by prompt.c and interruption.c. */
#ifndef LUASHM_INTERRUPTION_H
#define LUASHM_INTERRUPTION_H

#include "module.h"

/* From here to luashm_uninterruptible an interrupt raises in L; returns what
   that one takes back. */
lua_State *luashm_interruptible(lua_State *L);
void luashm_uninterruptible(lua_State *L, lua_State *outer);

/* The chunk ended: what the prompt does next is not stopped for its sake. */
void luashm_interrupt_served(lua_State *L);

/* Replaces the functions of the library "coroutine" that run another thread
   by ones that tell the handler which. */
void luashm_watch_coroutines(lua_State *L);

#endif
