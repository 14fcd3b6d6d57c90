/* The prompt's way into Lua: every call is protected, and returns texts. */
#include "prompt-interruption.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LIST = 1 << 16 };

static const char module_key = 0; /* its address: the module in the registry */

/* ---- functions for the Lua side; upvalue 1: the host ---- */

static const struct luashm_prompt_host *prompt_host(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

static struct luashm_bytes checked(lua_State *L, int index) {
  struct luashm_bytes bytes = {NULL, 0};
  bytes.data = luaL_checklstring(L, index, &bytes.length);
  return bytes;
}

/* source(name) -> the text of a bundled module, or nil */
static int source(lua_State *L) {
  const struct luashm_prompt_host *host = prompt_host(L);
  struct luashm_bytes text = host->module(host->context, checked(L, 1));
  if (text.data)
    lua_pushlstring(L, text.data, text.length);
  else
    lua_pushnil(L);
  return 1;
}

/* Performs an operation on names whose answer is a text. */
static int ask(lua_State *L, enum luashm_op op, struct luashm_bytes name) {
  luaL_Buffer text;
  struct luashm_failure failure;
  struct luashm_operation operation = {
      .op = op, .text = name, .room = LIST, .failure = &failure};
  operation.bytes = (unsigned char *)luaL_buffinitsize(L, &text, LIST);
  enum luashm_answer answer =
      luashm_ask_host(L, prompt_host(L)->host, &operation);
  luaL_pushresultsize(
      &text, answer == LUASHM_ANSWER_DONE ? (size_t)operation.length : 0);
  return 1;
}

/* objects() -> "type:name" items, each with a NUL behind it */
static int objects(lua_State *L) {
  return ask(L, LUASHM_OP_NAMES, (struct luashm_bytes){NULL, 0});
}

/* holders(name) -> a line of text, or "" */
static int holders(lua_State *L) {
  return ask(L, LUASHM_OP_HOLDERS, checked(L, 1));
}

/* files(directory) -> names, each with a NUL behind it */
static int files(lua_State *L) {
  const struct luashm_prompt_host *host = prompt_host(L);
  struct luashm_bytes directory = checked(L, 1);
  luaL_Buffer list;
  char *room = luaL_buffinitsize(L, &list, LIST);
  luaL_pushresultsize(&list, host->files(host->context, directory, room, LIST));
  return 1;
}

/* columns(line) -> how many columns it takes on the terminal */
static int columns(lua_State *L) {
  const struct luashm_prompt_host *host = prompt_host(L);
  lua_pushinteger(L, host->columns(host->context, checked(L, 1)));
  return 1;
}

/* shown(text [, manner]) -> the text in a form that may reach the terminal */
static int shown(lua_State *L) {
  return luashm_show_string(L, prompt_host(L)->show);
}

static const luaL_Reg helpers[] = {{"source", source},
                                   {"objects", objects},
                                   {"holders", holders},
                                   {"files", files},
                                   {"columns", columns},
                                   {"shown", shown},
                                   {NULL, NULL}};

/* ---- texts that leave Lua ---- */

static void deliver(lua_State *L, int index, struct luashm_text *text) {
  size_t length = 0;
  const char *data = lua_tolstring(L, index, &length);
  *text = (struct luashm_text){malloc(length + 1), 0};
  if (!text->data)
    return;
  memcpy(text->data, data ? data : "", length);
  text->data[length] = 0;
  text->length = length;
}

/* Copies the error at the top. This runs outside of any protected call, so
   nothing may allocate in Lua; numbers are not turned into strings. */
static void say(lua_State *L, struct luashm_text *text) {
  if (lua_type(L, -1) == LUA_TSTRING) {
    deliver(L, -1, text);
    return;
  }
  *text = (struct luashm_text){strdup("(error object is not a string)"), 0};
  text->length = text->data ? strlen(text->data) : 0;
}

/* Calls a C function with one pointer. False: the text is its error. */
static bool protect(lua_State *L, lua_CFunction function, void *work,
                    struct luashm_text *text) {
  lua_State *outer = luashm_interruptible(L);
  lua_pushcfunction(L, function);
  lua_pushlightuserdata(L, work);
  bool well = lua_pcall(L, 1, 0, 0) == LUA_OK;
  luashm_uninterruptible(L, outer);
  if (!well) {
    if (text) {
      free(text->data);
      say(L, text);
    }
    lua_pop(L, 1);
  }
  return well;
}

/* Pushes a function of the module. */
static void push_function(lua_State *L, const char *name) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &module_key) != LUA_TTABLE)
    luaL_error(L, "the prompt is not open");
  if (lua_getfield(L, -1, name) != LUA_TFUNCTION)
    luaL_error(L, "the prompt has no function '%s'", name);
  lua_remove(L, -2);
}

/* ---- opening ---- */

static int open_prompt(lua_State *L) {
  const struct luashm_prompt_host *host = lua_touserdata(L, 1);
  struct luashm_bytes name = {"prompt", 6};
  struct luashm_bytes text = host->module(host->context, name);
  if (!text.data)
    return luaL_error(L, "the module 'prompt' is not bundled");
  if (luaL_loadbufferx(L, text.data, text.length, "=prompt.lua", "t"))
    return lua_error(L);
  luaL_newlibtable(L, helpers);
  lua_pushlightuserdata(L, (void *)host);
  luaL_setfuncs(L, helpers, 1);
  lua_call(L, 1, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &module_key);
  luashm_watch_coroutines(L);
  return 0;
}

bool luashm_prompt_open(lua_State *L, const struct luashm_prompt_host *host,
                        struct luashm_text *text) {
  *text = (struct luashm_text){NULL, 0};
  return protect(L, open_prompt, (void *)host, text);
}

/* ---- evaluating ---- */

struct evaluation {
  struct luashm_bytes chunk;
  bool final;
  enum luashm_outcome outcome;
  int64_t nanoseconds;
  struct luashm_text *text;
};

/* Does the message at the top say that the text ended too early? A string in
   quotes continues on the next line only after a backslash. */
static bool ends_early(lua_State *L, struct luashm_bytes chunk) {
  static const char mark[] = "<eof>";
  size_t length;
  const char *message = lua_tolstring(L, -1, &length);
  if (length < sizeof mark - 1 ||
      strcmp(message + length - (sizeof mark - 1), mark) != 0)
    return false;
  return !strstr(message, "unfinished string near") ||
         (chunk.length > 0 && chunk.data[chunk.length - 1] == '\\');
}

/* Pushes the chunk's function. LUASHM_FAILED: pushes two messages instead, why
   it is no statement and why it is no expression. */
static enum luashm_outcome compile(lua_State *L, struct luashm_bytes chunk,
                                   const char *name) {
  bool equals = chunk.length > 0 && chunk.data[0] == '=';
  lua_pushliteral(L, "return ");
  lua_pushlstring(L, chunk.data + equals, chunk.length - equals);
  lua_concat(L, 2);
  size_t length;
  const char *expression = lua_tolstring(L, -1, &length);
  if (luaL_loadbufferx(L, expression, length, name, "t") == LUA_OK)
    return LUASHM_DONE;
  bool early = ends_early(L, chunk);
  if (luaL_loadbufferx(L, chunk.data, chunk.length, name, "t") == LUA_OK)
    return LUASHM_DONE;
  early = early || ends_early(L, chunk);
  lua_insert(L, -2);
  return early ? LUASHM_INCOMPLETE : LUASHM_FAILED;
}

/* Message handler: makes a table { error, traceback, hint }. */
static int with_traceback(lua_State *L) {
  lua_createtable(L, 3, 0);
  if (lua_type(L, 1) == LUA_TSTRING && luashm_push_hint(L, 1, 1))
    lua_rawseti(L, 2, 3);
  lua_insert(L, 1);
  lua_rawseti(L, 1, 1);
  luaL_traceback(L, L, NULL, 1);
  lua_rawseti(L, 1, 2);
  return 1;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Runs the function at the top and replaces it by its results, or by the report
   of its error. */
static bool run(lua_State *L, int64_t *nanoseconds) {
  int function = lua_gettop(L);
  lua_pushcfunction(L, with_traceback);
  lua_insert(L, function);
  int64_t start = now();
  int status = lua_pcall(L, 0, LUA_MULTRET, function);
  *nanoseconds = now() - start;
  luashm_interrupt_served(L);
  lua_remove(L, function);
  return status == LUA_OK;
}

/* Calls a function of the module with the chunk and the values above `base`;
   copies the string that it returns. */
static void tell(lua_State *L, const char *function, int base,
                 struct evaluation *work) {
  luaL_checkstack(L, LUA_MINSTACK, "too many results to show");
  push_function(L, function);
  lua_insert(L, base + 1);
  lua_pushlstring(L, work->chunk.data, work->chunk.length);
  lua_insert(L, base + 2);
  lua_call(L, lua_gettop(L) - base - 1, 1);
  deliver(L, -1, work->text);
}

static int evaluate(lua_State *L) {
  struct evaluation *work = lua_touserdata(L, 1);
  push_function(L, "name");
  lua_call(L, 0, 1);
  const char *name = luaL_checkstring(L, -1);
  work->outcome = compile(L, work->chunk, name);
  if (work->outcome == LUASHM_INCOMPLETE && !work->final)
    return 0;
  if (work->outcome != LUASHM_DONE) {
    work->outcome = LUASHM_FAILED;
    tell(L, "misspelled", lua_gettop(L) - 2, work);
    return 0;
  }
  int base = lua_gettop(L) - 1;
  work->outcome = run(L, &work->nanoseconds) ? LUASHM_DONE : LUASHM_FAILED;
  tell(L, work->outcome == LUASHM_DONE ? "results" : "failure", base, work);
  return 0;
}

enum luashm_outcome luashm_prompt_evaluate(lua_State *L,
                                           struct luashm_bytes chunk,
                                           bool final, int64_t *nanoseconds,
                                           struct luashm_text *text) {
  struct evaluation work = {
      .chunk = chunk, .final = final, .outcome = LUASHM_FAILED, .text = text};
  work.nanoseconds = -1;
  *text = (struct luashm_text){NULL, 0};
  bool well = protect(L, evaluate, &work, text);
  *nanoseconds = work.nanoseconds;
  return well ? work.outcome : LUASHM_FAILED;
}

static int try_to_compile(lua_State *L) {
  struct evaluation *work = lua_touserdata(L, 1);
  work->outcome = compile(L, work->chunk, "=chunk");
  return 0;
}

bool luashm_prompt_is_incomplete(lua_State *L, struct luashm_bytes chunk) {
  struct evaluation work = {.chunk = chunk, .outcome = LUASHM_FAILED};
  return protect(L, try_to_compile, &work, NULL) &&
         work.outcome == LUASHM_INCOMPLETE;
}

/* ---- calling the module ---- */

struct call {
  const char *function;
  const struct luashm_argument *arguments;
  int count;
  struct luashm_text *text;
};

static int call_module(lua_State *L) {
  struct call *call = lua_touserdata(L, 1);
  push_function(L, call->function);
  luaL_checkstack(L, call->count, "too many arguments");
  for (int i = 0; i < call->count; i++) {
    const struct luashm_argument *argument = &call->arguments[i];
    if (argument->bytes.data)
      lua_pushlstring(L, argument->bytes.data, argument->bytes.length);
    else
      lua_pushinteger(L, argument->integer);
  }
  lua_call(L, call->count, 1);
  deliver(L, -1, call->text);
  return 0;
}

bool luashm_prompt_call(lua_State *L, const char *function,
                        const struct luashm_argument *arguments, int count,
                        struct luashm_text *text) {
  struct call call = {function, arguments, count, text};
  *text = (struct luashm_text){NULL, 0};
  return protect(L, call_module, &call, text);
}
