/* The system calls of the protocol and nothing else: what `bench` compares
   the library with. */
#ifndef BARECALLS_H
#define BARECALLS_H

/* Creates and gives up an object of 256 bytes. 0, or -1. */
int bare_create_close(int directory, const char *name);

/* Opens and gives up an object that somebody else holds. 0, or -1. */
int bare_open_close(int directory, const char *name);

/* A normal process-shared pthread mutex in the memory. 0, or errno's number. */
int bare_make_mutex(void *memory);

struct lua_State;

/* Defines the global function bare_mutex(path): a value with the methods lock
   and unlock, over the mutex at the beginning of that file. */
void bare_open_mutexes(struct lua_State *);

#endif
