/* The module "shm": from names to views. */
#include "module.h"
#include "Named/named.h"

#include <string.h>

struct luashm_bytes luashm_bytes_at(lua_State *L, int index) {
  struct luashm_bytes bytes = {NULL, 0};
  if (index != 0 && !lua_isnoneornil(L, index))
    bytes.data = luaL_checklstring(L, index, &bytes.length);
  return bytes;
}

int luashm_refuse(lua_State *L, const struct luashm_failure *failure) {
  lua_pushnil(L);
  lua_pushstring(L, failure->message);
  lua_pushinteger(L, failure->code);
  return 3;
}

/* shm.create(name, size [, options]) -> view, existed */
static int object_create(lua_State *L) {
  struct luashm_host *host = host_of(L);
  struct luashm_options options;
  struct luashm_bytes name = luashm_bytes_at(L, 1);
  lua_Integer size = luaL_checkinteger(L, 2);
  luashm_check_options(L, 3, true, false, &options);
  luashm_check_wine(L, 3, name, &options);
  lua_settop(L, 3);
  struct luashm_view *view = luashm_new_view(L, name.length > 0 ? 1 : 0);
  struct luashm_operation operation = {.kind = LUASHM_CREATE,
                                       .name = name,
                                       .length = (uint64_t)size,
                                       .options = &options,
                                       .state = L};
  struct luashm_failure failure;
  bool existed = false;
  luashm_enter(host, &operation);
  int32_t code = host->create(host->context, name, size, &options, view,
                              &existed, &failure);
  luashm_leave(host, &operation, code, view, existed);
  if (code != 0)
    return luashm_refuse(L, &failure);
  lua_pushboolean(L, existed);
  return 2;
}

/* shm.open(name [, options]) -> view */
static int object_open(lua_State *L) {
  struct luashm_host *host = host_of(L);
  struct luashm_options options;
  struct luashm_bytes name = {NULL, 0};
  name.data = luaL_checklstring(L, 1, &name.length);
  luashm_check_options(L, 2, false, false, &options);
  luashm_check_wine(L, 2, name, &options);
  lua_settop(L, 2);
  struct luashm_view *view = luashm_new_view(L, 1);
  struct luashm_operation operation = {
      .kind = LUASHM_OPEN, .name = name, .options = &options, .state = L};
  struct luashm_failure failure;
  luashm_enter(host, &operation);
  int32_t code = host->open(host->context, name, &options, view, &failure);
  luashm_leave(host, &operation, code, view, true);
  return code == 0 ? 1 : luashm_refuse(L, &failure);
}

/* shm.unlink(name) -> true */
static int object_unlink(lua_State *L) {
  struct luashm_host *host = host_of(L);
  struct luashm_bytes name = {NULL, 0};
  name.data = luaL_checklstring(L, 1, &name.length);
  struct luashm_operation operation = {
      .kind = LUASHM_UNLINK, .name = name, .state = L};
  struct luashm_failure failure;
  luashm_enter(host, &operation);
  int32_t code = host->unlink(host->context, name, &failure);
  luashm_leave(host, &operation, code, NULL, false);
  if (code != 0)
    return luashm_refuse(L, &failure);
  lua_pushboolean(L, true);
  return 1;
}

/* shm.path(name) -> string: touches no memory, so no gate */
static int object_path(lua_State *L) {
  struct luashm_host *host = host_of(L);
  struct luashm_bytes name = {NULL, 0};
  name.data = luaL_checklstring(L, 1, &name.length);
  struct luashm_failure failure;
  char path[LUASHM_PATH];
  size_t length = 0;
  if (host->path(host->context, name, path, &length, &failure) != 0)
    return luashm_refuse(L, &failure);
  lua_pushlstring(L, path, length);
  return 1;
}

static const luaL_Reg functions[] = {{"create", object_create},
                                     {"open", object_open},
                                     {"unlink", object_unlink},
                                     {"path", object_path},
                                     {NULL, NULL}};

void luashm_push_shm(lua_State *L, int host, int types) {
  luaL_newlibtable(L, functions);
  luashm_set_functions(L, functions, host, types);
  luashm_set_functions(L, luashm_offer_functions, host, types);
  luashm_set_functions(L, luashm_named_functions, host, types);
  luashm_set_functions(L, luashm_layout_functions, host, types);
  luashm_set_layouts(L, host, types);
}
