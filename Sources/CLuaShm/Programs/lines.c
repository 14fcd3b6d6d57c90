/* "-i" when standard input is no terminal: runs each line as it comes and
   prints its values, as Debian's lua5.4 does. That one reads with readline,
   which also echoes lines that come from a file or a pipe. */
#include "module.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

/* A script may set _PROMPT and _PROMPT2 to anything that has a text. Readline
   gives what stands between \1 and \2 no width, and drops these two bytes. */
static void show_prompt(lua_State *L, bool first) {
  const char *text = first ? "> " : ">> ";
  int top = lua_gettop(L);
  if (lua_getglobal(L, first ? "_PROMPT" : "_PROMPT2") != LUA_TNIL)
    text = luaL_tolstring(L, -1, NULL);
  for (; *text; text++)
    if (*text != '\1' && *text != '\2')
      putchar(*text);
  fflush(stdout);
  lua_settop(L, top);
}

/* Pushes a line of any length without its end; false: the input has ended. Like
   readline, it also ends lines at a carriage return and drops NULs. */
static bool read_line(lua_State *L) {
  luaL_Buffer line;
  int byte = getchar();
  if (byte == EOF)
    return false;
  luaL_buffinit(L, &line);
  for (; byte != EOF && byte != '\n' && byte != '\r'; byte = getchar())
    if (byte)
      luaL_addchar(&line, (char)byte);
  luaL_pushresult(&line);
  return true;
}

/* Shows a line as a terminal would while it is typed, for readers of the
   output. */
static void echo(lua_State *L) {
  size_t length;
  const char *line = lua_tolstring(L, -1, &length);
  if (isatty(STDIN_FILENO))
    return;
  fwrite(line, 1, length, stdout);
  putchar('\n');
  fflush(stdout);
}

/* Pushes a line of the input; false: it has ended. If the first line is "=x",
   it means "return x", as in Lua 5.2. */
static bool push_line(lua_State *L, bool first) {
  show_prompt(L, first);
  if (!read_line(L))
    return false;
  echo(L);
  const char *line = lua_tostring(L, -1);
  if (first && line[0] == '=') {
    lua_pushfstring(L, "return %s", line + 1);
    lua_remove(L, -2);
  }
  return true;
}

/* Reads byte by byte, so that a program which a line starts finds the rest of
   the input: it would not see what lies in our buffer. */
static void read_without_buffer(void) {
  bool is_unused = __fbufsize(stdin) == 0;
  if (is_unused && !isatty(STDIN_FILENO))
    setvbuf(stdin, NULL, _IONBF, 0);
}

static int load(lua_State *L, const char *text, size_t length) {
  return luaL_loadbuffer(L, text, length, "=stdin");
}

/* Replaces the line at stack index 1 by the function "return line"; false: that
   does not compile. */
static bool load_expression(lua_State *L) {
  const char *text = lua_pushfstring(L, "return %s;", lua_tostring(L, 1));
  if (load(L, text, strlen(text)) != LUA_OK) {
    lua_settop(L, 1);
    return false;
  }
  lua_replace(L, 1);
  lua_settop(L, 1);
  return true;
}

/* Does the message at the top say that a statement's end is missing? */
static bool is_incomplete(lua_State *L, int status) {
  static const char mark[] = "<eof>";
  size_t length;
  if (status != LUA_ERRSYNTAX)
    return false;
  const char *message = lua_tolstring(L, -1, &length);
  return length >= sizeof mark - 1 &&
         strcmp(message + length - (sizeof mark - 1), mark) == 0;
}

/* Loads the text at stack index 1, with further lines until it is complete. */
static int load_statement(lua_State *L) {
  for (;;) {
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    int status = load(L, text, length);
    if (!is_incomplete(L, status) || !push_line(L, false)) {
      lua_replace(L, 1);
      lua_settop(L, 1);
      return status;
    }
    lua_remove(L, 2); /* the message */
    lua_pushliteral(L, "\n");
    lua_insert(L, 2);
    lua_concat(L, 3);
  }
}

static void print_values(lua_State *L) {
  int count = lua_gettop(L);
  if (count == 0)
    return;
  luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
  lua_getglobal(L, "print");
  lua_insert(L, 1);
  if (lua_pcall(L, count, 0, 0) != LUA_OK) {
    lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1));
    luashm_complain(L);
  }
}

void luashm_lines(lua_State *L) {
  read_without_buffer();
  lua_settop(L, 0);
  while (push_line(L, true)) {
    int status = load_expression(L) ? LUA_OK : load_statement(L);
    if (status == LUA_OK)
      status = luashm_call_interruptibly(L, 0, LUA_MULTRET);
    if (status == LUA_OK)
      print_values(L);
    else
      luashm_complain(L);
    lua_settop(L, 0);
  }
  lua_writeline();
}
