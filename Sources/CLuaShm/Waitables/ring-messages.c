/* Lua values as messages of a ring. */
#include "ring.h"

#include "../Messages/messages.h"

/* Raises: no message is nil or false, so that what pop returns is never
   doubtful. */
static void check_message(lua_State *L, int index, int argument) {
  if (!lua_toboolean(L, index))
    luaL_argerror(L, argument,
                  lua_pushfstring(L, "%s is no message, as pop returns it for "
                                     "what is none; push a table",
                                  lua_isnil(L, index) ? "nil" : "false"));
}

struct cops_message luashm_message_at(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TSTRING)
    return luashm_message_of_string(L, index);
  struct luashm_growing growing;
  check_message(L, index, index);
  luashm_begin_growing(L, &growing);
  luashm_append_value(&growing, index, index);
  return (struct cops_message){
      .bytes = growing.bytes,
      .length = growing.used > UINT32_MAX ? UINT32_MAX : (uint32_t)growing.used,
      .kind = CSHM_VALUE};
}

static lua_Unsigned length_of_list(lua_State *L) {
  lua_Unsigned length = lua_rawlen(L, 2);
  luaL_argcheck(L, length <= INT32_MAX / sizeof(struct cops_message), 2,
                "the list is too long");
  return length;
}

/* Appends each message behind its place; leaves the places at the top. */
struct cops_message *luashm_messages_of_list(lua_State *L, uint32_t first,
                                             uint32_t *count) {
  lua_Unsigned all = length_of_list(L);
  lua_Unsigned length = all > first ? all - first : 0;
  struct cops_message *messages = (struct cops_message *)(void *)
      luashm_push_scratch(L, (size_t)length * sizeof *messages + 1);
  struct luashm_growing growing;
  luashm_begin_growing(L, &growing);
  for (lua_Unsigned i = 0; i < length; i++) {
    lua_rawgeti(L, 2, (lua_Integer)(first + i) + 1);
    int index = lua_gettop(L);
    size_t begin = growing.used;
    check_message(L, index, 2);
    bool is_string = lua_type(L, index) == LUA_TSTRING;
    if (is_string)
      luashm_append_bytes(&growing, luashm_bytes_at(L, index));
    else
      luashm_append_value(&growing, index, 2);
    size_t size = growing.used - begin;
    messages[i] = (struct cops_message){
        .bytes = (const unsigned char *)(uintptr_t)begin,
        .length = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
        .kind = is_string ? CSHM_BYTES : CSHM_VALUE};
    lua_settop(L, index - 1);
  }
  for (lua_Unsigned i = 0; i < length; i++) /* now they do not move any more */
    messages[i].bytes = growing.bytes + (uintptr_t)messages[i].bytes;
  *count = (uint32_t)length;
  return messages;
}

uint32_t luashm_strings_of_list(lua_State *L, struct cops_message *messages,
                                uint32_t most) {
  lua_Unsigned length = lua_rawlen(L, 2);
  if (length > most)
    return 0;
  for (uint32_t i = 0; i < length; i++) {
    bool is_string = lua_rawgeti(L, 2, (lua_Integer)i + 1) == LUA_TSTRING;
    if (is_string)
      messages[i] = luashm_message_of_string(L, -1);
    lua_pop(L, 1);
    if (!is_string)
      return 0;
  }
  return (uint32_t)length;
}
