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

#endif
