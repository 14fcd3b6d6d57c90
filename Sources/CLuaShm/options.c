#include "options.h"

#include "module.h"
#include "waiting.h"

#include <stdlib.h>
#include <string.h>

/* ---- the forms of an option ---- */

static int64_t size_of_option(lua_State *L, int index,
                              const struct luashm_option *option) {
  int whole;
  lua_Integer value = lua_tointegerx(L, -1, &whole);
  if (!whole || value < 0)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s' must be %s from 0",
                                  option->name,
                                  option->form == OPTION_SIZE
                                      ? "a number of bytes"
                                      : "an offset"));
  return value;
}

bool luashm_bool_option(lua_State *L, int index, const char *key) {
  if (!lua_isboolean(L, -1))
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s' must be true or false", key));
  return lua_toboolean(L, -1);
}

/* Reads an integer, or a string of octal digits as in chmod(1): Lua has no
   octal numbers. */
static struct luashm_mode mode_of_option(lua_State *L, int index) {
  if (lua_type(L, -1) == LUA_TSTRING) {
    const char *text = lua_tostring(L, -1);
    size_t digits = strspn(text, "01234567");
    if (digits > 0 && digits <= 6 && text[digits] == 0)
      return (struct luashm_mode){strtol(text, NULL, 8), false};
  } else if (lua_isinteger(L, -1))
    return (struct luashm_mode){lua_tointeger(L, -1), true};
  luaL_argerror(L, index,
                "option 'mode' must be an integer or octal digits in a "
                "string, such as \"0644\"");
  return (struct luashm_mode){0, false};
}

struct luashm_bytes luashm_text_option(lua_State *L, int index,
                                       const char *key) {
  struct luashm_bytes text = {NULL, 0};
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s' must be a string", key));
  text.data = lua_tolstring(L, -1, &text.length);
  return text;
}

/* "rw", "r" or "copy" */
static void push_words(lua_State *L, const struct luashm_word *words) {
  luaL_Buffer known;
  luaL_buffinit(L, &known);
  for (int i = 0; words[i].word; i++) {
    if (i > 0)
      luaL_addstring(&known, words[i + 1].word ? ", " : " or ");
    luaL_addchar(&known, '"');
    luaL_addstring(&known, words[i].word);
    luaL_addchar(&known, '"');
  }
  luaL_pushresult(&known);
}

static int64_t word_of_option(lua_State *L, int index,
                              const struct luashm_option *option) {
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  for (const struct luashm_word *word = option->words; word->word; word++)
    if (strcmp(text, word->word) == 0)
      return word->value;
  push_words(L, option->words);
  return luaL_argerror(L, index,
                       lua_pushfstring(L, "option '%s' must be %s",
                                       option->name, lua_tostring(L, -1)));
}

static struct luashm_timeout timeout_of_option(lua_State *L, int index) {
  struct luashm_timeout timeout;
  if (!luashm_to_timeout(L, -1, &timeout.nanoseconds, &timeout.seconds))
    luaL_argerror(L, index, "option 'timeout' must be seconds from 0");
  return timeout;
}

/* ---- where the value goes ---- */

static void put_integer(void *member, size_t size, int64_t value) {
  if (size == sizeof(bool))
    *(bool *)member = value != 0;
  else if (size == sizeof(uint32_t))
    *(uint32_t *)member = (uint32_t)value;
  else
    *(int64_t *)member = value;
}

/* Stores the value at the top of the stack. */
static void read_option(lua_State *L, int index,
                        const struct luashm_option *option, void *record,
                        int kept) {
  void *member = (char *)record + option->at;
  switch (option->form) {
  case OPTION_BOOL:
    put_integer(member, option->size,
                luashm_bool_option(L, index, option->name));
    return;
  case OPTION_SIZE:
  case OPTION_OFFSET:
    put_integer(member, option->size, size_of_option(L, index, option));
    return;
  case OPTION_WORD:
    put_integer(member, option->size, word_of_option(L, index, option));
    return;
  case OPTION_MODE:
    *(struct luashm_mode *)member = mode_of_option(L, index);
    return;
  case OPTION_TEXT:
    *(struct luashm_bytes *)member =
        luashm_text_option(L, index, option->name);
    lua_copy(L, -1, kept + option->slot);
    return;
  case OPTION_TIMEOUT:
    *(struct luashm_timeout *)member = timeout_of_option(L, index);
    return;
  case OPTION_OWN:
    option->read(L, index, option->name, record, kept);
  }
}

/* ---- finding the option ---- */

static const struct luashm_option *
option_named(const struct luashm_option *const groups[], const char *key) {
  for (int group = 0; groups[group]; group++)
    for (const struct luashm_option *option = groups[group]; option->name;
         option++)
      if (strcmp(option->name, key) == 0)
        return option;
  return NULL;
}

static int unknown_option(lua_State *L, int index, const char *key,
                          const struct luashm_option *const groups[]) {
  luaL_Buffer known;
  const char *between = "";
  key = luashm_push_shown_word(L, key);
  luaL_buffinit(L, &known);
  for (int group = 0; groups[group]; group++)
    for (const struct luashm_option *option = groups[group]; option->name;
         option++) {
      luaL_addstring(&known, between);
      luaL_addstring(&known, option->name);
      between = ", ";
    }
  luaL_pushresult(&known);
  return luaL_argerror(L, index,
                       lua_pushfstring(L, "unknown option '%s' (known: %s)",
                                       key, lua_tostring(L, -1)));
}

void luashm_read_options(lua_State *L, int index,
                         const struct luashm_option *const groups[],
                         void *record, int kept) {
  if (lua_isnoneornil(L, index))
    return;
  luaL_checktype(L, index, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_argerror(L, index, "options are given by name");
    const char *key = lua_tostring(L, -2);
    const struct luashm_option *option = option_named(groups, key);
    if (option)
      read_option(L, index, option, record, kept);
    else
      unknown_option(L, index, key, groups);
    lua_pop(L, 1);
  }
}

/* ---- create, open and map ---- */

static const struct luashm_word accesses[] = {{"rw", LUASHM_READ_WRITE},
                                              {"r", LUASHM_READ},
                                              {"copy", LUASHM_COPY},
                                              {NULL, 0}};

static const struct luashm_option window_options[] = {
    {OPTION("access", struct luashm_options, access), OPTION_WORD,
     .words = accesses},
    {OPTION("offset", struct luashm_options, offset), OPTION_SIZE},
    {OPTION("length", struct luashm_options, length), OPTION_SIZE},
    {NULL}};

const struct luashm_option luashm_making_options[] = {
    {OPTION("mode", struct luashm_making, mode), OPTION_MODE},
    {OPTION("exclusive", struct luashm_making, exclusive), OPTION_BOOL},
    {NULL}};

_Static_assert(offsetof(struct luashm_options, making) == 0 &&
                   offsetof(struct luashm_named_options, making) == 0,
               "the records of what is made begin with it");

static const struct luashm_option memory_options[] = {
    {OPTION("reserve", struct luashm_options, reserve), OPTION_BOOL}, {NULL}};

static const struct luashm_option wine_options[] = {
    {OPTION("wine", struct luashm_options, wine), OPTION_TEXT, .slot = 1},
    {OPTION("hold", struct luashm_options, hold), OPTION_BOOL},
    {NULL}};

void luashm_check_options(lua_State *L, int index,
                          enum luashm_call_options call,
                          struct luashm_options *options) {
  static const struct luashm_option *const groups[][5] = {
      [OPTIONS_OF_CREATE] = {window_options, luashm_making_options,
                             memory_options, wine_options},
      [OPTIONS_OF_OPEN] = {window_options, wine_options},
      [OPTIONS_OF_MAP] = {window_options}};
  *options = (struct luashm_options){
      .access = call == OPTIONS_OF_MAP ? -1 : LUASHM_READ_WRITE,
      .making.mode.bits = 0600,
      .hold = -1};
  lua_settop(L, index + 1);
  luashm_read_options(L, index, groups[call], options, index);
}
