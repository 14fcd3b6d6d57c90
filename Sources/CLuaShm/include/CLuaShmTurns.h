/*
 * Turns: the actors of a play go one step at a time, in the order that a
 * schedule gives; for `moonpool replay`.
 *
 * A step is one operation on memory, names or waits, a wake-up, or the end of
 * an actor. Whoever comes to its next step chooses who goes on, so that between
 * two steps of one actor no process is switched; what an actor computes between
 * two steps belongs to the first of them. A wait looks once: if it would wait,
 * its actor cannot move until something has changed. Who sleeps on a cell is
 * woken by a wake only, first in, first out. Time stands still, but for sleeps
 * and time-outs.
 *
 * Behind the schedule's end, the first actor in the order of declaration that
 * can move goes on. What only repeats its reads while nobody changes anything
 * comes after all others.
 *
 * The conductor has the turn while a process begins, ends or is killed, and
 * when nobody can go on. Whoever has the turn writes the memory's words.
 */
#ifndef CLUASHM_TURNS_H
#define CLUASHM_TURNS_H

#include "CLuaShm.h"
#include "CLuaShmPlay.h"

enum { LUASHM_MOST_STEPS = 10000, LUASHM_MOST_MODELS = 256, LUASHM_WHY = 240,
       LUASHM_RECENT = 64 };

/* Who has the turn: a part's number, 0 being the director, who looks at what
   always holds; or the conductor. */
enum { LUASHM_CONDUCTOR = 0xFFFF };

/* An element of a schedule; or how the turn was given. */
enum luashm_move {
  LUASHM_NO_MOVE,
  LUASHM_STEPS,
  LUASHM_TIMES_OUT, /* its wait or sleep ends early */
  LUASHM_CHOOSES,   /* the alternative that its next `any` takes; or that its
                       copy goes word by word, up (1) or down (2) */
  LUASHM_DIES,
  LUASHM_BEGINS     /* given only: until its first step */
};

struct luashm_scheduled {
  uint32_t move; /* enum luashm_move */
  uint32_t part;
  uint32_t choice; /* from 1 */
};

/* Where an actor is. */
enum luashm_seating {
  LUASHM_AWAY,    /* it has not begun, or is over */
  LUASHM_AT_STEP, /* it has come to an operation, or to its end */
  LUASHM_SLEEPS,  /* on a cell */
  LUASHM_WOKEN
};

struct luashm_seat {
  uint32_t given;    /* enum luashm_move, for the one who waits; a futex */
  uint32_t seating;  /* enum luashm_seating */
  uint32_t copies;   /* it has come to a copy that can go word by word */
  uint32_t way;      /* which way that goes */
  uint32_t reads;    /* steps in a row like recent ones, and nothing changed */
  char verb[32];     /* of the operation that it has come to; "end" */
  uint64_t seen;     /* the number of changes at its last step */
  uint64_t stuck_at; /* 1 + the number at which it could not move */
  int64_t due;       /* when its wait times out; INT64_MAX: never */
  uint64_t device, inode, at; /* the word on which it sleeps */
  uint64_t slept;             /* the number of its sleep, for the order */
  /* Hashes of its last steps, what they answered included: a ring. */
  uint32_t recent[LUASHM_RECENT];
  uint32_t next_recent;
};

/* What the rules say of a named object: NamedRules on a word of its own, whose
   marks name parts. */
struct luashm_model {
  uint64_t device, inode;
  uint64_t state;
  uint32_t kind, limit;
  uint32_t depth;
  uint32_t is_unsure; /* what the object is in has to be looked up; while
                         somebody has it, nobody judges */
  uint32_t shelf; /* of a ring: where its model lies, from 1; 0: nowhere yet */
  uint32_t is_new; /* of a ring: nothing lies there, nor did anything */
};

/* What the rules say of a ring: `length` words in a form of the judge's. */
enum { LUASHM_MOST_SHELVES = 64, LUASHM_SHELF = 8191 };

struct luashm_shelf {
  uint64_t length;
  uint64_t words[LUASHM_SHELF];
};

/* Arrays of this size are none that Swift imports. */
static inline uint64_t *luashm_shelf_words(struct luashm_shelf *shelf) {
  return shelf->words;
}

/* An operation on a ring, as it was before it was performed. */
struct luashm_asked {
  struct luashm_ring_call ring;
  uint64_t sequence; /* of a reader: what it expects */
  uint64_t owed;     /* what it was sent to, and was gone already */
  bool is_strict;
};

/* Why nobody goes on. */
enum luashm_halt {
  LUASHM_GOES_ON,
  LUASHM_IS_STUCK,
  LUASHM_IS_ENDLESS, /* LUASHM_MOST_STEPS were taken */
  LUASHM_DIVERGES, /* a step cannot be taken: `why` */
  LUASHM_DIFFERS   /* an object of ours did what its rules do not say: `why` */
};

struct luashm_turns {
  uint32_t goes_by_turns; /* 0: everybody goes freely */
  uint32_t holder;        /* of the turn */
  uint32_t is_beginning;  /* the turn goes back to the conductor */
  uint32_t watches;       /* the director looks after each step */
  uint32_t watch_is_due;
  uint32_t halt;          /* enum luashm_halt */
  uint32_t halted;        /* the part whose step it was */
  uint32_t is_scheduled;  /* the turn was given by the schedule */
  uint32_t random; /* not 0: behind the schedule anybody goes who can move */
  uint32_t count, position;
  uint64_t steps;   /* that were taken */
  uint64_t changes; /* of memory, names or processes */
  uint64_t sleeps;
  uint32_t shelves; /* that are taken */
  int64_t time; /* nanoseconds */
  char why[LUASHM_WHY];
  struct luashm_seat seats[LUASHM_PARTS];
  struct luashm_model models[LUASHM_MOST_MODELS];
};

/* Follows the logs of the play's memory, and is followed by the schedule, of
   LUASHM_MOST_STEPS. */
struct luashm_turns *luashm_turns(struct luashm_play *);

static inline struct luashm_scheduled *
luashm_schedule(struct luashm_turns *turns) {
  return (struct luashm_scheduled *)(void *)(turns + 1);
}

/* Behind the schedule; from 1. */
static inline struct luashm_shelf *luashm_shelf(struct luashm_turns *turns,
                                                uint32_t number) {
  return (struct luashm_shelf *)(void *)(luashm_schedule(turns) +
                                         LUASHM_MOST_STEPS) +
         (number - 1);
}

/* The sequence of the message that a reader of a ring expects. */
uint64_t luashm_reader_expects(struct luashm_object);

/* Whoever has the turn gives it to the next: by the schedule, or behind it; to
   the conductor where it has to do something. Returns the new holder. */
uint32_t luashm_pass_turn(struct luashm_play *);

/* Gives the turn to a part. */
void luashm_give_turn(struct luashm_play *, uint32_t part, enum luashm_move);

/* Does it repeat its reads while nobody changes anything? */
bool luashm_only_reads(const struct luashm_turns *, const struct luashm_seat *);

/* Numbers of processes in replays, so that a run is like another: the part's
   behind a hundred. */
enum { LUASHM_FIRST_NUMBER = 100 };

/* Compares what an object of ours did with its rules; false: they differ, and
   `why` says how. Set by whoever conducts; called in parts' processes after
   each operation on named objects. `models`: one for each of its objects; of
   one that is made, or opened, that one. */
typedef bool luashm_judge(const struct luashm_operation *,
                          const struct luashm_asked *,
                          struct luashm_model *const models[], int count,
                          int part, struct luashm_play *);
void luashm_set_judge(luashm_judge *);
void luashm_differ(struct luashm_play *, uint32_t part, const char *why);

/* The outcome in words that are the same in each run: "done 5", "timed out";
   for traces. */
void luashm_outcome(const struct luashm_operation *, char *buffer,
                    size_t size);

#endif
