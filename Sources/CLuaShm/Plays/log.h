#ifndef LUASHM_LOG_H
#define LUASHM_LOG_H

#include "../types.h"

#include <CLuaShmPlay.h>

enum { LUASHM_MOST_FIELDS = 40 };

/* Adds a record of these texts to the log of a part; neither raises nor
   allocates. */
void luashm_log_add(struct luashm_play *, int part,
                    const struct luashm_bytes *fields, int count);

/* The same of all that is on the stack, as tostring shows it. */
void luashm_tell(lua_State *, struct luashm_play *, int part);

/* Pushes a list of all records of all parts: lists of texts, with `order` and
   `part`. */
void luashm_push_told(lua_State *, struct luashm_play *);

#endif
