/* Shared by prompt.c and prompt-interruption.c. */
#ifndef LUASHM_PROMPT_INTERRUPTION_H
#define LUASHM_PROMPT_INTERRUPTION_H

#include "module.h"

/* From here until luashm_uninterruptible, an interrupt raises an error in L.
   Returns what luashm_uninterruptible must be given. */
lua_State *luashm_interruptible(lua_State *L);
void luashm_uninterruptible(lua_State *L, lua_State *outer);

/* The chunk has ended: what the prompt does next is not to be interrupted. */
void luashm_interrupt_served(lua_State *L);

/* Replaces the functions of the library "coroutine" that run another thread by
   functions that also tell the signal handler which thread runs. */
void luashm_watch_coroutines(lua_State *L);

#endif
