/*
 * Lua values on their way to others, as the messages of rings: a string as it
 * is, anything else as MessagePack.
 */
#ifndef LUASHM_OUTGOING_H
#define LUASHM_OUTGOING_H

#include "../module.h"

/* How the errors speak of it: "next", "publish". */
struct luashm_outgoing {
  const char *taken, *sent;
};

/* The value at the index, which is an argument; its bytes stay on the stack.
   Raises for what is no message, or cannot be sent. */
struct cops_message luashm_message_at(lua_State *L, int index,
                                      const struct luashm_outgoing *);

/* Those of the list at the index, an argument; they stay on the stack. */
struct cops_message *luashm_messages_at(lua_State *L, int index,
                                        uint32_t *count,
                                        const struct luashm_outgoing *);

#endif
