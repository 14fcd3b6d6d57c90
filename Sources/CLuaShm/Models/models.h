/* Shared by the files of this folder. */
#ifndef LUASHM_MODELS_H
#define LUASHM_MODELS_H

#include "arena.h"

#include "../module.h"

/* Gives the turn to whoever explores; returns when it is given back. */
void luashm_model_ask(struct luashm_actor *, enum luashm_request);

/* The actor of the state. */
struct luashm_actor *luashm_actor_of(lua_State *);

/* Notes what cannot be explored, with the script's line, and raises it. */
int luashm_cannot_explore(lua_State *, const char *what);

/* words.c: the list of what the director looks at between steps. */
void luashm_push_properties(lua_State *);

/* words.c: what the words of scenarios stand on. */
extern const luaL_Reg luashm_model_words[];

/* library.c: replaces what of the standard library depends on the process, the
   time or the machine. */
void luashm_model_library(lua_State *);

#endif
