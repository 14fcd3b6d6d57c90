/*
 * Worlds: who performs the operations of a script.
 *
 * Every operation that touches shared memory, names or waits is a record that
 * is given to one function, luashm_perform (World/perform.c). What performs it
 * is a world: none, which is the real memory, or one that the host names, such
 * as the heard one, which tells a listener and has another world perform.
 * With no world a number, a cell, a read and a write of bytes are performed in
 * line; that branch is all a script pays.
 *
 * A binding checks its arguments, fills in the record and performs it. The
 * world fills in the outcome; it neither raises nor touches the Lua stack.
 * Only then the binding pushes its results, or raises.
 *
 * How a call travels: view:u32(8), while somebody listens.
 *
 *   Views/scalars.c   is the userdata a view, by its mark? is its entry in the
 *                     table of handles open, are 4 bytes at 8 inside of it?
 *                     With no world it would load them here and push. Now it
 *                     fills in a record: LOAD, a u32, its view, at 8, 4 bytes.
 *   World/perform.c   luashm_perform finds the world in the view's entry, for
 *                     names in the host's, and has it perform the record.
 *   World/heard.c     telling.c says of the record what the script called; the
 *                     listener hears it; then the inner world performs.
 *   World/real.c      is the view still open? real-views.c loads, by what
 *                     CShm and COperations have for both languages, and writes
 *                     the result and the answer into the record. Of names and
 *                     of what waits for them it asks the host, which is Swift.
 *   World/heard.c     the listener hears the answer.
 *   World/perform.c   for memory that is gone, and what was closed meanwhile,
 *                     the error is raised here: no world is on the stack now.
 *   Views/scalars.c   pushes the number.
 *
 * What waits has `tries`, which only looks, so that a world may wait in its
 * own way; and a world may leave the C stack before it performs (stack.c,
 * CLuaShmStack.h) and come back when a scheduler says so: "later".
 */
#ifndef CLUASHM_WORLD_H
#define CLUASHM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <CShmConditions.h>
#include <CShmFutex.h>
#include <CShmNamed.h>

struct lua_State;
struct luashm_host;
struct luashm_member;
struct luashm_named_options;
struct luashm_options;
struct luashm_record;
struct luashm_stage;
struct luashm_waiting;
struct luashm_world;

/* Bytes of a Lua string; NULL where none was given. Not kept by the host. */
struct luashm_bytes {
  const char *data;
  size_t length;
};

/* Why the world said no: filled in by the host, pushed by C. */
struct luashm_failure {
  int32_t code; /* the Win32 number */
  char message[1024];
};

/* ---- the table of handles: World/handles.c ----
 *
 * Userdata are plain data that never change: they name what they stand for by
 * its place in this table and by the generation that the place had when they
 * were made. Closing raises the generation, so that every userdata which names
 * the place is closed from then on, whoever has it next. The table is the
 * process's, and its entries never move.
 */

struct luashm_object {
  uint32_t index;      /* 0: nothing, and closed */
  uint32_t generation; /* from 1 on */
};

enum luashm_access { LUASHM_READ_WRITE, LUASHM_READ, LUASHM_COPY };

enum { LUASHM_SPINNERS = 4 };

/* An open view. What an access in line needs comes first: one cache line. Of
   what can be waited for `base` is its struct cshm_named and `access` what may
   be done in line; of a guard `place` is cshm_generation's number
   when it locked. */
struct luashm_handle {
  unsigned char *base; /* NULL: closed, or not open yet */
  size_t size;         /* bytes that may be touched */
  const void *guard;   /* struct cshm_window: is its memory gone? */
  struct luashm_world *world; /* whose operations pass it; NULL: none */
  int64_t access;             /* enum luashm_access */
  uint32_t generation;        /* of who may use the entry */
  uint32_t next_free;         /* of an entry that nobody has */
  uint64_t key;               /* the host's number; 0: private, a draft's */
  struct luashm_host *host;   /* whose number */
  void *block;                /* of a draft: the state's memory, */
  union {
    uint64_t block_size; /* so many bytes */
    uint64_t place;      /* of a view: bytes before it in its object */
  };
  uint64_t device, inode; /* of the object's file, once identify was called */
  /* Whether it pays to spin before a wait: a word has one of them. */
  struct cshm_spinner spinners[LUASHM_SPINNERS];
};

/* The table's image, which goes with that of a Lua state: its bytes, a copy of
   it, and the table as it was then. No other thread may use the table
   meanwhile, and between the two no real handle is opened or closed. */
size_t luashm_table_size(void);
void luashm_save_table(void *image);
void luashm_restore_table(const void *image);

/* ---- operations ---- */

enum luashm_op {
#define OPERATION(id, verb, kind, waits) LUASHM_OP_##id,
#include "../World/operations.def"
#undef OPERATION
  LUASHM_OPS
};

/* The number that LUASHM_OP_LOAD and LUASHM_OP_STORE move. */
enum luashm_scalar {
  LUASHM_U8,
  LUASHM_I8,
  LUASHM_U16,
  LUASHM_I16,
  LUASHM_U32,
  LUASHM_I32,
  LUASHM_U64,
  LUASHM_I64,
  LUASHM_F32,
  LUASHM_F64
};

enum luashm_answer {
  LUASHM_ANSWER_DONE,
  LUASHM_ANSWER_TIMED_OUT,   /* of what waits */
  LUASHM_ANSWER_REFUSED,     /* the failure says why */
  LUASHM_ANSWER_GONE,        /* the memory was lost under it */
  LUASHM_ANSWER_CLOSED,      /* the object is not open any more */
  LUASHM_ANSWER_INTERRUPTED, /* of what waits, by Ctrl-C */
  LUASHM_ANSWER_UNREADABLE   /* of unpack: `problem` says why */
};

/* What shm.wait waits for at one place of its list. */
struct luashm_condition {
  enum luashm_condition_kind {
    LUASHM_TAKEN,   /* an object of a kind that can be waited for */
    LUASHM_CHANGED, /* a view's word is not `expected` any more */
    LUASHM_ENDED    /* a process has ended */
  } kind;
  uint32_t size;     /* of the word, in bytes */
  uint64_t at;       /* of the view's bytes */
  uint64_t expected;
};

/* One operation. All that it points to is private memory of the caller's and
   stays while it is performed. */
struct luashm_operation {
  uint16_t op;   /* enum luashm_op */
  uint16_t type; /* enum luashm_scalar; bytes of a text's unit, or of a cell's
                    word */
  bool tries;    /* of what waits: look once, do not sleep */
  /* Of what can be waited for: its kind's number, and which of the kind's
     operations (struct luashm_waitable, `acts`). */
  uint8_t waitable, act;
  struct luashm_object object; /* none: a name's, or the console's */
  struct luashm_object made;   /* of what makes one: the entry to fill */
  struct luashm_object source; /* of copy */
  uint64_t at, length;         /* bytes of the object */
  /* `a`: what is stored, a byte to fill with, a cell's operand, what a wait
     expects, how many a wake-up wakes, the first sequence word, the offset in
     the source. `b`: what a cas expects, the last sequence word or -1. */
  int64_t a, b;
  int64_t timeout;      /* nanoseconds, of what waits; INT64_MAX: for ever */
  double seconds;       /* the same as the script gave it; -1: not given */
  unsigned char *bytes; /* what is written; or where what is read goes */
  size_t room;          /* bytes there, of what reads a text or unpacks */
  struct luashm_bytes text; /* a name, a box's title, pack's format, what find
                               looks for */
  const struct luashm_options *options; /* of create, open and map */
  const struct luashm_named_options *named; /* of what can be waited for */
  const struct luashm_object *several; /* of shm.wait: `length` of them, or more
                                          than may be; for all at once: b */
  const struct luashm_condition *conditions; /* as many, of what is no object */
  struct luashm_waiting *waiting; /* of what waits; filled in when it sleeps */
  /* Of a record: it, its field (NULL: all of it), and what is to be written. */
  const struct luashm_record *record;
  const struct luashm_member *member;
  const struct luashm_stage *stage;

  /* The caller's, by luashm_ask. */
  struct lua_State *state; /* for luashm_where, and to ask for Ctrl-C */
  struct luashm_host *host;
  int subject; /* where on the stack the object is, for messages */

  /* The outcome. */
  enum luashm_answer answer;
  struct luashm_failure *failure; /* of REFUSED */
  const char *misuse; /* raised, whatever the answer is; NULL: it is none */
  /* Of a load the bits; of a cell's the word from before; of what reads a text
     its bytes; of find the offset, or -1; how many were woken; of unpack the
     end; of a wait the place in the list, from 1; of a kind's own operation
     what that says; of now nanoseconds. */
  int64_t result;
  /* Of create: it existed; of getch: there was a key; of cas: it swapped; of a
     wait: it came about; of a draft: it is torn; of a snapshot that timed out:
     it changed meanwhile. Otherwise true. */
  bool holds;
  int problem; /* enum luashm_problem, of UNREADABLE */
  int outcome; /* of what was acquired: enum cshm_outcome */
};

struct luashm_world {
  void *context;
  void (*perform)(void *context, struct luashm_operation *);
};

/* Performs it on the real memory: for worlds that decorate that. */
void luashm_perform_real(struct luashm_operation *);

/* "view:u32", "event:set": what a script calls to have it performed; static. */
const char *luashm_verb(const struct luashm_operation *);

/* ---- listening: World/heard.c, World/telling.c ---- */

/* What a listener is told that an operation is. */
enum __attribute__((enum_extensibility(closed))) luashm_kind {
  LUASHM_CREATE,
  LUASHM_OPEN,
  LUASHM_MAP,
  LUASHM_WRITE,
  LUASHM_GET, /* view:read with a length */
  LUASHM_TEXT, /* view:read without */
  LUASHM_CLOSE,
  LUASHM_CHECK,
  LUASHM_UNLINK,
  LUASHM_GETCH,
  LUASHM_MESSAGE_BOX,
  /* From here on the call has a verb and arguments. */
  LUASHM_LOAD,    /* typed reads: view:u32, view:unpack, record.field … */
  LUASHM_STORE,   /* typed writes */
  LUASHM_ATOMIC,  /* reads and writes in one */
  LUASHM_WAIT,    /* cell:wait */
  LUASHM_WAKE,    /* cell:wake */
  LUASHM_CREATE_OTHER, /* what can be waited for */
  LUASHM_OPEN_OTHER,
  LUASHM_CLOSE_OTHER,
  LUASHM_ACQUIRE, /* event:wait, mutex:lock, semaphore:acquire, shm.wait */
  LUASHM_RELEASE, /* event:set, event:reset, mutex:unlock … */
  LUASHM_OFFER,   /* shm.offer */
  LUASHM_SLEEP,   /* shm.sleep */
  LUASHM_ASK,     /* what changes nothing: shm.now, shm.pid */
  LUASHM_UNTOLD   /* no listener is told */
};

enum { LUASHM_ARGUMENTS = 4 };

/* An operation as the script's call, for who shows it. */
struct luashm_call {
  enum luashm_kind kind;
  uint32_t waitable;        /* of what can be waited for its kind's number */
  struct luashm_bytes name; /* the object's, as it was written */
  uint64_t key;             /* the view's; 0 before there is one */
  uint64_t offset, length;  /* bytes */
  struct luashm_bytes data; /* written or shown */
  const struct luashm_options *options; /* create, open, map; else NULL */
  struct lua_State *state;  /* for luashm_where only */
  const char *verb;         /* "view:u32"; static */
  int64_t arguments[LUASHM_ARGUMENTS]; /* integers as the script gave them */
  int64_t argument_count;
  double timeout; /* seconds, of what waits; below 0: none was given */
  int64_t result; /* when it is done, where it is an integer */
  /* Of a record's field what is no integer: a float's text, or a text's bytes;
     NULL: neither. */
  struct luashm_bytes value;
  bool is_text;
};

struct luashm_listener {
  void *context;
  void (*before)(void *context, const struct luashm_call *);
  /* code: 0, the failure's number, or -1 for misuse that is raised next;
     holds: as of the operation. */
  void (*after)(void *context, const struct luashm_call *, int32_t code,
                bool holds);
};

/* The world that tells the listener before and after another one performs;
   NULL: the real one. Both have to outlive it. */
struct luashm_heard {
  struct luashm_world world;
  const struct luashm_listener *listener;
  struct luashm_world *inner;
};

void luashm_hear(struct luashm_heard *, const struct luashm_listener *,
                 struct luashm_world *inner);

/* "first.lua:12" of the Lua function that called; "" if there is none. May be
   called by a listener: it neither raises nor allocates. */
void luashm_where(const struct luashm_call *, char *buffer, size_t size);

#endif
