/*
 * The Lua types of the module, each in a file of its own: a metatable with
 * methods, made once for a state. Every function of the module has the same
 * three upvalues.
 */
#ifndef LUASHM_TYPES_H
#define LUASHM_TYPES_H

#include "World/handles.h"

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
  TYPE_CONDITION, /* of a cell, for shm.wait */
  TYPE_PROCESS,
  TYPE_IMAGE, /* of a layout: a user value, which scripts never see */
  /* Behind these two come the numbers of kinds of what can be waited for: the
     objects, and what a kind may have beside them, as a mutex its guards. */
  TYPE_WAITABLE = 0x40,
  TYPE_COMPANION = 0x80,
  TYPES = 0xFF /* what a mark has room for */
};

enum { METHOD_GROUPS = 10 };

/* What other libraries, or another type here, call a method. */
struct luashm_synonym {
  const char *written, *meant; /* NULL: no more */
};

struct luashm_class {
  const char *name; /* "shm.view" */
  /* Groups of methods, so that a file holds what belongs together. */
  const luaL_Reg *methods[METHOD_GROUPS];
  const luaL_Reg *metamethods;
  /* NULL: __index is the table of methods. Else it is called for each key,
     and the table is __methods. */
  lua_CFunction index;
  const struct luashm_synonym *synonyms; /* for hints; NULL: none */
};

/* types.c: pushes the list of all metatables, each made when it is first asked
   for, by its type or by the name of its class; `host`: where the host's
   userdata is on the stack. */
void luashm_push_types(lua_State *L, int host);

/* The type that has this name, or NULL. */
const struct luashm_class *luashm_class_named(const char *name);

/* Replaces the table of functions at the top by itself, filled with them;
   `host` and `types`: where these are on the stack. */
void luashm_set_functions(lua_State *L, const luaL_Reg *functions,
                          int host, int types);

/* Pushes a userdata of the type, zeroed but for its mark: what is not open
   yet. It begins with a struct luashm_head. */
void *luashm_push_new(lua_State *L, enum luashm_type, size_t size,
                      int values);

/* The userdata at index, if its mark says that it is of the type; or NULL. */
static inline __attribute__((always_inline)) void *
luashm_marked(lua_State *L, int index, enum luashm_type type) {
  struct luashm_head *head = lua_touserdata(L, index);
  return __builtin_expect(head && lua_rawlen(L, index) >= sizeof *head &&
                              head->mark == (LUASHM_MARK | (uint64_t)type),
                          1)
             ? head
             : NULL;
}

/* Raises that the argument at index is not of the type. */
int luashm_wrong_type(lua_State *L, int index, enum luashm_type);

/* The userdata at index 1 of a method of its own type; raises for anything
   else. */
static inline __attribute__((always_inline)) void *
luashm_own(lua_State *L, enum luashm_type type) {
  void *value = luashm_marked(L, 1, type);
  if (__builtin_expect(!value, 0))
    luashm_wrong_type(L, 1, type);
  return value;
}

/* Is the method one of this type's, of those that several have? */
bool luashm_is_own(lua_State *L, enum luashm_type);

/* Raises that the argument at index 1 is not of the method's own type. */
int luashm_not_own(lua_State *L);

/* The userdata of a type at any index, as an argument; NULL: it is none. */
void *luashm_test(lua_State *L, int index, enum luashm_type);

/* The same, and raises for anything else. */
void *luashm_check(lua_State *L, int index, enum luashm_type);

#endif
