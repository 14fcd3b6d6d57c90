/*
 * A hint for "attempt to call a nil value (method 'wirte')" about a value of
 * this module: the method that was probably meant. A missing method is nil, as
 * everywhere in Lua, so that scripts can test for it. Only a message that
 * nobody caught gets a hint.
 */
#include "../near.h"
#include "module.h"

#include <string.h>

/* The method's name in the message at the index; other messages have none. */
static struct luashm_bytes name_in(lua_State *L, int index) {
  static const char mark[] = "attempt to call a nil value (method '";
  struct luashm_bytes name = {NULL, 0};
  const char *message = lua_tostring(L, index);
  const char *found = message ? strstr(message, mark) : NULL;
  if (found) {
    name.data = found + sizeof mark - 1;
    name.length = strcspn(name.data, "'");
  }
  return name;
}

/* The class of the userdata at the top of the stack, or NULL. */
static const struct luashm_class *class_of(lua_State *L) {
  const struct luashm_class *class = NULL;
  if (lua_type(L, -1) != LUA_TUSERDATA || !lua_getmetatable(L, -1))
    return NULL;
  lua_pushliteral(L, "__name");
  if (lua_rawget(L, -2) == LUA_TSTRING)
    class = luashm_class_named(lua_tostring(L, -1));
  lua_pop(L, 2);
  return class;
}

/* Can a method be looked up in the value at the top of the stack? */
static bool has_methods(lua_State *L) {
  if (lua_istable(L, -1))
    return true;
  if (luaL_getmetafield(L, -1, "__index") == LUA_TNIL)
    return false;
  lua_pop(L, 1);
  return true;
}

/* The class of the value whose method was called. Where the call failed, a copy
   of the value stands behind the method, which is nil. But a nil that is an
   argument, of this call or of an enclosing one, may have another value behind
   it: if there are two values of different classes, nobody knows which one was
   meant. The last thing on the stack is the part of the message that names the
   method. */
static const struct luashm_class *class_of_called(lua_State *L) {
  const struct luashm_class *class = NULL;
  lua_Debug where;
  const char *name;
  bool behind_nil = false, found = false;
  if (!lua_getstack(L, 1, &where))
    return NULL;
  for (int i = 1; (name = lua_getlocal(L, &where, i)); i++) {
    if (behind_nil && has_methods(L) && lua_getlocal(L, &where, i + 1)) {
      lua_pop(L, 1);
      const struct luashm_class *other = class_of(L);
      if (found && other != class)
        return NULL;
      class = other;
      found = true;
    }
    behind_nil = lua_isnil(L, -1) && strcmp(name, "(temporary)") == 0;
    lua_pop(L, 1);
  }
  return class;
}

enum { METHODS = 128 };

static size_t list_methods(const struct luashm_class *class,
                           struct luashm_bytes names[METHODS]) {
  size_t count = 0;
  for (int group = 0; group < METHOD_GROUPS && class->methods[group]; group++)
    for (const luaL_Reg *method = class->methods[group];
         method->name && count < METHODS; method++)
      names[count++] =
          (struct luashm_bytes){method->name, strlen(method->name)};
  return count;
}

bool luashm_push_hint(lua_State *L, int message) {
  struct luashm_bytes names[METHODS], name = name_in(L, message);
  const struct luashm_class *class = name.data ? class_of_called(L) : NULL;
  size_t near[LUASHM_NEAR];
  if (!class ||
      luashm_find_near(names, list_methods(class, names), name, near) == 0)
    return false;
  lua_pushfstring(L, "did you mean %s:%s?", strchr(class->name, '.') + 1,
                  names[near[0]].data);
  return true;
}
