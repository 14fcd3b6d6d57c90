/* Copies of many bytes, in no promised order of their words. */
#ifndef COPERATIONS_COPIES_H
#define COPERATIONS_COPIES_H

#include <stdbool.h>
#include <stddef.h>

/* Between two mappings of one object, whose addresses do not tell what
   overlaps; `up`: the target is behind the source in the object. Otherwise
   memmove does it. */
void cops_copy_between(unsigned char *to, const unsigned char *from,
                       size_t length, bool up);

/* Numbers of 1, 2, 4 or 8 bytes, into private memory and out of it: each that
   is aligned is one access, all of them no snapshot. What was stored is seen
   by everybody before anything that comes afterwards. */
void cops_load_numbers(void *to, const void *from, size_t size, size_t count);
void cops_store_numbers(void *to, const void *from, size_t size, size_t count);

#endif
