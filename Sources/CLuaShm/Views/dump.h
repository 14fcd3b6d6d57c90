/* Bytes as view:hex shows them: the rows of hexdump -C. */
#ifndef LUASHM_DUMP_H
#define LUASHM_DUMP_H

#include <stdbool.h>
#include <stddef.h>

enum { LUASHM_ROW = 16 };

/* A dump on its way. */
struct luashm_dump {
  char *to; /* where the next row goes */
  unsigned char before[LUASHM_ROW];
  bool begun, starred;
};

/* At most so many characters of text for so many bytes. */
size_t luashm_dump_room(size_t length);

/* Adds the rows of `length` bytes, the first of which is at `offset`; whole
   rows, but at the end. The bytes may stand at the end of the text's room,
   where no row reaches them before they are in it. */
void luashm_dump_rows(struct luashm_dump *, const unsigned char *from,
                      size_t length, size_t offset);

/* Adds the last line: the offset behind the bytes, as of hexdump -C and of
   moonpool dump. */
void luashm_dump_end(struct luashm_dump *, size_t offset);

#endif
