/* Shared by call.c and script-interruption.c. */
#ifndef LUASHM_SCRIPT_INTERRUPTION_H
#define LUASHM_SCRIPT_INTERRUPTION_H

#include "module.h"

/* From here to the end SIGINT raises "interrupted!" in L, at its next
   instruction. */
void luashm_begin_interruptible(lua_State *L);
void luashm_end_interruptible(void);

/* An error with this message, or without one, was not caught: remembers whether
   it is the one that an interrupt raised. */
void luashm_note_uncaught(const char *message);

#endif
