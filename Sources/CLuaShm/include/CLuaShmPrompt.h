/*
 * The prompt: evaluates chunks, and calls the prompt's modules, which are
 * written in Lua. Nothing here raises. Every text that is returned is allocated
 * with malloc, and the caller frees it.
 */
#ifndef CLUASHM_PROMPT_H
#define CLUASHM_PROMPT_H

#include "CLuaShm.h"

/* The host's functions for the prompt's modules. Each writes at most `capacity`
   bytes and returns how many; in a list a NUL ends each item. */
struct luashm_prompt_host {
  void *context;
  struct luashm_host *host; /* its world performs operations on names */
  /* The text of a bundled Lua module; NULL: there is none. */
  struct luashm_bytes (*module)(void *context, struct luashm_bytes name);
  /* The entries of a directory. */
  size_t (*files)(void *context, struct luashm_bytes directory, char *buffer,
                  size_t capacity);
  luashm_shower *show;
  /* How many columns a line of UTF-8 takes on the terminal. */
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

/* Loads the host's module "prompt"; call luashm_open first. False: the text
   says why. The host must outlive the state. */
bool luashm_prompt_open(struct lua_State *, const struct luashm_prompt_host *,
                        struct luashm_text *);

/* Runs a chunk, as an expression if it is one, else as statements. `final`: no
   more lines can come, so an incomplete chunk is an error. `nanoseconds`: how
   long the chunk ran, without showing its results; -1: nothing ran. */
enum luashm_outcome luashm_prompt_evaluate(struct lua_State *,
                                           struct luashm_bytes chunk,
                                           bool final, int64_t *nanoseconds,
                                           struct luashm_text *);

/* Does the chunk need more lines? Runs nothing. */
bool luashm_prompt_is_incomplete(struct lua_State *, struct luashm_bytes chunk);

/* An argument for a function of the module: the bytes, or, if `bytes` has none,
   the integer. */
struct luashm_argument {
  struct luashm_bytes bytes;
  int64_t integer;
};

/* Calls a function of the module "prompt" that returns a string or nothing.
   False: the text is the error. */
bool luashm_prompt_call(struct lua_State *, const char *function,
                        const struct luashm_argument *, int count,
                        struct luashm_text *);

/* ---- Ctrl-C: prompt-interruption.c ----
 *
 * Between these two calls SIGINT stops the running chunk with the error
 * "interrupted!", also inside coroutines. A system call that waits returns
 * EINTR, and is woken again until the error has been raised, so that an
 * interrupt just before the call is not lost. Where no error can be raised, as
 * in a C function, the second interrupt says so and the third ends the process.
 */
void luashm_interruption_begin(void);
void luashm_interruption_end(void);

/* Has a SIGINT come whose error is not raised yet? Then whatever waits gives
   up. */
bool luashm_interrupted(void);

/* Reads a line of standard input, without its end, through the buffer that
   io.read uses. False: the input ended, or *interrupted. */
bool luashm_read_line(struct luashm_text *, bool *interrupted);

#endif
