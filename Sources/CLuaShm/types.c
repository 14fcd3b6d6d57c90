#include "types.h"
#include "module.h"
#include "Waitables/waitable.h"

#include <string.h>

/* NULL: there is none. */
static const struct luashm_class *class_of(enum luashm_type type) {
  static const struct luashm_class *const classes[] = {
      [TYPE_VIEW] = &luashm_views,
      [TYPE_CELL] = &luashm_cells,
      [TYPE_LAYOUT] = &luashm_layouts,
      [TYPE_RECORD] = &luashm_records,
      [TYPE_CONDITION] = &luashm_conditions,
      [TYPE_PROCESS] = &luashm_processes,
  };
  if (type < sizeof classes / sizeof *classes)
    return classes[type];
  bool is_companion = type >= TYPE_COMPANION;
  const struct luashm_waitable *kind =
      luashm_waitable(type - (is_companion ? TYPE_COMPANION : TYPE_WAITABLE));
  return !kind ? NULL : is_companion ? kind->companion : kind->class;
}

/* 0: none has the name. */
static enum luashm_type type_named(const char *name) {
  for (enum luashm_type type = TYPE_VIEW; type <= TYPES; type++) {
    const struct luashm_class *class = class_of(type);
    if (class && strcmp(class->name, name) == 0)
      return type;
  }
  return 0;
}

const struct luashm_class *luashm_class_named(const char *name) {
  enum luashm_type type = type_named(name);
  return type ? class_of(type) : NULL;
}

/* Leaves nothing on the stack, where it would count as an argument. */
static const char *name_of_own(lua_State *L) {
  lua_getfield(L, lua_upvalueindex(UPVALUE_OWN), "__name");
  const char *name = lua_tostring(L, -1);
  lua_pop(L, 1);
  return name;
}

bool luashm_is_own(lua_State *L, enum luashm_type type) {
  lua_rawgeti(L, lua_upvalueindex(UPVALUE_TYPES), type);
  int same = lua_rawequal(L, -1, lua_upvalueindex(UPVALUE_OWN));
  lua_pop(L, 1);
  return same;
}

int luashm_not_own(lua_State *L) {
  return luaL_typeerror(L, 1, name_of_own(L));
}

int luashm_wrong_type(lua_State *L, int index, enum luashm_type type) {
  return luaL_typeerror(L, index, class_of(type)->name);
}

void *luashm_test(lua_State *L, int index, enum luashm_type type) {
  return luashm_marked(L, index, type);
}

void *luashm_check(lua_State *L, int index, enum luashm_type type) {
  void *value = luashm_test(L, index, type);
  if (!value)
    luashm_wrong_type(L, index, type);
  return value;
}

void *luashm_push_new(lua_State *L, enum luashm_type type, size_t size,
                      int values) {
  void *value = lua_newuserdatauv(L, size, values);
  memset(value, 0, size);
  ((struct luashm_head *)value)->mark = LUASHM_MARK | (uint64_t)type;
  if (lua_rawgeti(L, lua_upvalueindex(UPVALUE_TYPES), type) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_geti(L, lua_upvalueindex(UPVALUE_TYPES), type); /* makes it */
  }
  lua_setmetatable(L, -2);
  return value;
}

unsigned char *luashm_push_scratch(lua_State *L, size_t size) {
  enum { HEAD = 16 }; /* as malloc aligns */
  unsigned char *scratch = lua_newuserdatauv(L, HEAD + size, 0);
  memset(scratch, 0, HEAD);
  return scratch + HEAD;
}

/* Pushes the upvalues and adds the functions to the table below them. */
static void set(lua_State *L, const luaL_Reg *functions, int own,
                int host, int types) {
  if (own)
    lua_pushvalue(L, own);
  else
    lua_pushnil(L);
  lua_pushvalue(L, host);
  lua_pushvalue(L, types);
  luaL_setfuncs(L, functions, 3);
}

void luashm_set_functions(lua_State *L, const luaL_Reg *functions,
                          int host, int types) {
  set(L, functions, 0, host, types);
}

/* Expects the metatable at the top of the stack, and leaves it there. */
static void fill(lua_State *L, const struct luashm_class *class,
                 int host, int types) {
  int own = lua_gettop(L);
  lua_pushstring(L, class->name);
  lua_setfield(L, own, "__name");
  set(L, class->metamethods, own, host, types);
  lua_newtable(L);
  for (int group = 0; group < METHOD_GROUPS && class->methods[group]; group++)
    set(L, class->methods[group], own, host, types);
  if (class->index) {
    lua_pushvalue(L, -1);
    lua_setfield(L, own, "__methods");
    const luaL_Reg index[] = {{"__index", class->index}, {NULL, NULL}};
    lua_pushvalue(L, own);
    set(L, index, own, host, types);
    lua_pop(L, 2);
  } else
    lua_setfield(L, own, "__index");
}

/* __index(types, type): makes a metatable when the first value needs it, as all
   of them together would cost a quarter of an interpreter's start. Help asks by
   the class's name. Upvalue 1: the host. */
static int make(lua_State *L) {
  if (lua_type(L, 2) == LUA_TSTRING) {
    enum luashm_type named = type_named(lua_tostring(L, 2));
    if (named == 0)
      return 0;
    lua_geti(L, 1, named);
    return 1;
  }
  lua_Integer type = lua_tointeger(L, 2);
  const struct luashm_class *class =
      type < 1 || type > TYPES ? NULL : class_of((enum luashm_type)type);
  if (!class)
    return 0;
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_newtable(L);
  fill(L, class, 2, 1);
  lua_pushvalue(L, -1);
  lua_rawseti(L, 1, type);
  return 1;
}

void luashm_push_types(lua_State *L, int host) {
  lua_createtable(L, TYPE_RECORD, 0);
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, host);
  lua_pushcclosure(L, make, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}
