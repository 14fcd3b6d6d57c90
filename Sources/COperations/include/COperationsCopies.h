/* Copies of many bytes; the order in which words are copied is unspecified. */
#ifndef COPERATIONS_COPIES_H
#define COPERATIONS_COPIES_H

#include <stdbool.h>
#include <stddef.h>

/* Copies between two mappings of one object, whose addresses do not show
   whether the ranges overlap. `up`: the target lies behind the source in the
   object. Within one mapping memmove does this. */
void cops_copy_between(unsigned char *to, const unsigned char *from,
                       size_t length, bool up);

/* Numbers of 1, 2, 4 or 8 bytes, into private memory and out of it: each that
   is aligned is one access, all of them no snapshot. What was stored is seen
   by everybody before anything that comes afterwards. */
void cops_load_numbers(void *to, const void *from, size_t size, size_t count);
void cops_store_numbers(void *to, const void *from, size_t size, size_t count);

#endif
