/* Runs programs as the stand-alone lua (lua.c of Lua 5.4) does, with the same
   messages. */
#include "module.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes a module available as a global and to require. */
static void publish(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  lua_setglobal(L, name);
}

static void open_libraries(lua_State *L, struct luashm_host *host) {
  luaL_openlibs(L);
  luashm_add_module_folders(L);
  lua_pushlightuserdata(L, host);
  int at = lua_gettop(L);
  luashm_push_types(L, at);
  luashm_push_shm(L, at, at + 1);
  publish(L, "shm");
  luashm_push_console(L, at, at + 1);
  publish(L, "console");
  lua_settop(L, at - 1);
}

const char *luashm_lua_ident(void) { return lua_ident; }

static int open_only(lua_State *L) {
  open_libraries(L, lua_touserdata(L, 1));
  return 0;
}

bool luashm_open(lua_State *L, struct luashm_host *host) {
  lua_pushcfunction(L, open_only);
  lua_pushlightuserdata(L, host);
  return lua_pcall(L, 1, 0, 0) == LUA_OK;
}

/* Sets arg: the script at 0, its arguments from 1, the interpreter and its
   options at negative indices. Without a script the interpreter is at 0. */
static void set_arg(lua_State *L, const struct luashm_program *program) {
  int script = program->script;
  lua_createtable(L, program->count - script, script + 1);
  for (int i = 0; i < program->count; i++) {
    lua_pushstring(L, program->arguments[i]);
    lua_rawseti(L, -2, i - script);
  }
  lua_setglobal(L, "arg");
}

/* Pushes the script's arguments and returns their number. Takes them from the
   table, which earlier programs may have changed. */
static int push_arguments(lua_State *L) {
  if (lua_getglobal(L, "arg") != LUA_TTABLE)
    luaL_error(L, "'arg' is not a table");
  int table = lua_gettop(L);
  int count = (int)luaL_len(L, table);
  luaL_checkstack(L, count + 3, "too many arguments to script");
  for (int i = 1; i <= count; i++)
    lua_rawgeti(L, table, i);
  lua_remove(L, table);
  return count;
}

/* A bundled program that a person stops says nothing. */
static bool is_stopped(const struct luashm_program *program) {
  return program->text && luashm_ended_by_interrupt();
}

/* Reports the message at the top unless the status is OK; returns whether it
   is. */
static bool report(lua_State *L, const struct luashm_program *program,
                   int status) {
  if (status == LUA_OK)
    return true;
  if (is_stopped(program)) {
    lua_pop(L, 1);
    return false;
  }
  bool named = program->count > 0 && program->arguments[0][0];
  lua_writestringerror("%s: ", named ? program->arguments[0] : "moonpool");
  luashm_complain(L);
  return false;
}

static bool run_loaded(lua_State *L, const struct luashm_program *program,
                       int status) {
  if (status == LUA_OK)
    status = luashm_call_interruptibly(L, 0, 0);
  return report(L, program, status);
}

static bool run_text(lua_State *L, const struct luashm_program *program,
                     const char *text, const char *name) {
  return run_loaded(L, program,
                    luaL_loadbuffer(L, text, strlen(text), name));
}

/* Puts the module of "mod" into the global "mod", that of "g=mod" into "g". */
static bool run_require(lua_State *L, const struct luashm_program *program,
                        const char *text) {
  const char *equals = strchr(text, '=');
  lua_getglobal(L, "require");
  lua_pushstring(L, equals ? equals + 1 : text);
  int status = luashm_call_interruptibly(L, 1, 1);
  if (status == LUA_OK) {
    lua_pushglobaltable(L);
    lua_pushlstring(L, text, equals ? (size_t)(equals - text) : strlen(text));
    lua_pushvalue(L, -3);
    lua_settable(L, -3);
    lua_pop(L, 2);
  }
  return report(L, program, status);
}

/* If both variables are set, the one with the version in its name is used. */
static bool run_environment(lua_State *L,
                            const struct luashm_program *program) {
  const char *name = "=LUA_INIT" LUA_VERSUFFIX;
  const char *text = getenv(name + 1);
  if (!text) {
    name = "=LUA_INIT";
    text = getenv(name + 1);
  }
  if (!text)
    return true;
  if (text[0] == '@')
    return run_loaded(L, program, luaL_loadfile(L, text + 1));
  return run_text(L, program, text, name);
}

static bool run_step(lua_State *L, const struct luashm_program *program,
                     const char *step) {
  switch (step[0]) {
  case LUASHM_TEXT_STEP:
    return run_text(L, program, step + 1, "=(command line)");
  case LUASHM_MODULE_STEP:
    return run_require(L, program, step + 1);
  default:
    lua_warning(L, "@on", 0);
    return true;
  }
}

/* Error messages call a bundled script by the name of its file. */
static int load_bundled(lua_State *L, const struct luashm_program *program) {
  const char *chunk =
      lua_pushfstring(L, "@%s.lua", program->arguments[program->script]);
  int status = luaL_loadbufferx(L, program->text, program->text_length, chunk,
                                "t");
  lua_remove(L, -2);
  return status;
}

/* "-" means standard input, but after "--" it is a file's name. */
static bool run_script(lua_State *L, const struct luashm_program *program) {
  const char *name = program->arguments[program->script];
  if (strcmp(name, "-") == 0 &&
      strcmp(program->arguments[program->script - 1], "--") != 0)
    name = NULL;
  int status = program->text ? load_bundled(L, program)
                             : luaL_loadfile(L, name);
  if (status == LUA_OK)
    status = luashm_call_interruptibly(L, push_arguments(L), LUA_MULTRET);
  return report(L, program, status);
}

/* Its address is a registry key: standard input is run line by line. */
static const char by_lines = 0;

/* An error that ends this, such as a prompt without a text, is reported without
   lua's name. */
static void run_lines(lua_State *L) {
  lua_pushboolean(L, true);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &by_lines);
  luashm_lines(L);
}

static bool runs_lines(lua_State *L) {
  bool does = lua_rawgetp(L, LUA_REGISTRYINDEX, &by_lines) == LUA_TBOOLEAN;
  lua_pop(L, 1);
  return does;
}

/* Does everything in lua's order. An error that nothing here catches, such as
   running out of memory, ends it through the caller's pcall. */
static bool run_all(lua_State *L, const struct luashm_program *program) {
  bool well = !program->environment || run_environment(L, program);
  for (char *const *step = program->steps; well && *step; step++)
    well = run_step(L, program, *step);
  if (well && program->script > 0)
    well = run_script(L, program);
  if (well && program->lines)
    run_lines(L);
  if (well && program->standard_input) /* lua ignores its failure */
    run_loaded(L, program, luaL_loadfile(L, NULL));
  return well;
}

static int run(lua_State *L) {
  struct luashm_host *host = lua_touserdata(L, 1);
  const struct luashm_program *program = lua_touserdata(L, 2);
  luashm_complain_by(host->show);
  if (program->version) {
    lua_writestring(LUA_COPYRIGHT, strlen(LUA_COPYRIGHT));
    lua_writeline();
  }
  if (!program->environment) {
    lua_pushboolean(L, true); /* LUA_PATH and LUA_CPATH, too */
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  open_libraries(L, host);
  set_arg(L, program);
  lua_gc(L, LUA_GCGEN, 0, 0); /* as lua.c does */
  lua_pushboolean(L, run_all(L, program));
  return 1;
}

enum luashm_end luashm_run(lua_State *L, struct luashm_host *host,
                           const struct luashm_program *program) {
  lua_pushcfunction(L, run);
  lua_pushlightuserdata(L, host);
  lua_pushlightuserdata(L, (void *)program);
  int status = lua_pcall(L, 2, 1, 0);
  bool well = status == LUA_OK && lua_toboolean(L, -1);
  if (status != LUA_OK && runs_lines(L))
    luashm_complain(L);
  else
    report(L, program, status);
  lua_settop(L, 0);
  if (well)
    return LUASHM_RAN;
  return is_stopped(program) ? LUASHM_STOPPED : LUASHM_ENDED_BADLY;
}

bool luashm_do(lua_State *L, const char *text, size_t length, const char *name,
               char **message) {
  if (luaL_loadbuffer(L, text, length, name) == LUA_OK &&
      luashm_call(L, 0, 0) == LUA_OK)
    return true;
  const char *said = lua_tostring(L, -1);
  *message = strdup(said ? said : "(error message not a string)");
  lua_pop(L, 1);
  return false;
}
