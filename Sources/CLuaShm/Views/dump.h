/* Bytes as view:hex shows them: the rows of hexdump -C. */
#ifndef LUASHM_DUMP_H
#define LUASHM_DUMP_H

#include <stddef.h>

/* At most so many characters of text for so many bytes. */
size_t luashm_dump_room(size_t length);

/* The text of `length` bytes, the first of which is at `offset`. They may
   stand at the end of `to`'s room, where no row reaches them before they are
   in it. Returns the text's length. */
size_t luashm_dump(char *to, const unsigned char *from, size_t length,
                   size_t offset);

/* Its first row alone, in at most 96 characters. */
size_t luashm_dump_row(char *to, const unsigned char *from, size_t length,
                       size_t offset);

#endif
