/*
 * The prompt: evaluating chunks, and calling the prompt's modules, which are
 * written in Lua. Nothing here raises; every text that comes back is
 * malloc'ed, and the caller frees it.
 */
#ifndef CLUASHM_PROMPT_H
#define CLUASHM_PROMPT_H

#include "CLuaShm.h"

/* What the prompt's modules ask of the host. Each writes at most `capacity`
   bytes and returns how many; lists end each item with a NUL. */
struct luashm_prompt_host {
  void *context;
  struct luashm_host *host; /* whose world performs operations on names */
  /* The text of a bundled Lua module; NULL: there is none. */
  struct luashm_bytes (*module)(void *context, struct luashm_bytes name);
  /* The entries of a directory. */
  size_t (*files)(void *context, struct luashm_bytes directory, char *buffer,
                  size_t capacity);
  luashm_shower *show;
  /* The columns that a line of UTF-8 takes on the terminal. */
  int64_t (*columns)(void *context, struct luashm_bytes line);
};

enum luashm_outcome {
  LUASHM_DONE,       /* the text shows the results */
  LUASHM_INCOMPLETE, /* more lines are needed; no text */
  LUASHM_FAILED      /* the text shows the error */
};

/* `data` NULL: memory ran out. */
struct luashm_text {
  char *data;
  size_t length;
};

/* Loads the module "prompt" of the host's; luashm_open comes first. False:
   the text says why. The host has to outlive the state. */
bool luashm_prompt_open(struct lua_State *, const struct luashm_prompt_host *,
                        struct luashm_text *);

/* Runs a chunk: as an expression if it is one, else as statements. `final`:
   no more lines can come, so what is incomplete is an error. `nanoseconds`:
   what the chunk took, without showing it; -1: nothing ran. */
enum luashm_outcome luashm_prompt_evaluate(struct lua_State *,
                                           struct luashm_bytes chunk,
                                           bool final, int64_t *nanoseconds,
                                           struct luashm_text *);

/* Whether the chunk needs more lines; runs nothing. */
bool luashm_prompt_is_incomplete(struct lua_State *, struct luashm_bytes chunk);

/* An argument for a function of the module: the integer if there are no
   bytes. */
struct luashm_argument {
  struct luashm_bytes bytes;
  int64_t integer;
};

/* Calls a function of the module "prompt", which returns a string or nothing.
   False: the text is the error's. */
bool luashm_prompt_call(struct lua_State *, const char *function,
                        const struct luashm_argument *, int count,
                        struct luashm_text *);

/* ---- Ctrl-C: interruption.c ----
 *
 * Between these two, SIGINT stops the chunk that runs with the error
 * "interrupted!", in coroutines, too. System calls that wait return EINTR, and
 * are woken again until the error is raised: an interrupt that comes just
 * before the call is not lost. Where no error can be raised, as in a function
 * of C, the second says so and the third ends the process.
 */
void luashm_interruption_begin(void);
void luashm_interruption_end(void);

/* A SIGINT has come and its error is not raised yet: what waits gives up. */
bool luashm_interrupted(void);

/* A line of standard input through the buffer that io.read uses, without its
   end. False: the input ended, or *interrupted. */
bool luashm_read_line(struct luashm_text *, bool *interrupted);

#endif
