/*
 * Actors of a model: the processes of a scenario inside of one process, for
 * `moonpool explore`. Sources/CLuaShm/Models.
 *
 * An actor is an arena at a fixed address: this record, a Lua state whose
 * memory is nowhere else, and a C stack of its own (CLuaShmStack.h). It runs
 * until it asks for something that other actors can see; then it stands, and
 * whoever explores decides who goes on. While all stand, an actor is plain
 * bytes: an image of it can be put back as often as one likes.
 *
 * What was there when the file was loaded (the words, the libraries) hardly
 * ever changes. Its pages are write-protected then, and become part of images
 * one by one, when they are written for the first time.
 */
#ifndef CLUASHM_MODEL_H
#define CLUASHM_MODEL_H

#include "CLuaShmPlay.h"
#include "CLuaShmStack.h"
#include "CLuaShmWorld.h"

#include <CShmBroadcasts.h>
#include <CShmRings.h>

enum luashm_request {
  LUASHM_ASKS_NOTHING,     /* it has not begun, or runs */
  LUASHM_ASKS_TO_START,    /* of an actor: the file is loaded */
  LUASHM_ASKS_TO_PERFORM,  /* `operation`, whose outcome it wants */
  LUASHM_ASKS_TO_CHOOSE,   /* one of `count`: `answer`, from 1 */
  LUASHM_ASKS_TO_END,      /* of an actor: its function has returned */
  LUASHM_ASKS_WHO_LIVES,   /* the part `count`: `answer`, 0 or 1 */
  LUASHM_ASKS_TO_BE_ORDERED, /* it passes a mark whose order is expected;
                                `count` is 1: it calls one of a history */
  LUASHM_ASKS_TO_GATHER,   /* of the director: the actors are to load */
  LUASHM_ASKS_TO_BEGIN,    /* of the director: `answer` is 1: the properties
                              that always hold are to be looked at; 0: all
                              actors have ended */
  LUASHM_ASKS_FOR_NOTHING_MORE /* it has ended, with `status` */
};

enum { LUASHM_ARENA_LISTS = 128, LUASHM_MOST_HOT = 1024 };

struct luashm_ensemble;

/* At the beginning of its arena. */
struct luashm_actor {
  enum luashm_request request;
  int32_t part; /* 0: the director */
  int32_t count, answer;
  int32_t status;
  bool watches, finishes; /* of the director: is anything looked at between
                             steps, and at the end? */
  bool asked_time;        /* since it was last continued */
  bool looks_inside; /* by debug: it may have put something anywhere */
  enum luashm_rule_of_model {
    LUASHM_MODEL_ACTS,
    LUASHM_MODEL_DECLARES,
    LUASHM_MODEL_WATCHES
  } rule;
  struct luashm_operation *operation;
  struct luashm_ensemble *model;
  struct lua_State *state;
  struct luashm_stack stack;
  struct luashm_world world;
  struct luashm_host *host;
  /* The allocator. */
  size_t used;   /* bytes from the arena's beginning */
  size_t sealed; /* the first that is not write-protected; 0: none is */
  uint32_t refusals; /* how often there was no room */
  void *lists[LUASHM_ARENA_LISTS];
};

/* What actors share, outside of all images. */
struct luashm_ensemble {
  struct luashm_stack scheduler;
  struct luashm_play *play; /* logs: luashm_tell */
  struct luashm_script script;
  struct luashm_actor *running; /* NULL: none */
  uint64_t turns;               /* how often somebody was continued */
  bool has_histories; /* the order of calls is looked at in the end */
  bool is_late; /* somebody has computed for a second without asking */
  char short_at[200]; /* where an actor asked for more memory than it has */
  uint32_t equal_parts; /* a bit for each actor that has equals */
  bool told_apart;      /* one of these asked what its equals are not told */
  char refusal[512]; /* what cannot be explored: "file:line: io.open …" */
  /* What was told; put back with the schedule by who explores. */
  uint32_t failures; /* of any kind */
  uint64_t order;    /* a hash of the marks whose order is expected */
  /* Of histories, sums: which calls have returned; and of each call, which had
     when it began. That is all that their order says. */
  uint64_t returned, called;
};

/* A module of the words, inside of the binary. */
struct luashm_model_module {
  const char *name, *text;
  size_t length;
};

/* Maps the arena, at `address` if that is free, makes the state in it, and
   compiles the file. `host` is copied, for what is no operation. NULL: *message
   says why, malloc'ed. */
struct luashm_actor *
luashm_actor_make(struct luashm_ensemble *, int part, void *address,
                  const struct luashm_host *host,
                  const struct luashm_model_module *modules, size_t count,
                  char **message);
void luashm_actor_free(struct luashm_actor *);

/* Looks once a second whether an actor computes without asking for anything:
   from luashm_actor_make on, and in a forked process, which has no timer of its
   parent's, when this is called. setitimer(2). */
void luashm_watch_computing(struct luashm_ensemble *);

/* The actor gets to know what tells it apart from its equals. */
void luashm_tell_apart(const struct luashm_actor *);

/* Continues the actor until it asks for something. */
void luashm_actor_run(struct luashm_actor *);

/* Whether its operation is none of those that others can see, in the order of
   the schedule: shm.now, shm.pid. */
bool luashm_is_no_step(const struct luashm_operation *);

/* Its operation's line of the file: "file:line", innermost in the script. */
void luashm_actor_place(const struct luashm_actor *, char *buffer, size_t size);

/* Of a director that stands before LUASHM_ASKS_TO_BEGIN: a hash of all that the
   functions which it watches with can remember: variables, tables, libraries,
   modules. What is equal may be told apart, as a table is its address; what may
   not be equal always is. What cannot be looked into (coroutines, whatever
   debug reaches) never has the same hash twice. */
uint64_t luashm_actor_variables(const struct luashm_actor *);

/* ---- images ---- */

struct luashm_actor_image {
  size_t capacity, size; /* of its bytes */
  size_t used, sealed, stack;
  uint32_t hot;
  unsigned char bytes[];
};

/* Of an actor that stands. `reused`: a former image, or NULL. NULL: no
   memory. */
struct luashm_actor_image *luashm_actor_save(const struct luashm_actor *,
                                       struct luashm_actor_image *reused);
void luashm_actor_put_back(struct luashm_actor *,
                           const struct luashm_actor_image *);
uint64_t luashm_actor_hash(const struct luashm_actor *);
/* Bytes of an image of it. */
size_t luashm_actor_size(const struct luashm_actor *);
/* Bytes that it can still allocate. */
size_t luashm_actor_room(const struct luashm_actor *);

/* ---- ---- */

/* A hash of bytes, with what came before. Never the same for other lengths. */
uint64_t luashm_digest(const void *bytes, size_t size, uint64_t before);

/* The entry of a handle, also of one that is not open yet. */
struct luashm_handle *luashm_model_handle(struct luashm_object);
void luashm_model_close_handle(struct luashm_object);

/* A handle of a ring: what the handle of a real one points to, as far as the
   bindings look at it. `push` and `pop` are no ring's ends: their positions say
   how many records there are, and how much room. Made in the actor's arena;
   NULL: it is full. */
struct luashm_model_ring {
  struct cshm_named named; /* the handle's base */
  struct cshm_ring ring;
  struct cshm_broadcast broadcast; /* where it reads is the handle's own */
  struct cshm_ring_end push, pop;
  struct cshm_publishers publishers;
  struct cshm_bounds bounds;
  uint64_t word;
  /* Of what is followed, for what tostring shows: the oldest record and the
     newest one, without bytes. */
  struct cshm_broadcast_record shown[2];
};
struct luashm_model_ring *luashm_model_ring_make(struct luashm_actor *,
                                                 const struct cshm_named *like);
void luashm_model_ring_end(struct luashm_actor *, struct luashm_model_ring *);
void luashm_model_ring_show(struct luashm_model_ring *, uint64_t oldest,
                            uint64_t newest);

/* The bytes that the operation reads and writes of its view, from the view's
   start; and of the view that a copy comes from. Possibly more than it does. */
struct luashm_touched {
  uint64_t at, length; /* of `object` */
  bool reads, writes;
  uint64_t words_at, words_length; /* sequence words, read and written */
  uint64_t source_at, source_length;
};
struct luashm_touched luashm_model_touches(const struct luashm_operation *);

/* A wait for a record: can it be copied now? */
bool luashm_model_is_torn(const struct luashm_operation *);

#endif
