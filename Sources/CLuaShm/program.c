/* Runs programs as the stand-alone lua does: arguments, errors, tracebacks. */
#include "module.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Turns an error object into a message with a traceback. */
static int with_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  if (!message) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
      return 1; /* an object that describes itself */
    message = lua_pushfstring(L, "(error object is a %s value)",
                              luaL_typename(L, 1));
  }
  luaL_traceback(L, L, message, 1);
  return 1;
}

/* Calls the function below its arguments; false: a message is on the top. */
static bool call(lua_State *L, int arguments) {
  int handler = lua_gettop(L) - arguments;
  lua_pushcfunction(L, with_traceback);
  lua_insert(L, handler);
  int status = lua_pcall(L, arguments, 0, handler);
  lua_remove(L, handler);
  return status == LUA_OK;
}

/* A module as a global and for require. */
static void publish(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  lua_setglobal(L, name);
}

static int open_libraries(lua_State *L) {
  struct luashm_host *host = lua_touserdata(L, 1);
  luaL_openlibs(L);
  lua_newtable(L); /* the metatable of views */
  lua_pushlightuserdata(L, host);
  luashm_view_methods(L);
  lua_pushvalue(L, -2);
  lua_pushlightuserdata(L, host);
  luashm_push_shm(L);
  publish(L, "shm");
  luashm_push_console(L);
  publish(L, "console");
  return 0;
}

bool luashm_open(lua_State *L, struct luashm_host *host) {
  lua_pushcfunction(L, open_libraries);
  lua_pushlightuserdata(L, host);
  return lua_pcall(L, 1, 0, 0) == LUA_OK;
}

/* arg: the script at 0, what follows from 1, the interpreter and its options
   at negative indices; without a script the interpreter is at 0. */
static void set_arg(lua_State *L, const struct luashm_program *program) {
  int script = program->script;
  lua_createtable(L, program->count - script, script + 1);
  for (int i = 0; i < program->count; i++) {
    lua_pushstring(L, program->arguments[i]);
    lua_rawseti(L, -2, i - script);
  }
  lua_setglobal(L, "arg");
}

/* The chunk on the top, with the script's arguments as "...". */
static bool call_script(lua_State *L, const struct luashm_program *program) {
  int first = program->script + 1;
  int count = program->script == 0 ? 0 : program->count - first;
  luaL_checkstack(L, count, "too many arguments to script");
  for (int i = 0; i < count; i++)
    lua_pushstring(L, program->arguments[first + i]);
  return call(L, count);
}

static bool run_chunk(lua_State *L, const char *text) {
  return luaL_loadbuffer(L, text, strlen(text), "=(command line)") == LUA_OK &&
         call(L, 0);
}

/* Errors name a bundled script as the file that it comes from. */
static int load_text(lua_State *L, const struct luashm_program *program) {
  const char *chunk =
      lua_pushfstring(L, "@%s.lua", program->arguments[program->script]);
  int status = luaL_loadbufferx(L, program->text, program->text_length, chunk,
                                "t");
  lua_remove(L, -2);
  return status;
}

static bool run_script(lua_State *L, const struct luashm_program *program) {
  const char *name = program->arguments[program->script];
  if (program->text)
    return load_text(L, program) == LUA_OK && call_script(L, program);
  /* "-" is standard input, and after "--" a file as any other */
  if (strcmp(name, "-") == 0 &&
      strcmp(program->arguments[program->script - 1], "--") != 0)
    name = NULL;
  return luaL_loadfile(L, name) == LUA_OK && call_script(L, program);
}

static void report(lua_State *L, const char *program) {
  const char *message = lua_tostring(L, -1);
  lua_writestringerror("%s: ", program);
  lua_writestringerror("%s\n", message ? message
                                       : "(error message not a string)");
  lua_pop(L, 1);
}

/* Under the pcall of luashm_run; returns whether all went well. */
static int run(lua_State *L) {
  const struct luashm_program *program = lua_touserdata(L, 1);
  bool well = true;
  set_arg(L, program);
  lua_gc(L, LUA_GCGEN, 0, 0); /* as the stand-alone lua does */
  for (const char *const *chunk = program->chunks; well && *chunk; chunk++)
    well = run_chunk(L, *chunk);
  if (well && program->script > 0)
    well = run_script(L, program);
  else if (well && program->standard_input)
    well = luaL_loadfile(L, NULL) == LUA_OK && call(L, 0);
  if (!well)
    report(L, program->name);
  lua_pushboolean(L, well);
  return 1;
}

bool luashm_run(lua_State *L, struct luashm_host *host,
                const struct luashm_program *program) {
  if (luashm_open(L, host)) {
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, (void *)program);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK)
      return lua_toboolean(L, -1);
  }
  report(L, program->name);
  return false;
}

bool luashm_do(lua_State *L, const char *text, size_t length, const char *name,
               char **message) {
  if (luaL_loadbuffer(L, text, length, name) == LUA_OK && call(L, 0))
    return true;
  const char *said = lua_tostring(L, -1);
  *message = strdup(said ? said : "(error message not a string)");
  lua_pop(L, 1);
  return false;
}
