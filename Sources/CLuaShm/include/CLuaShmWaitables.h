/*
 * The kinds of what has a name and can be waited for, as Lua sees them. Each is
 * one C file in Waitables, which describes it by a struct luashm_waitable; its
 * rules, and what it is on Windows, are in its Swift file (WaitableKind).
 */
#ifndef CLUASHM_WAITABLES_H
#define CLUASHM_WAITABLES_H

#include "CLuaShm.h"

struct cshm_named;
struct luashm_class;

/* A number that one is made of. */
struct luashm_value {
  const char *name; /* NULL: no more */
  /* An option, true or false; otherwise an integer, as an argument behind the
     object's name. */
  bool is_flag;
};

/* One of its operations. */
struct luashm_act {
  const char *verb;      /* "event:set"; NULL: no more */
  enum luashm_kind told; /* what a listener is told that it is: ACQUIRE of a
                            wait; RELEASE, LOAD */
  bool takes_number;     /* and that it has an argument */
};

struct luashm_waitable {
  uint32_t number;  /* of its files' header: CSHM_EVENT */
  const char *name, *plural; /* "event", "events" */
  const char *create, *open, *close, *check; /* "shm.event", … */
  struct luashm_value values[LUASHM_MOST_VALUES + 1];
  const struct luashm_act *acts;
  const struct luashm_class *class;     /* its methods */
  const struct luashm_class *companion; /* what it has beside, as guards */
  /* Pushes what tostring says in parentheses: "set". `ours`: this interpreter
     has it. */
  void (*describe)(struct lua_State *, const struct cshm_named *,
                   uint64_t state, bool ours);
};

/* "event" as the words of a kind. */
#define LUASHM_NAMED(word)                                                     \
  .name = word, .create = "shm." word, .open = "shm.open_" word,               \
  .close = word ":close", .check = word ":check"

/* The kind of this number; NULL: there is none. */
const struct luashm_waitable *luashm_waitable(uint32_t number);

/* What one of this kind is made of, from 0; NULL: no more. */
const struct luashm_value *luashm_value(uint32_t number, int at);

/* Adds one, before any state is opened; for tests. False: the number is taken
   or none. */
bool luashm_add_waitable(const struct luashm_waitable *);

#endif
