/* The module "shm": from names to views. */
#include "module.h"

#include "Waitables/waitable.h"
#include "options.h"

#include <string.h>

/* An operation on a name. */
static struct luashm_operation on_name(enum luashm_op op,
                                       struct luashm_bytes name,
                                       struct luashm_failure *failure) {
  return (struct luashm_operation){.op = op, .text = name, .failure = failure};
}

/* shm.create(name, size [, options]) -> view, existed */
static int object_create(lua_State *L) {
  struct luashm_failure failure;
  struct luashm_options options;
  struct luashm_operation operation =
      on_name(LUASHM_OP_CREATE, luashm_bytes_at(L, 1), &failure);
  operation.length = (uint64_t)luaL_checkinteger(L, 2);
  luashm_check_options(L, 3, OPTIONS_OF_CREATE, &options);
  luashm_check_wine(L, 3, operation.text, &options);
  operation.options = &options;
  operation.made = luashm_new_view(L, operation.text.length > 0 ? 1 : 0);
  if (luashm_ask_again(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, operation.holds);
  return 2;
}

/* shm.open(name [, options]) -> view */
static int object_open(lua_State *L) {
  struct luashm_failure failure;
  struct luashm_options options;
  struct luashm_bytes name;
  name.data = luaL_checklstring(L, 1, &name.length);
  luashm_check_options(L, 2, OPTIONS_OF_OPEN, &options);
  luashm_check_wine(L, 2, name, &options);
  struct luashm_operation operation =
      on_name(LUASHM_OP_OPEN, name, &failure);
  operation.options = &options;
  operation.made = luashm_new_view(L, 1);
  return luashm_ask_again(L, &operation) == LUASHM_ANSWER_DONE
             ? 1
             : luashm_answered(L, &operation);
}

/* shm.unlink(name) -> true */
static int object_unlink(lua_State *L) {
  struct luashm_failure failure;
  struct luashm_bytes name;
  name.data = luaL_checklstring(L, 1, &name.length);
  struct luashm_operation operation =
      on_name(LUASHM_OP_UNLINK, name, &failure);
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, true);
  return 1;
}

/* shm.path(name) -> string */
static int object_path(lua_State *L) {
  struct luashm_failure failure;
  char path[LUASHM_PATH];
  struct luashm_bytes name;
  name.data = luaL_checklstring(L, 1, &name.length);
  struct luashm_operation operation = on_name(LUASHM_OP_PATH, name, &failure);
  operation.bytes = (unsigned char *)path;
  if (luashm_ask(L, &operation) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushlstring(L, path, (size_t)operation.length);
  return 1;
}

/* __index(shm, key): a key that the module lacks is nil, as in any table; the
   last one is remembered for a hint, should a call of it fail. */
static int missing(lua_State *L) {
  lua_settop(L, 2);
  lua_setfield(L, LUA_REGISTRYINDEX, LUASHM_MISSED);
  return 0;
}

static const luaL_Reg functions[] = {{"create", object_create},
                                     {"open", object_open},
                                     {"unlink", object_unlink},
                                     {"path", object_path},
                                     {"wait", luashm_wait_for_several},
                                     {NULL, NULL}};

void luashm_push_shm(lua_State *L, int host, int types) {
  luaL_newlibtable(L, functions);
  luashm_set_functions(L, functions, host, types);
  luashm_set_functions(L, luashm_process_functions, host, types);
  luashm_set_functions(L, luashm_census_functions, host, types);
  luashm_set_functions(L, luashm_offer_functions, host, types);
  luashm_set_waitables(L, host, types);
  luashm_set_functions(L, luashm_layout_functions, host, types);
  luashm_set_layouts(L, host, types);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, missing);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}
