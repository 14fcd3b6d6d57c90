/*
 * The Lua types of the module, each in a file of its own: a metatable with
 * methods, made once for a state. Every function of the module has the same
 * three upvalues.
 */
#ifndef LUASHM_TYPES_H
#define LUASHM_TYPES_H

#include "CLuaShm.h"

#include <lauxlib.h>
#include <lua.h>

/* The metatable of the type whose method it is (nil for functions of a
   module), the host, and the list of all metatables by enum luashm_type. */
enum { UPVALUE_OWN = 1, UPVALUE_HOST = 2, UPVALUE_TYPES = 3 };

enum luashm_type {
  TYPE_VIEW = 1,
  TYPE_CELL,
  TYPE_LAYOUT,
  TYPE_RECORD,
  TYPE_EVENT,
  TYPE_MUTEX,
  TYPE_SEMAPHORE,
  TYPE_GUARD,
  TYPES = TYPE_GUARD
};

enum { METHOD_GROUPS = 10 };

struct luashm_class {
  const char *name; /* "shm.view" */
  /* Groups of methods, so that a file holds what belongs together. */
  const luaL_Reg *methods[METHOD_GROUPS];
  const luaL_Reg *metamethods;
  /* NULL: __index is the table of methods. Else it is called for each key,
     and the table is __methods. */
  lua_CFunction index;
};

/* types.c: pushes the list of all metatables, each made when it is first asked
   for; `host`: where the host's
   userdata is on the stack. */
void luashm_push_types(lua_State *L, int host);

/* The type that has this name, or NULL. */
const struct luashm_class *luashm_class_named(const char *name);

/* Replaces the table of functions at the top by itself, filled with them;
   `host` and `types`: where these are on the stack. */
void luashm_set_functions(lua_State *L, const luaL_Reg *functions,
                          int host, int types);

/* Pushes a userdata of the type, zeroed: what is not open yet. */
void *luashm_push_new(lua_State *L, enum luashm_type, size_t size,
                      int values);

/* The userdata at index 1 of a method of its own type; raises for anything
   else. Compares the metatable with an upvalue: luaL_checkudata would cost
   half of the call. */
void *luashm_self(lua_State *L);

/* The userdata of a type at any index, as an argument; NULL: it is none. */
void *luashm_test(lua_State *L, int index, enum luashm_type);

/* The same, and raises for anything else. */
void *luashm_check(lua_State *L, int index, enum luashm_type);

#endif
