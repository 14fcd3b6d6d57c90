/*
 * CLuaShm: everything that Lua calls, and the only code that raises errors.
 *
 * A lua_error is a longjmp, which would skip the clean-up of any Swift frame
 * that it jumps over. So C checks the arguments, calls the host (Swift) with
 * plain values, and raises or pushes results after the host has returned. The
 * host never sees the lua_State.
 */
#ifndef CLUASHM_H
#define CLUASHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <COperationsBroadcasts.h>
#include <COperationsRings.h>

#include "CLuaShmWorld.h"

struct lua_State;

/* ---- the host: what C asks of Swift ---- */

struct luashm_mode {
  int64_t bits;
  bool as_integer; /* given as an integer, not as octal digits */
};

/* The options that make an object. */
struct luashm_making {
  struct luashm_mode mode; /* permission bits */
  bool exclusive;          /* an existing name is refused */
};

/* The options of create, open and map, with defaults filled in. */
struct luashm_options {
  struct luashm_making making; /* of create */
  int64_t access; /* enum luashm_access; -1: not given */
  int64_t offset; /* bytes */
  int64_t length; /* bytes; 0: to the end */
  bool reserve;   /* of create */
  /* For names that begin with Wine\\: the prefix; is the name held? */
  struct luashm_bytes wine; /* none: not given */
  int64_t hold;             /* -1: not given; 0, 1 */
};

/* The language of a text. EITHER: C++ if it contains what only C++ has, else
   C. */
enum __attribute__((enum_extensibility(closed))) luashm_language {
  LUASHM_EITHER,
  LUASHM_C,
  LUASHM_CPP
};

/* The options of shm.layout. */
struct luashm_layout_options {
  uint32_t abi;              /* enum cshm_abi */
  enum luashm_language language;
  bool big_endian;           /* the byte order of the text's numbers */
  bool any_compiler;         /* asks any installed compiler */
  struct luashm_bytes type;  /* none: the last struct or union of the text */
  struct luashm_bytes file;  /* none: a text was given */
  struct luashm_bytes compiler; /* its name; none: see any_compiler */
  /* Items that each end with a NUL: folders; "N=4", or "!N" for undefined. */
  struct luashm_bytes folders, macros;
};

enum { LUASHM_MOST_VALUES = 8 };

/* How a named object is made or opened, with defaults filled in. */
struct luashm_named_options {
  struct luashm_making making;
  uint32_t kind;   /* the kind's */
  uint32_t rights; /* for opening: CSHM_MAY_WAIT, CSHM_MAY_MODIFY */
  int64_t values[LUASHM_MOST_VALUES]; /* for making, in its kind's order */
  /* Of kinds that are followed: where this reader begins, a sequence or one of
     CSHM_FROM_NEXT and so on; does it want to be told of losses? */
  int64_t from;
  bool strict;
};

/* A named object that the host has opened. */
struct luashm_named {
  const void *plain; /* struct cshm_named, the host's, until it is closed */
  uint64_t key;      /* the host's number for the handle; never 0 */
};

/* The same as Win32's MAXIMUM_WAIT_OBJECTS. */
enum { LUASHM_MOST_WAITED = 64 };

/* A wait for one of several objects, or for all at once. */
struct luashm_named_wait {
  const uint64_t *keys; /* 0: the next of the conditions stands there */
  int32_t count;
  const struct cshm_condition *conditions;
  int32_t condition_count;
  bool all;
  int64_t nanoseconds; /* negative: for ever */
  /* Asked after each sleep, all of which are short: shall the wait end? */
  bool (*should_stop)(const void *waiting);
  const void *waiting;
  int32_t outcome, index; /* enum cshm_outcome; from 0 */
};

/* An operation on a ring of messages, and what came of it. */
struct luashm_ring_call {
  enum __attribute__((enum_extensibility(closed))) luashm_ring_act {
    LUASHM_RING_PUSH,
    LUASHM_RING_POP,
    LUASHM_RING_TAKE,
    LUASHM_RING_PEEK,
    LUASHM_RING_DRAIN,
    LUASHM_RING_PUBLISH,
    LUASHM_RING_NEXT,
    LUASHM_RING_NEWEST
  } act;
  const char *word;                     /* for messages: "pop" */
  const struct cops_message *messages;  /* push */
  unsigned char *room; /* pop, take, peek: each behind struct cops_popped */
  uint64_t capacity;
  uint32_t count; /* push: messages; pop: the most that are wanted */
  int64_t nanoseconds; /* negative: for ever */
  uint64_t time; /* publish: when it is, in nanoseconds; 0: look */
  bool continues; /* a further step of a call that goes by steps */
  bool (*should_stop)(const void *waiting);
  const void *waiting;
  /* The outcome; messages may have moved whatever it is. */
  int32_t outcome; /* enum cshm_outcome */
  uint32_t moved;  /* at first 0; of all that is tried with this call */
  uint64_t filled; /* bytes of the room; too small: that are needed */
  bool too_small;
  bool is_cut; /* pop: perhaps there were more than the room has room for */
  uint64_t token; /* take: for done and giving back; publish: a sequence */
  uint32_t tries;
  struct cops_broadcast_call *reading; /* next, newest: what was read */
};

enum { LUASHM_PATH = 4096 };

/* In which form a text from anywhere is shown. */
enum __attribute__((enum_extensibility(closed))) luashm_manner {
  LUASHM_LINE,  /* as a part of one line */
  LUASHM_LINES, /* line ends and tabs stay */
  LUASHM_QUOTED /* as between the double quotes of a Lua string */
};

/* The most bytes that one byte can become. */
enum { LUASHM_GROWTH = 4 };

/* Writes the text, in a form that may reach a terminal, into a buffer of
   LUASHM_GROWTH times its length. Returns how many bytes it wrote: UTF-8
   without a NUL. */
typedef size_t luashm_shower(struct luashm_bytes text,
                             enum luashm_manner manner, char *buffer);

/* For big strings: pace.c. */
struct luashm_pace {
  size_t made;  /* bytes of them since the collector last looked */
  size_t limit; /* bytes of the state that make it look at all of it */
};

/* The host's functions. Each that returns an int32_t returns 0, or the code
   that is in the failure, unless noted. */
struct luashm_host {
  void *context;
  struct luashm_world *world; /* performs operations; NULL: real memory */
  int32_t (*create)(void *context, struct luashm_bytes name, int64_t size,
                    const struct luashm_options *, struct luashm_handle *,
                    bool *existed, struct luashm_failure *);
  int32_t (*open)(void *context, struct luashm_bytes name,
                  const struct luashm_options *, struct luashm_handle *,
                  struct luashm_failure *);
  int32_t (*map)(void *context, uint64_t key, const struct luashm_options *,
                 struct luashm_handle *, struct luashm_failure *);
  /* Fills in device and inode, so that two views can be compared: do they
     belong to one object? Leaves them 0 if the system does not say. */
  void (*identify)(void *context, struct luashm_handle *);
  void (*named_identify)(void *context, struct luashm_handle *);
  /* Unmaps and closes. Not 0: a stranger had removed the name; it is closed all
     the same. */
  int32_t (*close)(void *context, uint64_t key, struct luashm_failure *);
  /* Does the name still exist, and is the memory still there? */
  int32_t (*check)(void *context, uint64_t key, struct luashm_failure *);
  int32_t (*unlink)(void *context, struct luashm_bytes name,
                    struct luashm_failure *);
  /* Gives a view's object a name under Wine; the new view holds the name. */
  int32_t (*offer)(void *context, uint64_t key, struct luashm_bytes name,
                   const struct luashm_options *, struct luashm_handle *,
                   struct luashm_failure *);
  /* Writes a name's file into a buffer of LUASHM_PATH bytes. */
  int32_t (*path)(void *context, struct luashm_bytes name, char *path,
                  size_t *length, struct luashm_failure *);
  /* Reads a key from the terminal, or a byte of standard input; -1: the end. */
  int32_t (*getch)(void *context);
  /* Shows a text until the user has seen it. */
  void (*message_box)(void *context, struct luashm_bytes text,
                      struct luashm_bytes title);
  luashm_shower *show;
  /* ---- named objects that can be waited for ---- */
  int32_t (*named_create)(void *context, struct luashm_bytes name,
                          const struct luashm_named_options *,
                          struct luashm_named *, bool *existed,
                          struct luashm_failure *);
  int32_t (*named_open)(void *context, struct luashm_bytes name,
                        const struct luashm_named_options *,
                        struct luashm_named *, struct luashm_failure *);
  /* Not 0: a stranger had removed the name, as for close. */
  int32_t (*named_close)(void *context, uint64_t key, struct luashm_failure *);
  /* As for check of views: 999 or 2. */
  int32_t (*named_check)(void *context, uint64_t key, struct luashm_failure *);
  int32_t (*named_wait)(void *context, struct luashm_named_wait *,
                        struct luashm_failure *);
  /* An operation of the object's kind, "event:set", with a number, where the
     fast path of CShmNamed.h has not decided. */
  int32_t (*named_act)(void *context, uint64_t key, const char *verb,
                       int64_t number, int64_t *result,
                       struct luashm_failure *);
  int32_t (*named_ring)(void *context, uint64_t key, struct luashm_ring_call *,
                        struct luashm_failure *);
  /* ---- names, for the prompt ---- */
  /* names: the living objects as "type:name", each with a NUL behind it.
     holders: who holds an object, as one line; 0: unknown. Each writes at most
     `capacity` bytes and returns how many. */
  size_t (*names)(void *context, char *buffer, size_t capacity);
  size_t (*holders)(void *context, struct luashm_bytes name, char *buffer,
                    size_t capacity);
  /* ---- what lives, for scripts ---- */
  /* Rows of fields, as census.c reads them: the objects, or who holds one.
     Each writes at most `capacity` bytes; *length: how many there are. */
  int32_t (*list)(void *context, bool posix, char *buffer, size_t capacity,
                  size_t *length, struct luashm_failure *);
  int32_t (*who)(void *context, struct luashm_bytes name, char *buffer,
                 size_t capacity, size_t *length, struct luashm_failure *);
  /* A process's descriptor, pidfd_open(2). */
  int32_t (*open_process)(void *context, int64_t number, int32_t *descriptor,
                          struct luashm_failure *);
  void (*close_process)(void *context, int32_t descriptor);
  /* ---- layouts ---- */
  /* Parses declarations; the image (CShmLayout.h) is kept under a key. */
  int32_t (*layout)(void *context, struct luashm_bytes text,
                    const struct luashm_layout_options *, uint64_t *key,
                    size_t *length, struct luashm_failure *);
  /* Copies the image into a buffer (NULL: nowhere) and forgets it. */
  void (*layout_take)(void *context, uint64_t key, void *buffer);
  /* ---- bundled modules ---- */
  /* The text of a Lua module inside the binary; NULL: there is none. */
  struct luashm_bytes (*module)(void *context, struct luashm_bytes name);
  /* ---- C's own ---- */
  struct luashm_pace pace;
};

/* ---- running a program: program.c ---- */

/* What runs before the script; the first byte of each step's text. */
enum luashm_step {
  LUASHM_TEXT_STEP = 'e',    /* -e: a text to run */
  LUASHM_MODULE_STEP = 'l',  /* -l: "module" or "global=module" */
  LUASHM_WARNINGS_STEP = 'W' /* -W: warnings are shown from here on */
};

struct luashm_program {
  int count; /* of the arguments */
  char *const *arguments;
  int script;          /* index of the script's name; 0: none */
  const void *text;    /* its text, in place of its file; or NULL */
  size_t text_length;
  char *const *steps;  /* in order; NULL at the end */
  bool version;        /* print Lua's version first */
  bool environment;    /* use LUA_INIT, LUA_PATH, LUA_CPATH */
  bool lines;          /* at last read standard input line by line: -i */
  bool standard_input; /* run standard input after the steps */
};

enum luashm_end {
  LUASHM_RAN,         /* lua would end with status 0 */
  LUASHM_ENDED_BADLY, /* standard error says how */
  LUASHM_STOPPED      /* SIGINT stopped a bundled text; nothing is printed */
};

/* Opens the libraries and the modules "shm" and "console" (also as globals)
   over the host, runs the program, and reports an error with its traceback on
   standard error. SIGINT stops the program. Never raises. */
enum luashm_end luashm_run(struct lua_State *, struct luashm_host *,
                           const struct luashm_program *);

/* arguments.c: the process's arguments, beginning with its name; works without
   /proc. */
char *const *luashm_arguments(int *argument_count);

/* From so many bytes on a block is a mapping of its own: memory.c. */
#define LUASHM_BIG ((size_t)128 << 10)

/* A state with an allocator that keeps some of what is freed: memory.c. The
   memory goes after the state is closed. NULL: memory ran out. */
struct luashm_memory;
struct lua_State *luashm_new_state(struct luashm_memory **);
void luashm_free_memory(struct luashm_memory *);

/* For embedders and tests: the same opening, then one chunk of text. False:
   *message is the error's text, malloc'ed, the caller frees it. */
bool luashm_open(struct lua_State *, struct luashm_host *);
bool luashm_do(struct lua_State *, const char *text, size_t length,
               const char *name, char **message);

/* "$LuaVersion: Lua 5.4.4 …$…": of the loaded library, not of the header that
   this was compiled with. */
const char *luashm_lua_ident(void);

/* ---- bundled modules: modules.c ---- */

/* Makes require(name) compile and run the text, which must stay until then.
   Never raises. False: memory ran out. */
bool luashm_preload(struct lua_State *, const char *name, const char *text,
                    size_t length);

/* ---- the module for another lua: entry.c ---- */

/* What require "shm" calls for shm.so. */
int luaopen_shm(struct lua_State *);

/* Swift's part of that: the first fills in the record, the second ends the host
   behind it. */
void luashm_module_begin(struct luashm_host *);
bool luashm_module_end(struct luashm_host *);

#include "CLuaShmModel.h"
#include "CLuaShmPlay.h"
#include "CLuaShmTurns.h"
#include "CLuaShmPieces.h"
#include "CLuaShmPrompt.h"
#include "CLuaShmStack.h"
#include "CLuaShmWaitables.h"

#endif
