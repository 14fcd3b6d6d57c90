/*
 * Plays: one scenario with several real processes, for `moonpool play`.
 *
 * The conductor is Swift and has no Lua that runs. It has a Lua state in which
 * the file is compiled and nothing of it has run; each process of a run is a
 * fork of that, and plays one part: part 0 is the director, which runs `setup`,
 * `always` and `finally`, the others are actors. What they share with the
 * conductor is this memory, of which each word has one writer:
 *
 *   the conductor  seed, run, sweeps … is_shared, wanted, finished, alive,
 *                  kill_before
 *   the director   started; the conductor, where there is none
 *   each part      its own words and its log; ready and order are counters
 *
 * A part that reaches a place where a fault waits writes its number, rings the
 * doorbell and stands there, until the conductor has done the fault and takes
 * the number away: a SIGKILL meets it there and nowhere else.
 */
#ifndef CLUASHM_PLAY_H
#define CLUASHM_PLAY_H

#include <stddef.h>
#include <stdint.h>

#include "CLuaShmWorld.h"

enum { LUASHM_MOST_ACTORS = 26, LUASHM_PARTS = LUASHM_MOST_ACTORS + 1 };

/* Of a part: where it is. */
enum luashm_phase {
  LUASHM_LOADS,  /* the top level runs; zero, as memory begins */
  LUASHM_READY,  /* it waits for the start */
  LUASHM_ACTS,   /* its operations are counted */
  LUASHM_IS_OVER, /* its function has returned, or failed */
  LUASHM_STAYS    /* that, and its process waits to be called again */
};

/* Why a part stands: a fault of the file has its number, from 1 on. */
enum { LUASHM_STANDS_FOR_SWEEP = 0x10000 };

enum { LUASHM_PLACE = 120 };

struct luashm_part {
  uint32_t phase;    /* enum luashm_phase */
  uint32_t standing; /* 0: it goes on; the conductor takes it away */
  uint32_t alive;
  uint32_t inside; /* 1 + the operation that it performs; 0: none */
  int64_t process; /* its number, as it sees itself; 0: it has not begun */
  uint64_t operations;
  uint64_t kill_before; /* it stands before this operation; 0: before none */
  char place[LUASHM_PLACE]; /* file:line of its last operation */
  uint64_t told;            /* bytes of its log */
  uint64_t untold;          /* records for which that had no room */
  uint64_t untraced;        /* operations that a trace has no room for */
  /* Of one that stays: 1, it is to play again; and how it has ended. */
  uint32_t called;
  int32_t status;
};

struct luashm_play {
  uint32_t wanted;   /* parts that load before the start */
  uint32_t ready;    /* those that have */
  uint32_t started;  /* the actors may begin */
  uint32_t finished; /* all actors have ended or died */
  uint32_t sweeps;   /* the file's kills are not done */
  uint32_t reads;    /* nobody acts: what the file declares is told */
  uint32_t traces;   /* each operation is told */
  uint32_t is_shared; /* /dev/shm is the machine's: no name there is used */
  uint32_t is_undirected; /* no director: who is ready rings */
  uint32_t stays;    /* processes play their parts again and again */
  uint64_t order;    /* of all records of all logs: the next number */
  int64_t seed;
  uint64_t run; /* from 0 */
  struct luashm_part parts[LUASHM_PARTS];
};

/* A log follows the struct for each part: records, one behind another. */
enum { LUASHM_LOG = 1 << 21, LUASHM_LOG_OF_TRACE = LUASHM_LOG / 2 };

struct luashm_log_head {
  uint32_t size;   /* bytes of the fields, a multiple of 8 */
  uint32_t fields; /* each a length of 4 bytes, and the text */
  int64_t time;    /* cshm_now */
  uint64_t order;
};

size_t luashm_play_size(void);

static inline const void *luashm_log(const struct luashm_play *play,
                                     int part) {
  return (const char *)(play + 1) + (size_t)part * LUASHM_LOG;
}

/* The descriptors of a part that is forked. */
enum {
  LUASHM_DOORBELL = 3,
  LUASHM_OUTPUT = 4,
  LUASHM_ERRORS = 5,
  LUASHM_MEMORY = 6 /* this one, for who execs */
};

/* The world of the state in which plays are prepared: it performs as the real
   one, and counts, stands and refuses. One for the process. */
struct luashm_world *luashm_played_world(void);

/* Makes later forks cheaper, of a process that forks many: takes the holes
   between used blocks of the heap out of use, so that what a fork allocates
   lies together in new pages, not in pages that it has to copy first. */
void luashm_prepare_forks(void);

/* Compiles the file in a state that luashm_open has opened, and runs nothing
   of it; "moonpool.scenario" can be required there. False: *message says why,
   malloc'ed. */
struct luashm_script {
  struct luashm_bytes text, name, folder; /* "transfer.lua"; for require */
};
bool luashm_play_prepare(struct lua_State *, struct luashm_play *,
                         const struct luashm_script *, char **message);

/* In a forked process: plays the part and ends; of a play that stays, returns
   the status with which it would have ended. */
int luashm_play_part(struct lua_State *, struct luashm_play *, int part);

/* A process that stays plays its part many times, as a new one each time would:
   for searches, which make thousands of runs. All of its state lies in an arena
   (CLuaShmModel.h), and is put back as it was when the file had been compiled.
   At `address`, if that is free; NULL: no memory. */
struct lua_State *luashm_new_staying_state(void *address);

/* When the part's handles are closed: puts the state back, and waits until the
   part is called again. */
void luashm_stay(struct luashm_play *, int part, int status);

#endif
