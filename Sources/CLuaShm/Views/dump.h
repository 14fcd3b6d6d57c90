/* Bytes as view:hex shows them: in the rows of `hexdump -C` (hexdump(1)). */
#ifndef LUASHM_DUMP_H
#define LUASHM_DUMP_H

#include <stdbool.h>
#include <stddef.h>

enum { LUASHM_ROW = 16 };

/* A dump in progress. */
struct luashm_dump {
  char *to; /* where the next row goes */
  unsigned char before[LUASHM_ROW];
  bool begun, starred;
};

/* The most characters of text that a dump of `length` bytes takes. */
size_t luashm_dump_room(size_t length);

/* Adds the rows of `length` bytes, the first of which is at `offset`. All calls
   but the last must give whole rows. The bytes may lie at the end of the text's
   room, as no row is written over bytes that are still to be read. */
void luashm_dump_rows(struct luashm_dump *, const unsigned char *from,
                      size_t length, size_t offset);

/* Adds the last line, the offset behind the bytes, as `hexdump -C` and moonpool
   dump do. */
void luashm_dump_end(struct luashm_dump *, size_t offset);

#endif
