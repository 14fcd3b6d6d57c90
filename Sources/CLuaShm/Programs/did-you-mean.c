/*
 * What is said beside "attempt to call a nil value (method 'wirte')" of a value
 * of this module: the method that was meant; and of a field of the module
 * itself: the function. A missing method is nil, as in all of Lua, so that
 * scripts can ask for it; only a message that nobody caught gets a hint.
 */
#include "../near.h"
#include "module.h"

#include <string.h>

/* The name of a "method" or "field" in the message at an index; none in other
   messages. */
static struct luashm_bytes name_in(lua_State *L, int index, const char *what) {
  struct luashm_bytes name = {NULL, 0};
  const char *mark =
      lua_pushfstring(L, "attempt to call a nil value (%s '", what);
  const char *message = lua_tostring(L, index);
  const char *found = message ? strstr(message, mark) : NULL;
  if (found) {
    name.data = found + strlen(mark);
    name.length = strcspn(name.data, "'");
  }
  lua_pop(L, 1);
  return name;
}

/* The class of the userdata at the top, or NULL. */
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

/* Is what is at the top something that a method may be looked up in? */
static bool has_methods(lua_State *L) {
  if (lua_istable(L, -1))
    return true;
  if (luaL_getmetafield(L, -1, "__index") == LUA_TNIL)
    return false;
  lua_pop(L, 1);
  return true;
}

/* The class of the value whose method was called: where the call failed, its
   copy stands behind the method, which is nil. A nil that is an argument, of
   this call or of one around it, may have another value behind it: with two
   values of unlike classes nobody knows which one was meant. What is last is
   the part of the message that names the method. */
static const struct luashm_class *class_of_called(lua_State *L, int level) {
  const struct luashm_class *class = NULL;
  lua_Debug where;
  const char *name;
  bool behind_nil = false, found = false;
  if (!lua_getstack(L, level, &where))
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

/* Was the name the last one that "shm" was asked for in vain? It is forgotten
   by this. */
static bool was_missed(lua_State *L, struct luashm_bytes name) {
  lua_getfield(L, LUA_REGISTRYINDEX, LUASHM_MISSED);
  size_t length = 0;
  const char *missed =
      lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  bool same = missed && length == name.length &&
              memcmp(missed, name.data, length) == 0;
  lua_pop(L, 1);
  lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, LUASHM_MISSED);
  return same;
}

/* The names of the table at the top, which has them. */
static size_t list_keys(lua_State *L, struct luashm_bytes names[METHODS]) {
  size_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING && count < METHODS) {
      names[count].data = lua_tolstring(L, -1, &names[count].length);
      count++;
    }
  }
  return count;
}

/* Of a function of the module's. */
static bool push_function_hint(lua_State *L, int message) {
  struct luashm_bytes names[METHODS], name = name_in(L, message, "field");
  size_t near[LUASHM_NEAR];
  if (!name.data || !was_missed(L, name))
    return false;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "shm") == LUA_TTABLE &&
      luashm_find_near(names, list_keys(L, names), name, near) > 0) {
    lua_pushfstring(L, "did you mean shm.%s?", names[near[0]].data);
    lua_replace(L, -3);
    lua_pop(L, 1);
    return true;
  }
  lua_pop(L, 2);
  return false;
}

/* The method for which the class has another word; NULL: it has none. */
static const char *synonym(const struct luashm_class *class,
                           struct luashm_bytes name) {
  const struct luashm_synonym *each = class->synonyms;
  for (; each && each->written; each++)
    if (strlen(each->written) == name.length &&
        memcmp(name.data, each->written, name.length) == 0)
      return each->meant;
  return NULL;
}

/* A scenario that is run as a script: its words are those of plays only. */
static bool push_scenario(lua_State *L, int message, int level) {
  static const char mark[] = "attempt to call a nil value (global 'scenario')";
  const char *text = lua_tostring(L, message);
  lua_Debug where;
  if (!text || !strstr(text, mark) || !lua_getstack(L, level, &where))
    return false;
  lua_getinfo(L, "S", &where);
  lua_pushfstring(L, "this is a scenario: moonpool play %s", where.short_src);
  return true;
}

bool luashm_push_hint(lua_State *L, int message, int level) {
  if (push_scenario(L, message, level))
    return true;
  struct luashm_bytes names[METHODS], name = name_in(L, message, "method");
  if (!name.data)
    return push_function_hint(L, message);
  const struct luashm_class *class = class_of_called(L, level);
  size_t near[LUASHM_NEAR];
  if (!class)
    return false;
  const char *meant = synonym(class, name);
  if (!meant &&
      luashm_find_near(names, list_methods(class, names), name, near) > 0)
    meant = names[near[0]].data;
  if (meant && strchr(meant, ':'))
    lua_pushfstring(L, "did you mean %s?", meant);
  else if (meant)
    lua_pushfstring(L, "did you mean %s:%s?", strchr(class->name, '.') + 1,
                    meant);
  return meant != NULL;
}
