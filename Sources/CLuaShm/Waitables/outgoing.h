/*
 * Lua values on their way to others, as the messages of rings: a string as it
 * is, anything else as MessagePack.
 */
#ifndef LUASHM_OUTGOING_H
#define LUASHM_OUTGOING_H

#include "../Messages/messages.h"

#include <COperationsRings.h>

/* How the errors speak of it: "next", "publish". */
struct luashm_outgoing {
  const char *taken, *sent;
};

static inline uint32_t luashm_message_length(size_t length) {
  return length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
}

static inline __attribute__((always_inline)) struct cops_message
luashm_message_of_string(lua_State *L, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  return (struct cops_message){
      .bytes = (const unsigned char *)text,
      .length = luashm_message_length(length),
      .kind = CSHM_BYTES};
}

/* The value at the index, which is an argument; its bytes stay on the stack and
   in `growing`. Raises for what is no message, or cannot be sent. */
struct cops_message luashm_message_at(lua_State *L, int index,
                                      struct luashm_growing *growing,
                                      const struct luashm_outgoing *);

/* Those of the list at stack index 2, as private bytes, which stay on the
   stack. */
struct cops_message *luashm_messages_of_list(lua_State *L, uint32_t *count,
                                             const struct luashm_outgoing *);

/* Fills in the list's messages if all are strings and there are at most `most`;
   0 otherwise. They lie in the strings, which stay on the stack. */
uint32_t luashm_strings_of_list(lua_State *L, struct cops_message *,
                                uint32_t most);

#endif
