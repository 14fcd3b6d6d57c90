/* Values as messages. */
#include "outgoing.h"

#include "../Messages/messages.h"

/* Raises: no message is nil or false, so that what is returned for none is
   never doubtful. */
static void check_message(lua_State *L, int index, int argument,
                          const struct luashm_outgoing *words) {
  if (!lua_toboolean(L, index))
    luaL_argerror(L, argument,
                  lua_pushfstring(L, "%s is no message, as %s returns it for "
                                     "what is none; %s a table",
                                  lua_isnil(L, index) ? "nil" : "false",
                                  words->taken, words->sent));
}

static uint32_t clamped(size_t length) {
  return length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
}

struct cops_message luashm_message_at(lua_State *L, int index,
                                      const struct luashm_outgoing *words) {
  if (lua_type(L, index) == LUA_TSTRING) {
    struct luashm_bytes text = luashm_bytes_at(L, index);
    return (struct cops_message){.bytes = (const unsigned char *)text.data,
                                 .length = clamped(text.length),
                                 .kind = CSHM_BYTES};
  }
  struct luashm_growing growing;
  check_message(L, index, index, words);
  luashm_begin_growing(L, &growing);
  luashm_append_value(&growing, index, index);
  return (struct cops_message){.bytes = growing.bytes,
                               .length = clamped(growing.used),
                               .kind = CSHM_VALUE};
}

/* Appends the value at the top; where it begins is not yet an address, as the
   bytes move while they grow. */
static struct cops_message append(lua_State *L, struct luashm_growing *growing,
                                  int argument) {
  int index = lua_gettop(L);
  size_t begin = growing->used;
  bool is_string = lua_type(L, index) == LUA_TSTRING;
  if (is_string)
    luashm_append_bytes(growing, luashm_bytes_at(L, index));
  else
    luashm_append_value(growing, index, argument);
  return (struct cops_message){
      .bytes = (const unsigned char *)(uintptr_t)begin,
      .length = clamped(growing->used - begin),
      .kind = is_string ? CSHM_BYTES : CSHM_VALUE};
}

struct cops_message *luashm_messages_at(lua_State *L, int index,
                                        uint32_t *count,
                                        const struct luashm_outgoing *words) {
  lua_Unsigned length = lua_rawlen(L, index);
  luaL_argcheck(L, length <= INT32_MAX / sizeof(struct cops_message), index,
                "the list is too long");
  struct cops_message *messages = (struct cops_message *)(void *)
      luashm_push_scratch(L, (size_t)length * sizeof *messages + 1);
  struct luashm_growing growing;
  luashm_begin_growing(L, &growing);
  for (lua_Unsigned i = 0; i < length; i++) {
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    int item = lua_gettop(L);
    check_message(L, item, index, words);
    messages[i] = append(L, &growing, index);
    lua_settop(L, item - 1);
  }
  for (lua_Unsigned i = 0; i < length; i++)
    messages[i].bytes = growing.bytes + (uintptr_t)messages[i].bytes;
  *count = (uint32_t)length;
  return messages;
}
