/*
 * What the C files of queues share: queue.c, and queue-jobs.c.
 */
#ifndef LUASHM_QUEUE_H
#define LUASHM_QUEUE_H

#include "ring.h"

/* The operations of queues; queue.c has their verbs. */
enum {
  ACT_PUSH,
  ACT_PUSH_ALL,
  ACT_POP,
  ACT_POP_ALL,
  ACT_TAKE,
  ACT_PEEK,
  ACT_DRAIN,
  ACT_DONE,
  ACT_BACK,
  ACT_CLEAR,
  ACT_FINISH,
  ACT_COUNT,
  ACT_FREE
};

/* ---- queue.c ---- */

/* The functions that read what was popped, NULL at the end. */
extern const lua_CFunction luashm_queue_readers[];

/* Pops, takes or peeks into the private memory of the queue at stack index 1,
   which grows as it must. `timeout`: a stack index; 0: does not wait. */
enum luashm_answer luashm_queue_fetch(lua_State *L,
                                      struct luashm_ring_asking *,
                                      enum luashm_ring_act what,
                                      uint32_t wanted, int act, int timeout);

/* ---- queue-jobs.c ---- */

/* queue:take([timeout]), queue:jobs([timeout]), and its iterator */
int luashm_queue_take(lua_State *L);
int luashm_queue_jobs_of(lua_State *L);
int luashm_queue_next_job(lua_State *L);

/* The userdata "shm.job". */
extern const struct luashm_class luashm_queue_jobs;

#endif
