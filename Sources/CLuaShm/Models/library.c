/* The standard library for a model: no files, no other processes, virtual
   time. What is missing says so, and that play has it. */
#include "models.h"

#include "../Plays/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int luashm_cannot_explore(lua_State *L, const char *what) {
  struct luashm_ensemble *model = luashm_actor_of(L)->model;
  luaL_where(L, 1);
  const char *text =
      lua_pushfstring(L, "%s%s cannot be explored; 'moonpool play' does it",
                      lua_tostring(L, -1), what);
  if (model->refusal[0] == 0)
    snprintf(model->refusal, sizeof model->refusal, "%s", text);
  return lua_error(L);
}

/* Upvalue 1: its name. */
static int refuse(lua_State *L) {
  return luashm_cannot_explore(L, lua_tostring(L, lua_upvalueindex(1)));
}

/* __index: a further name of the library. Upvalue 1: the library's. */
static int refuse_member(lua_State *L) {
  const char *name =
      lua_pushfstring(L, "%s.%s", lua_tostring(L, lua_upvalueindex(1)),
                      luaL_tolstring(L, 2, NULL));
  return luashm_cannot_explore(L, name);
}

static void push_refusal(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_pushcclosure(L, refuse, 1);
}

/* ---- what is not the same in equal actors ---- */

/* An address as text: of what has none of its own (luaL_tolstring). */
static bool shows_address(lua_State *L, int index) {
  switch (lua_type(L, index)) {
  case LUA_TTABLE:
  case LUA_TFUNCTION:
  case LUA_TUSERDATA:
  case LUA_TLIGHTUSERDATA:
  case LUA_TTHREAD:
    break;
  default:
    return false;
  }
  if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL)
    return true;
  lua_pop(L, 1);
  return false;
}

static bool has_pointer(const char *format) {
  for (; (format = strchr(format, '%')); format++) {
    format += 1 + strspn(format + 1, "-+ #0123456789.");
    if (*format == 'p')
      return true;
    if (*format == 0)
      break;
  }
  return false;
}

static void note_addresses(lua_State *L, int first) {
  for (int i = first; i <= lua_gettop(L); i++)
    if (shows_address(L, i))
      luashm_tell_apart(luashm_actor_of(L));
}

static int call_original(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* tostring(value). Upvalue 1: Lua's own. */
static int shown(lua_State *L) {
  note_addresses(L, 1);
  return call_original(L);
}

/* string.format(text, …). Upvalue 1: Lua's own. */
static int formatted(lua_State *L) {
  note_addresses(L, 2);
  if (lua_type(L, 1) == LUA_TSTRING && has_pointer(lua_tostring(L, 1)))
    luashm_tell_apart(luashm_actor_of(L));
  return call_original(L);
}

/* math.random(…), which each actor begins with another seed. Upvalue 1: Lua's
   own. */
static int drawn(lua_State *L) {
  luashm_tell_apart(luashm_actor_of(L));
  return call_original(L);
}

/* ---- print ---- */

static int print(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  int count = lua_gettop(L);
  luaL_Buffer buffer;
  luaL_checkstack(L, count + 4, NULL);
  note_addresses(L, 1);
  for (int i = 1; i <= count; i++)
    luaL_tolstring(L, i, NULL);
  luaL_buffinit(L, &buffer);
  for (int i = 1; i <= count; i++) {
    if (i > 1)
      luaL_addchar(&buffer, '\t');
    lua_pushvalue(L, count + i);
    luaL_addvalue(&buffer);
  }
  luaL_addchar(&buffer, '\n');
  luaL_pushresult(&buffer);
  struct luashm_bytes fields[2] = {{"print", 5}};
  fields[1].data = lua_tolstring(L, -1, &fields[1].length);
  luashm_log_add(actor->model->play, actor->part, fields, 2);
  return 0;
}

/* ---- time ---- */

/* Virtual seconds, from the world: shm.now. */
static lua_Number now(lua_State *L) {
  struct luashm_operation operation = {.op = LUASHM_OP_NOW};
  luashm_ask_host(L, luashm_actor_of(L)->host, &operation);
  return (lua_Number)operation.result / 1e9;
}

static int os_clock(lua_State *L) {
  lua_pushnumber(L, now(L));
  return 1;
}

/* Of no table, as os.time of a table asks no clock. Upvalue 1: Lua's own. */
static int os_time(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_pushinteger(L, (lua_Integer)now(L));
    return 1;
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int os_date(lua_State *L) {
  lua_settop(L, 2);
  if (lua_isnil(L, 2)) {
    lua_pushinteger(L, (lua_Integer)now(L));
    lua_replace(L, 2);
  }
  if (lua_isnil(L, 1)) {
    lua_pushliteral(L, "%c");
    lua_replace(L, 1);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}

/* os.exit([code]): the actor's end. */
static int os_exit(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  if (lua_toboolean(L, 2))
    return luashm_cannot_explore(L, "os.exit(code, true)");
  actor->status = lua_isboolean(L, 1) ? !lua_toboolean(L, 1)
                                      : (int)luaL_optinteger(L, 1, 0) & 0xFF;
  if (actor->part > 0)
    luashm_model_ask(actor, LUASHM_ASKS_TO_END);
  for (;;)
    luashm_model_ask(actor, LUASHM_ASKS_FOR_NOTHING_MORE);
}

/* ---- */

static void wrap(lua_State *L, const char *name, lua_CFunction function) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
}

static void change_member(lua_State *L, const char *library, const char *name,
                          lua_CFunction function) {
  lua_getglobal(L, library);
  wrap(L, name, function);
  lua_pop(L, 1);
}

static void change_os(lua_State *L) {
  static const char *const refused[] = {"execute", "remove", "rename",
                                        "tmpname", "getenv", NULL};
  lua_getglobal(L, "os");
  for (int i = 0; refused[i]; i++) {
    lua_pushfstring(L, "os.%s", refused[i]);
    push_refusal(L, lua_tostring(L, -1));
    lua_setfield(L, -3, refused[i]);
    lua_pop(L, 1);
  }
  wrap(L, "clock", os_clock);
  wrap(L, "time", os_time);
  wrap(L, "date", os_date);
  wrap(L, "exit", os_exit);
  lua_pop(L, 1);
}

/* Upvalue 1: Lua's own, which may count levels: it is no call of ours. */
static int look_inside(lua_State *L) {
  luashm_actor_of(L)->looks_inside = true;
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* What reaches more than variables and tables. */
static void change_debug(lua_State *L) {
  static const char *const names[] = {
      "getlocal",     "getmetatable", "getregistry", "getupvalue",
      "getuservalue", "sethook",      "setlocal",    "setmetatable",
      "setupvalue",   "setuservalue", "upvaluejoin", NULL};
  lua_getglobal(L, "debug");
  for (int i = 0; names[i]; i++)
    wrap(L, names[i], look_inside);
  lua_pop(L, 1);
}

/* Each use of a name of it is refused, not the name alone. */
static void take_library(lua_State *L, const char *name) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, name);
  lua_pushcclosure(L, refuse_member, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  lua_setglobal(L, name);
}

static void change_package(lua_State *L) {
  lua_getglobal(L, "package");
  push_refusal(L, "package.loadlib");
  lua_setfield(L, -2, "loadlib");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
  lua_pop(L, 1);
}

void luashm_model_library(lua_State *L) {
  take_library(L, "io");
  take_library(L, "console");
  change_os(L);
  change_package(L);
  change_debug(L);
  change_member(L, "string", "format", formatted);
  change_member(L, "math", "random", drawn);
  change_member(L, "_G", "tostring", shown);
  static const char *const refused[] = {"dofile", "loadfile", NULL};
  for (int i = 0; refused[i]; i++) {
    push_refusal(L, refused[i]);
    lua_setglobal(L, refused[i]);
  }
  lua_pushcfunction(L, print);
  lua_setglobal(L, "print");
}
