/*
 * The options of calls. A table says what each option is called, what values it
 * takes and where they go; one reader goes through what a script gave.
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
  OPTION_BOOL,    /* true or false; stored in a bool, or an integer as 0 or 1 */
  OPTION_SIZE,    /* a number of bytes >= 0; int64_t */
  OPTION_OFFSET,  /* a position in bytes >= 0; int64_t */
  OPTION_MODE,    /* struct luashm_mode */
  OPTION_TEXT,    /* struct luashm_bytes; `slot` keeps the string */
  OPTION_WORD,    /* one of `words`; stored as an integer */
  OPTION_TIMEOUT, /* struct luashm_timeout */
  OPTION_OWN      /* read by the function `read` */
};

struct luashm_word {
  const char *word;
  int64_t value;
};

/* A wait's timeout, as an option gives it. */
struct luashm_timeout {
  int64_t nanoseconds;
  double seconds; /* as the script gave it; -1: not given */
};

/* Reads the value at the top of the stack and leaves it there. `kept` is what
   luashm_read_options was given. Raises if the value is not allowed. */
typedef void luashm_option_reader(lua_State *, int index, const char *key,
                                  void *record, int kept);

struct luashm_option {
  const char *name; /* NULL: the table's end */
  uint16_t at;      /* offset of its member in the record, */
  uint16_t size;    /* and that member's size, in bytes */
  enum luashm_option_form form;
  /* The stack slot, counted from `kept`, that keeps the text alive: a finalizer
     may empty the table before the text is used. */
  int slot;
  const struct luashm_word *words; /* the last one's name is NULL */
  luashm_option_reader *read;
};

#define OPTION(name, record, member)                                           \
  name, offsetof(record, member), sizeof(((record *)NULL)->member)

/* Reads the table at the index, if there is one, into the record, which holds
   the defaults. `groups`: tables of the options there are, NULL at the end.
   Raises for an unknown key, naming it and all known ones, and for a value that
   an option does not take. */
void luashm_read_options(lua_State *L, int index,
                         const struct luashm_option *const groups[],
                         void *record, int kept);

/* Reads true or false, and raises for anything else; for readers of their
   own. */
bool luashm_bool_option(lua_State *L, int index, const char *key);

/* The string at the top of the stack; raises if it is no string. */
struct luashm_bytes luashm_text_option(lua_State *L, int index,
                                       const char *key);

/* For records that begin with a struct luashm_making. */
extern const struct luashm_option luashm_making_options[];

/* Reads the options of create, open or map, with defaults filled in. Afterwards
   the stack ends at index + 1, which keeps the prefix under Wine. */
enum luashm_call_options { OPTIONS_OF_CREATE, OPTIONS_OF_OPEN, OPTIONS_OF_MAP };

void luashm_check_options(lua_State *L, int index, enum luashm_call_options,
                          struct luashm_options *options);

#endif
