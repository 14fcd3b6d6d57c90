/*
 * Worlds: who performs a script's operations.
 *
 * Every operation that touches shared memory, names or waits is a record that
 * is given to one function, luashm_perform (World/perform.c). A world performs
 * it: either none, which means the real memory, or one that the host names, for
 * example the heard one, which tells a listener and lets another world perform.
 * Without a world, numbers, cells, and reads and writes of bytes are performed
 * in line; then a script only pays for that branch.
 *
 * A binding checks its arguments, fills in the record and has it performed. The
 * world fills in the outcome; it neither raises nor touches the Lua stack. Only
 * then does the binding push its results, or raise.
 *
 * How a call travels, with view:u32(8) as the example, while somebody listens:
 *
 *   Views/scalars.c   Is the userdata a view, by its mark? Is its entry in the
 *                     table of handles open, and are 4 bytes at 8 inside of it?
 *                     Without a world it would load and push them here. Now it
 *                     fills in a record: LOAD, a u32, its view, at 8, 4 bytes.
 *   World/perform.c   luashm_perform finds the world in the view's entry (for
 *                     names, in the host) and lets it perform the record.
 *   World/heard.c     telling.c turns the record into the script's call; the
 *                     listener hears it; then the inner world performs.
 *   World/real.c      Is the view still open? real-views.c loads, with the
 *                     functions of CShm and COperations that both languages
 *                     share, and writes result and answer into the record. For
 *                     names, and to wait for named objects, it asks the host,
 *                     which is Swift.
 *   World/heard.c     The listener hears the answer.
 *   World/perform.c   If the memory is gone, or the view was closed meanwhile,
 *                     the error is raised here, as no world is on the stack
 * now. Views/scalars.c   Pushes the number.
 *
 * An operation that waits has `tries`, which makes it look only once, so that a
 * world may wait in its own way. And a world may leave the C stack before it
 * performs (stack.c, CLuaShmStack.h) and return when a scheduler says so:
 * "later".
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
struct luashm_ring_call;
struct luashm_stage;
struct luashm_waiting;
struct luashm_world;

/* The bytes of a Lua string; NULL: none was given. The host does not keep
   them. */
struct luashm_bytes {
  const char *data;
  size_t length;
};

/* Why the world refused: filled in by the host, pushed by C. */
struct luashm_failure {
  int32_t code; /* the Win32 error number */
  char message[1024];
};

/* ---- the table of handles: World/handles.c ----
 *
 * Userdata are plain data that never change. They name their resource by an
 * index in this table and by the generation that the entry had when they were
 * made. Closing raises the generation, so that every userdata which names the
 * entry is closed from then on, whoever gets the entry next. The table belongs
 * to the process, and its entries never move.
 */

struct luashm_object {
  uint32_t index;      /* 0: none, and closed */
  uint32_t generation; /* at least 1 */
};

enum luashm_access { LUASHM_READ_WRITE, LUASHM_READ, LUASHM_COPY };

enum { LUASHM_SPINNERS = 4 };

/* An open view. Everything that an in-line access needs comes first, in one
   cache line. For a named object `base` is its struct cshm_named and `access`
   what may be done in line; for a guard `place` is the number that
   cshm_generation returned when it locked. */
struct luashm_handle {
  unsigned char *base; /* NULL: closed, or not open yet */
  size_t size;         /* bytes that may be touched */
  const void *guard;   /* struct cshm_window: is the memory gone? */
  struct luashm_world *world; /* performs its operations; NULL: none */
  int64_t access;             /* enum luashm_access */
  uint32_t generation;        /* of those that may use the entry */
  uint32_t next_free;         /* if nobody has the entry */
  uint64_t key;               /* the host's number; 0: a draft, private */
  struct luashm_host *host;   /* the host that gave the number */
  void *block;                /* a draft's: memory of the state, */
  union {
    uint64_t block_size; /* of this size */
    uint64_t place;      /* a view's: its offset in the object */
  };
  uint64_t device, inode; /* of the object's file, after identify */
  /* Whether spinning pays before a wait. Each word uses one of these. */
  struct cshm_spinner spinners[LUASHM_SPINNERS];
};

/* The table's image, which belongs to an image of a Lua state: its size in
   bytes, saving it, and restoring the table as it was. No other thread may use
   the table meanwhile, and no real handle may be opened or closed between the
   two. */
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

/* The type of number that LUASHM_OP_LOAD and LUASHM_OP_STORE move. */
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
  LUASHM_ANSWER_TIMED_OUT,   /* of a wait */
  LUASHM_ANSWER_REFUSED,     /* the failure says why */
  LUASHM_ANSWER_GONE,        /* the memory was lost */
  LUASHM_ANSWER_CLOSED,      /* the object is no longer open */
  LUASHM_ANSWER_INTERRUPTED, /* Ctrl-C ended a wait */
  LUASHM_ANSWER_UNREADABLE   /* unpack failed: see `problem` */
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
  uint16_t type; /* enum luashm_scalar; or the size in bytes of a text's unit or
                    of a cell's word */
  bool tries;    /* of a wait: look once, do not sleep */
  /* For named objects: the kind's number, and the index of the operation among
     the kind's (struct luashm_waitable, `acts`). */
  uint8_t waitable, act;
  struct luashm_object object; /* none: for names and the console */
  struct luashm_object made;   /* if it makes an object: the entry to fill */
  struct luashm_object source; /* copy: the source */
  uint64_t at, length;         /* bytes of the object */
  /* `a`: what is stored, a byte to fill with, a cell's operand, what a wait
     expects, how many to wake, the first sequence word, the offset in the
     source. `b`: what a cas expects, the last sequence word or -1. */
  int64_t a, b;
  int64_t timeout;      /* nanoseconds, of a wait; INT64_MAX: for ever */
  double seconds;       /* the same as the script gave it; -1: none */
  unsigned char *bytes; /* what to write, or where to put what is read */
  size_t room;          /* size of `bytes`, for texts and unpack */
  struct luashm_bytes text; /* a name, a box's title, pack's format, or
                               what find searches for */
  const struct luashm_options *options; /* of create, open and map */
  const struct luashm_named_options *named; /* of what can be waited for */
  const struct luashm_object *several; /* of shm.wait: `length` of them, or more
                                          than may be; for all at once: b */
  const struct luashm_condition *conditions; /* as many, of what is no object */
  struct luashm_waiting *waiting; /* of what waits; filled in when it sleeps */
  struct luashm_ring_call *ring;  /* of rings: what goes in or out */
  /* Of a record: it, its field (NULL: all of it), and what is to be written. */
  const struct luashm_record *record;
  const struct luashm_member *member;
  const struct luashm_stage *stage;

  /* Filled in by luashm_ask. */
  struct lua_State *state; /* for luashm_where, and to check for Ctrl-C */
  struct luashm_host *host;
  int subject; /* the object's stack index, for messages */

  /* The outcome. */
  enum luashm_answer answer;
  struct luashm_failure *failure; /* of REFUSED */
  const char *misuse; /* raised, whatever the answer is; NULL: it is none */
  /* Of a load the bits; of a cell's the word from before; of what reads a text
     its bytes; of find the offset, or -1; how many were woken; of unpack the
     end; of a wait the place in the list, from 1; of a kind's own operation
     what that says; of now nanoseconds. */
  int64_t result;
  /* create: it existed; getch: there was a key; cas: it swapped; a wait: it
     succeeded; a draft: it is torn; a snapshot that timed out: the record kept
     changing. Otherwise true. */
  bool holds;
  int problem; /* enum luashm_problem, if UNREADABLE */
  int outcome; /* of an acquisition: enum cshm_outcome */
};

struct luashm_world {
  void *context;
  /* Does it decide between two steps who goes on? Then what others can see in
     the midst of, such as a batch of messages, is several operations. NULL: it
     never does. */
  bool (*goes_by_steps)(void);
  void (*perform)(void *context, struct luashm_operation *);
};

/* Performs it on the real memory; for worlds that decorate the real one. */
void luashm_perform_real(struct luashm_operation *);

/* What a script calls to have it performed, "view:u32", "event:set"; static. */
const char *luashm_verb(const struct luashm_operation *);

/* ---- listening: World/heard.c, World/telling.c ---- */

/* What a listener is told that an operation is. */
enum __attribute__((enum_extensibility(closed))) luashm_kind {
  LUASHM_CREATE,
  LUASHM_OPEN,
  LUASHM_MAP,
  LUASHM_WRITE,
  LUASHM_GET, /* view:read with a length */
  LUASHM_TEXT, /* view:read without a length */
  LUASHM_CLOSE,
  LUASHM_CHECK,
  LUASHM_UNLINK,
  LUASHM_GETCH,
  LUASHM_MESSAGE_BOX,
  /* From here on a call has a verb and arguments. */
  LUASHM_LOAD,    /* typed reads: view:u32, view:unpack, record.field … */
  LUASHM_STORE,   /* typed writes */
  LUASHM_ATOMIC,  /* reads and writes at once */
  LUASHM_WAIT,    /* cell:wait */
  LUASHM_WAKE,    /* cell:wake */
  LUASHM_CREATE_OTHER, /* named objects */
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

/* An operation as the script's call, for a listener that shows it. */
struct luashm_call {
  enum luashm_kind kind;
  uint32_t waitable;        /* for named objects: the kind's number */
  struct luashm_bytes name; /* the object's, as it was written */
  uint64_t key;             /* the view's; 0 before there is one */
  uint64_t offset, length;  /* bytes */
  struct luashm_bytes data; /* written or shown */
  const struct luashm_options *options; /* create, open, map; else NULL */
  const struct luashm_named_options *named; /* the same of named objects */
  struct lua_State *state;  /* for luashm_where only */
  const char *verb;         /* "view:u32"; static */
  int64_t arguments[LUASHM_ARGUMENTS]; /* integers as the script gave them */
  int64_t argument_count;
  bool is_cut; /* there are more arguments than are told */
  double timeout; /* seconds, of what waits; below 0: none was given */
  int64_t result; /* after it, if that is an integer */
  /* A record's field that is no integer: a float's text, or a text's bytes; or
     a message that is a string; NULL: none of them. */
  struct luashm_bytes value;
  bool is_text;
};

struct luashm_listener {
  void *context;
  void (*before)(void *context, const struct luashm_call *);
  /* code: 0, the failure's number, or -1 if an error about misuse follows;
     holds: as in the operation. */
  void (*after)(void *context, const struct luashm_call *, int32_t code,
                bool holds);
};

/* A world that tells the listener before and after another one performs; NULL:
   the real one. Both must outlive it. */
struct luashm_heard {
  struct luashm_world world;
  const struct luashm_listener *listener;
  struct luashm_world *inner;
};

void luashm_hear(struct luashm_heard *, const struct luashm_listener *,
                 struct luashm_world *inner);

/* The place of the Lua function that called, "first.lua:12"; "": there is none.
   A listener may call it: it neither raises nor allocates. */
void luashm_where(const struct luashm_call *, char *buffer, size_t size);

#endif
