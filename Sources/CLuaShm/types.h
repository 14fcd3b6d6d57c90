/*
 * The module's Lua types, each in a file of its own. A type is a metatable with
 * methods, made once per state. Every function of the module has the same three
 * upvalues.
 */
#ifndef LUASHM_TYPES_H
#define LUASHM_TYPES_H

#include "World/handles.h"

#include <lauxlib.h>
#include <lua.h>

/* The metatable of a method's type (nil for functions of a module), the host,
   and the list of all metatables, indexed by enum luashm_type. */
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
  TYPES = 0xFF /* the most that a mark can hold */
};

enum { METHOD_GROUPS = 10 };

/* What other libraries, or another type here, call a method. */
struct luashm_synonym {
  const char *written; /* NULL: no more */
  const char *meant;   /* a method, or one of another class: "job:done" */
};

struct luashm_class {
  const char *name; /* "shm.view" */
  /* Groups of methods, so that each file holds what belongs together. */
  const luaL_Reg *methods[METHOD_GROUPS];
  const luaL_Reg *metamethods;
  /* NULL: __index is the table of methods. Otherwise this is called for each
     key, and the table of methods is __methods. */
  lua_CFunction index;
  const struct luashm_synonym *synonyms; /* for hints; NULL: none */
};

/* types.c: pushes the list of all metatables. Each is made when it is first
   asked for, by its type or by its class's name; `host`: the stack index of the
   host's userdata. */
void luashm_push_types(lua_State *L, int host);

/* The type with this name, or NULL. */
const struct luashm_class *luashm_class_named(const char *name);

/* Adds the functions to the table at the top of the stack; `host` and `types`:
   their stack indices. */
void luashm_set_functions(lua_State *L, const luaL_Reg *functions,
                          int host, int types);

/* Pushes a userdata of the type that is not open yet: zeroed except for its
   mark. It begins with a struct luashm_head. */
void *luashm_push_new(lua_State *L, enum luashm_type, size_t size,
                      int values);

/* Pushes a userdata with so many bytes for a while; returns them. They may be
   the script's, which the debug library can get hold of: it begins with other
   bytes, so that it never passes for one with a mark. */
unsigned char *luashm_push_scratch(lua_State *L, size_t size);

/* The userdata at the index if its mark says that it has this type, or NULL. */
static inline __attribute__((always_inline)) void *
luashm_marked(lua_State *L, int index, enum luashm_type type) {
  struct luashm_head *head = lua_touserdata(L, index);
  return __builtin_expect(head && lua_rawlen(L, index) >= sizeof *head &&
                              head->mark == (LUASHM_MARK | (uint64_t)type),
                          1)
             ? head
             : NULL;
}

/* Raises: the argument at the index does not have this type. */
int luashm_wrong_type(lua_State *L, int index, enum luashm_type);

/* For methods: the userdata at stack index 1, which must have the method's
   type; raises for anything else. */
static inline __attribute__((always_inline)) void *
luashm_own(lua_State *L, enum luashm_type type) {
  void *value = luashm_marked(L, 1, type);
  if (__builtin_expect(!value, 0))
    luashm_wrong_type(L, 1, type);
  return value;
}

/* Is the running method this type's, if several types have it? */
bool luashm_is_own(lua_State *L, enum luashm_type);

/* Raises: the argument at stack index 1 does not have the method's type. */
int luashm_not_own(lua_State *L);

/* The argument at the index if it is a userdata of the type; otherwise NULL. */
void *luashm_test(lua_State *L, int index, enum luashm_type);

/* The same, and raises for anything else. */
void *luashm_check(lua_State *L, int index, enum luashm_type);

#endif
