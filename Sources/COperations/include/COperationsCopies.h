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

#endif
