/* Values as messages. */
#include "outgoing.h"

/* Raises: no message is nil or false, so that what is returned for none is
   never doubtful. */
static void check_message(lua_State *L, int index, int argument,
                          lua_Integer item,
                          const struct luashm_outgoing *words) {
  if (lua_toboolean(L, index))
    return;
  const char *place = item > 0 ? lua_pushfstring(L, "[%I]: ", item) : "";
  luaL_argerror(L, argument,
                lua_pushfstring(L, "%s%s is no message, as %s returns it for "
                                   "what is none; %s a table",
                                place, lua_isnil(L, index) ? "nil" : "false",
                                words->taken, words->sent));
}

struct cops_message luashm_message_at(lua_State *L, int index,
                                      struct luashm_growing *growing,
                                      const struct luashm_outgoing *words) {
  if (lua_type(L, index) == LUA_TSTRING)
    return luashm_message_of_string(L, index);
  check_message(L, index, index, 0, words);
  luashm_begin_growing(L, growing);
  luashm_append_value(growing, index, index, 0);
  return (struct cops_message){.bytes = growing->bytes,
                               .length = luashm_message_length(growing->used),
                               .kind = CSHM_VALUE};
}

/* Appends the value at the top; where it begins is not yet an address, as the
   bytes move while they grow. */
static struct cops_message append(lua_State *L, struct luashm_growing *growing,
                                  int argument, lua_Integer item) {
  int index = lua_gettop(L);
  size_t begin = growing->used;
  bool is_string = lua_type(L, index) == LUA_TSTRING;
  if (is_string)
    luashm_append_bytes(growing, luashm_bytes_at(L, index));
  else
    luashm_append_value(growing, index, argument, item);
  return (struct cops_message){
      .bytes = (const unsigned char *)(uintptr_t)begin,
      .length = luashm_message_length(growing->used - begin),
      .kind = is_string ? CSHM_BYTES : CSHM_VALUE};
}

/* Raises for what would be passed over silently. */
static void check_keys(lua_State *L, lua_Unsigned length) {
  lua_pushnil(L);
  for (; lua_next(L, 2); lua_pop(L, 1)) {
    lua_Integer key = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
    if (key >= 1 && (lua_Unsigned)key <= length)
      continue;
    luashm_push_key(L, -2);
    const char *text = lua_tostring(L, -1);
    luaL_argerror(L, 2,
                  lua_pushfstring(L, "a list has its messages at 1 to #list, "
                                     "and this has the key %s",
                                  text[0] == '.' ? text + 1 : text));
  }
}

static lua_Unsigned length_of_list(lua_State *L) {
  lua_Unsigned length = lua_rawlen(L, 2);
  luaL_argcheck(L, length <= INT32_MAX / sizeof(struct cops_message), 2,
                "the list is too long");
  return length;
}

struct cops_message *
luashm_messages_of_list(lua_State *L, uint32_t *count,
                        const struct luashm_outgoing *words) {
  lua_Unsigned length = length_of_list(L);
  check_keys(L, length);
  struct cops_message *messages = (struct cops_message *)(void *)
      luashm_push_scratch(L, (size_t)length * sizeof *messages + 1);
  struct luashm_growing growing;
  luashm_begin_growing(L, &growing);
  for (lua_Unsigned i = 0; i < length; i++) {
    lua_Integer item = (lua_Integer)i + 1;
    lua_rawgeti(L, 2, item);
    int index = lua_gettop(L);
    check_message(L, index, 2, item, words);
    messages[i] = append(L, &growing, 2, item);
    lua_settop(L, index - 1);
  }
  luashm_keep(&growing);
  for (lua_Unsigned i = 0; i < length; i++) /* now they do not move any more */
    messages[i].bytes = growing.bytes + (uintptr_t)messages[i].bytes;
  *count = (uint32_t)length;
  return messages;
}

uint32_t luashm_strings_of_list(lua_State *L, struct cops_message *messages,
                                uint32_t most) {
  lua_Unsigned length = lua_rawlen(L, 2);
  int top = lua_gettop(L);
  if (length == 0 || length > most ||
      !lua_checkstack(L, (int)length + LUA_MINSTACK))
    return 0;
  for (uint32_t i = 0; i < length; i++) {
    if (lua_rawgeti(L, 2, (lua_Integer)i + 1) != LUA_TSTRING) {
      lua_settop(L, top);
      return 0;
    }
    messages[i] = luashm_message_of_string(L, -1);
  }
  /* What else a table has stands behind its last message, as a rule: then its
     keys are to be looked at. */
  lua_pushinteger(L, (lua_Integer)length);
  if (lua_next(L, 2)) {
    lua_settop(L, top);
    return 0;
  }
  return (uint32_t)length;
}
