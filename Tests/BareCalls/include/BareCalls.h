/* The system calls of the protocol and nothing else: what `bench` compares
   the library with. */
#ifndef BARECALLS_H
#define BARECALLS_H

/* Creates and gives up an object of 256 bytes. 0, or -1. */
int bare_create_close(int directory, const char *name);

/* Opens and gives up an object that somebody else holds. 0, or -1. */
int bare_open_close(int directory, const char *name);

#endif
