/* Shared by the files of this folder. */
#ifndef LUASHM_PLAYS_H
#define LUASHM_PLAYS_H

#include "../World/played.h"

/* primitives.c: what the words of scenarios stand on; order.c: next and sort
   with one order; advice.c: what may have been meant. */
extern const luaL_Reg luashm_play_functions[], luashm_order_functions[],
    luashm_advice_functions[];

/* The state is as it will be put back, if it is one that stays: staying.c. */
void luashm_seal_staying(lua_State *);

#endif
