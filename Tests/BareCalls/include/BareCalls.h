/* The system calls of the protocol and nothing else: what `bench` compares
   the library with. */
#ifndef BARECALLS_H
#define BARECALLS_H

#include <COperationsRings.h>
#include <stdint.h>

/* Creates and gives up an object of 256 bytes. 0, or -1. */
int bare_create_close(int directory, const char *name);

/* Opens and gives up an object that somebody else holds. 0, or -1. */
int bare_open_close(int directory, const char *name);

/* How one who takes turns waits: sleeps at once, spins and wakes all the same,
   or spins and never wakes. */
enum bare_wait { BARE_SLEEP, BARE_SPIN_AND_WAKE, BARE_SPIN };

/* Two sides that take turns: the first stores the turn's number into ping and
   waits for it in pong, the second one the other way round. */
void bare_ask(uint32_t *ping, uint32_t *pong, uint32_t first, uint32_t turns,
              enum bare_wait how);
void bare_serve(uint32_t *ping, uint32_t *pong, uint32_t first, uint32_t turns,
                enum bare_wait how);

/* The processors that this process may use, of the first 64, as bits. */
uint64_t bare_processors(void);
void bare_use_processors(uint64_t processors);
/* A normal process-shared pthread mutex in the memory. 0, or errno's number. */
int bare_make_mutex(void *memory);

/* A lock-free ring for one producer and one consumer (ring.c). Push: 1 if there
   was room. Pop: the length, or -1. */
struct bare_ring;
struct bare_ring *bare_ring_new(void);
void bare_ring_free(struct bare_ring *);
int bare_ring_push(struct bare_ring *, const void *bytes, uint32_t length);
int64_t bare_ring_pop(struct bare_ring *, void *room, uint32_t capacity);

/* Pushes and pops 64 bytes, so many times: there, and in a queue's ring. */
void bare_ring_moves(struct bare_ring *, uint32_t count);
void bare_queue_moves(struct cshm_ring *, uint32_t mark, uint32_t count);

struct lua_State;

/* Defines the global function bare_mutex(path): a value with the methods lock
   and unlock, over the mutex at the beginning of that file. */
void bare_open_mutexes(struct lua_State *);

#endif
