/*
 * The options of calls: a table says what each is called, what it may be and
 * where it goes; one reader goes through what a script gave.
 *
 *   struct record { bool all; struct luashm_timeout timeout; } record = …;
 *   static const struct luashm_option options[] = {
 *       {OPTION("all", struct record, all), OPTION_BOOL},
 *       {OPTION("timeout", struct record, timeout), OPTION_TIMEOUT},
 *       {NULL}};
 *   static const struct luashm_option *const groups[] = {options, NULL};
 *   luashm_read_options(L, 2, groups, &record, 0);
 */
#ifndef LUASHM_OPTIONS_H
#define LUASHM_OPTIONS_H

#include "CLuaShm.h"

#include <lauxlib.h>
#include <lua.h>

enum luashm_option_form {
  OPTION_BOOL,    /* true or false; a bool, or an integer of 0 and 1 */
  OPTION_SIZE,    /* bytes from 0; int64_t */
  OPTION_OFFSET,  /* the same, as a place; int64_t */
  OPTION_MODE,    /* struct luashm_mode */
  OPTION_TEXT,    /* struct luashm_bytes, of a string that `slot` keeps */
  OPTION_WORD,    /* one of `words`; an integer */
  OPTION_TIMEOUT, /* struct luashm_timeout */
  OPTION_OWN      /* by `read` */
};

struct luashm_word {
  const char *word;
  int64_t value;
};

/* Of a wait, as an option gives it. */
struct luashm_timeout {
  int64_t nanoseconds;
  double seconds; /* as the script gave it; -1: not given */
};

/* The value is at the top of the stack, which it leaves as it was; `kept` is
   what luashm_read_options was given. Raises for what it may not be. */
typedef void luashm_option_reader(lua_State *, int index, const char *key,
                                  void *record, int kept);

struct luashm_option {
  const char *name; /* NULL: the table's end */
  uint16_t at;      /* its member of the record, */
  uint16_t size;    /* so many bytes */
  enum luashm_option_form form;
  /* Where the text stays alive, counted from `kept`, as a finalizer may empty
     the table before it is used. */
  int slot;
  const struct luashm_word *words; /* ends with one of NULL */
  luashm_option_reader *read;
};

#define OPTION(name, record, member)                                           \
  name, offsetof(record, member), sizeof(((record *)NULL)->member)

/* The options in the table at index, or in none, into the record, which has
   the defaults. `groups`: tables of those there are, with NULL at the end.
   Raises for an unknown key, which it names beside all that are known, and for
   what an option may not be. */
void luashm_read_options(lua_State *L, int index,
                         const struct luashm_option *const groups[],
                         void *record, int kept);

/* Is it true or false? Raises if it is neither; for readers of their own. */
bool luashm_bool_option(lua_State *L, int index, const char *key);

/* The string at the top of the stack; raises if it is none. */
struct luashm_bytes luashm_text_option(lua_State *L, int index,
                                       const char *key);

/* Of records that begin with a struct luashm_making. */
extern const struct luashm_option luashm_making_options[];

/* Those of create, open and map, with defaults filled in. Then the stack ends
   at index + 1, which keeps the prefix under Wine. */
enum luashm_call_options { OPTIONS_OF_CREATE, OPTIONS_OF_OPEN, OPTIONS_OF_MAP };

void luashm_check_options(lua_State *L, int index, enum luashm_call_options,
                          struct luashm_options *options);

#endif
