/* A kind of the tests': a latch that is open once it was counted down. */
#ifndef LATCH_H
#define LATCH_H

#include <CLuaShm.h>

enum { LATCH = 31 };

const struct luashm_waitable *latch(void);

#endif
