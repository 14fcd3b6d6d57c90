/*
 * The kinds of named objects that can be waited for, as Lua sees them. Each is
 * one C file in Waitables that describes it by a struct luashm_waitable; its
 * rules, and its Win32 calls, are in its Swift file (WaitableKind).
 */
#ifndef CLUASHM_WAITABLES_H
#define CLUASHM_WAITABLES_H

#include "CLuaShm.h"

struct cshm_named;
struct luashm_class;
struct luashm_option;
struct luashm_word;

/* A number from which an object of the kind is made. */
struct luashm_value {
  const char *name; /* NULL: the end */
  /* An option that is true or false; otherwise an integer argument after the
     object's name. */
  bool is_flag;
};

/* One of the kind's operations. */
struct luashm_act {
  const char *verb;      /* "event:set"; NULL: the end */
  enum luashm_kind told; /* what a listener is told that it is: ACQUIRE for a
                            wait; RELEASE, LOAD */
  bool takes_number;     /* it has an argument */
  bool gives_process;    /* its result is a process's number, or negative */
};

struct luashm_waitable {
  uint32_t number;  /* in its files' header: CSHM_EVENT */
  const char *name, *plural; /* "event", "events" */
  const char *create, *open, *close, *check; /* "shm.event", … */
  struct luashm_value values[LUASHM_MOST_VALUES + 1];
  const struct luashm_act *acts;
  /* The words of the option `access`, which then its making has, too; NULL:
     "all", "wait" and "modify". */
  const struct luashm_word *accesses;
  /* Further options of making and opening, in struct luashm_named_options;
     NULL: there are none. */
  const struct luashm_option *options;
  int user_values; /* of its userdata, beside the name */
  const struct luashm_class *class;     /* its methods */
  const struct luashm_class *companion; /* a further type, such as guards */
  /* Called before one is closed; NULL: nothing is to be done. */
  void (*closing)(struct lua_State *, struct luashm_handle *);
  /* Has its handle by itself what a wait for it is for? NULL: never. */
  bool (*holds)(const struct luashm_handle *);
  /* Pushes the text in parentheses that tostring shows: "set". `ours`: this
     interpreter holds the object. */
  void (*describe)(struct lua_State *, const struct cshm_named *,
                   uint64_t state, bool ours);
};

/* The kind's words, made from "event". */
#define LUASHM_NAMED(word)                                                     \
  .name = word, .create = "shm." word, .open = "shm.open_" word,               \
  .close = word ":close", .check = word ":check"

/* The kind of this number; NULL: there is none. */
const struct luashm_waitable *luashm_waitable(uint32_t number);

/* The number at position `at`, from 0, of what the kind is made of; NULL: there
   are no more. */
const struct luashm_value *luashm_value(uint32_t number, int at);

/* Adds a kind before any state is opened; for tests. False: the number is taken
   or invalid. */
bool luashm_add_waitable(const struct luashm_waitable *);

#endif
