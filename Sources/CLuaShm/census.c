/* shm.list and shm.holders: what lives, and who holds it, as tables. */
#include "module.h"
#include "options.h"

#include <string.h>

/* ---- rows of fields, as the host writes them: Host+Census.swift ---- */

struct rows {
  const char *next, *end;
};

/* Bytes that are there; what the world writes may end anywhere. */
static const char *take(struct rows *rows, size_t length) {
  static const char nothing[8];
  const char *from = rows->next;
  if (length > (size_t)(rows->end - from)) {
    rows->next = rows->end;
    return length <= sizeof nothing ? nothing : NULL;
  }
  rows->next += length;
  return from;
}

static uint32_t take_count(struct rows *rows) {
  uint32_t count;
  memcpy(&count, take(rows, sizeof count), sizeof count);
  return count;
}

static void push_text(lua_State *L, struct rows *rows) {
  uint32_t length = take_count(rows);
  const char *text = take(rows, length);
  lua_pushlstring(L, text, text ? length : 0);
}

static void push_texts(lua_State *L, struct rows *rows) {
  uint32_t count = take_count(rows);
  lua_newtable(L);
  for (uint32_t i = 1; i <= count && rows->next < rows->end; i++) {
    push_text(L, rows);
    lua_rawseti(L, -2, i);
  }
}

static void push_number(lua_State *L, struct rows *rows) {
  int64_t number;
  memcpy(&number, take(rows, sizeof number), sizeof number);
  lua_pushinteger(L, number);
}

static void push_row(lua_State *L, struct rows *rows) {
  lua_newtable(L);
  while (rows->next < rows->end) {
    char type = *take(rows, 1);
    if (type == '}')
      return;
    size_t length = strnlen(rows->next, (size_t)(rows->end - rows->next));
    lua_pushlstring(L, take(rows, length), length);
    take(rows, 1);
    if (type == 's')
      push_text(L, rows);
    else if (type == 'l')
      push_texts(L, rows);
    else
      push_number(L, rows);
    lua_rawset(L, -3);
  }
}

/* ---- asking ---- */

/* Pushes a userdata with the rows, and then what luashm_answered says; > 0:
   they were refused, and so many results are pushed. */
static int ask(lua_State *L, struct luashm_operation *operation,
               struct rows *rows) {
  enum { FIRST = 1 << 14 };
  operation->room = FIRST;
  for (;;) {
    operation->bytes = luashm_push_scratch(L, operation->room);
    if (luashm_ask_again(L, operation) != LUASHM_ANSWER_DONE)
      return luashm_answered(L, operation);
    if (operation->length <= operation->room)
      break;
    operation->room = operation->length + operation->length / 4;
    lua_pop(L, 1);
  }
  rows->next = (const char *)operation->bytes;
  rows->end = rows->next + operation->length;
  return 0;
}

/* Is the error at the top that of a Ctrl-C, which is nobody's argument? */
static bool is_interruption(lua_State *L) {
  const char *text = lua_tostring(L, -1);
  return text && strstr(text, "interrupted!");
}

/* Does the pattern at index 1 find something in the text at the top? As
   string.find, whose errors are the caller's. Pops the text. */
static bool is_found(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "string");
  lua_getfield(L, -1, "find");
  lua_pushvalue(L, -4);
  lua_pushvalue(L, 1);
  int status = lua_pcall(L, 2, 1, 0);
  if (status == LUA_ERRRUN && !is_interruption(L))
    luaL_argerror(L, 1, lua_tostring(L, -1));
  if (status != LUA_OK)
    lua_error(L);
  bool found = lua_toboolean(L, -1);
  lua_pop(L, 4);
  return found;
}

/* Is the row at the top one that is asked for, by its name? */
static bool is_wanted(lua_State *L) {
  if (lua_isnil(L, 1))
    return true;
  if (lua_getfield(L, -1, "name") == LUA_TNIL) {
    lua_pop(L, 1);
    lua_getfield(L, -1, "path");
  }
  return is_found(L);
}

/* Pushes the list, and a note where there is one. */
static int push_rows(lua_State *L, struct rows *rows) {
  lua_Integer count = 0;
  lua_newtable(L);
  lua_pushnil(L);
  int list = lua_gettop(L) - 1;
  while (rows->next < rows->end) {
    if (*take(rows, 1) == 'n') {
      push_text(L, rows);
      lua_replace(L, list + 1);
      continue;
    }
    push_row(L, rows);
    if (is_wanted(L))
      lua_rawseti(L, list, ++count);
    else
      lua_pop(L, 1);
  }
  return lua_isnil(L, -1) ? (lua_pop(L, 1), 1) : 2;
}

/* ---- the functions ---- */

struct list_options {
  bool posix;
};

static const struct luashm_option list_options[] = {
    {OPTION("posix", struct list_options, posix), OPTION_BOOL}, {NULL}};

/* shm.list([pattern [, {posix=}]]) -> list [, what could not be seen] */
static int census_list(lua_State *L) {
  static const struct luashm_option *const groups[] = {list_options, NULL};
  struct luashm_failure failure;
  struct list_options options = {false};
  struct rows rows;
  bool has_pattern = luaL_optstring(L, 1, NULL) != NULL;
  lua_settop(L, 2);
  luashm_read_options(L, 2, groups, &options, 2);
  if (has_pattern) { /* a malformed one raises also where nothing lives */
    lua_pushliteral(L, "");
    is_found(L);
  }
  struct luashm_operation operation = {
      .op = LUASHM_OP_LIST, .b = options.posix, .failure = &failure};
  int refused = ask(L, &operation, &rows);
  return refused ? refused : push_rows(L, &rows);
}

/* shm.holders(name) -> list [, "perhaps" or "certainly"] */
static int census_holders(lua_State *L) {
  struct luashm_failure failure;
  struct luashm_bytes name;
  struct rows rows;
  name.data = luaL_checklstring(L, 1, &name.length);
  struct luashm_operation operation = {
      .op = LUASHM_OP_WHO, .text = name, .failure = &failure};
  int refused = ask(L, &operation, &rows);
  if (refused)
    return refused;
  lua_pushnil(L);
  lua_replace(L, 1); /* no pattern; the name is not needed any more */
  return push_rows(L, &rows);
}

const luaL_Reg luashm_census_functions[] = {
    {"list", census_list}, {"holders", census_holders}, {NULL, NULL}};
