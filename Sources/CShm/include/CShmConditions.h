/*
 * What a wait may wait for beside objects that it takes: a word that is no
 * longer as expected, a process that has ended. Nobody takes either, so that
 * both stay as they are. conditions.c.
 */
#ifndef CSHM_CONDITIONS_H
#define CSHM_CONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

struct cshm_window;

struct cshm_condition {
  int32_t place;      /* in the caller's list, from 0 */
  int32_t process;    /* its pidfd; -1: it is a word */
  const void *word;   /* of 4 or 8 bytes */
  uint32_t size;
  uint64_t expected;  /* it is met while the word is another */
  const struct cshm_window *guard; /* memory that is gone meets it */
};

/* pidfd_open(2): close-on-exec; readable once the process has ended. */
int cshm_open_process(int32_t process);

/* Is it met? */
bool cshm_met(const struct cshm_condition *);

/* Sleeps until one of these processes has ended, or a signal's handler has run,
   for at most so many nanoseconds: poll(2). 0, or -1 as cshm_futex_wait. */
int cshm_poll_processes(const struct cshm_condition *, int count,
                        int64_t nanoseconds);

#endif
