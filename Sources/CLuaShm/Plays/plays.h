/* Shared by the files of this folder. */
#ifndef LUASHM_PLAYS_H
#define LUASHM_PLAYS_H

#include "../World/played.h"

/* primitives.c: what the words of scenarios stand on; order.c: next and sort
   with one order. */
extern const luaL_Reg luashm_play_functions[], luashm_order_functions[];

#endif
