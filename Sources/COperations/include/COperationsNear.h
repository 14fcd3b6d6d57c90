/* What somebody meant who wrote a name that there is not. */
#ifndef COPERATIONS_NEAR_H
#define COPERATIONS_NEAR_H

#include <stddef.h>

/* Letters to add, drop, change or swap with their neighbour, of the first 64
   bytes of each; upper and lower case are the same. More than `limit`: at least
   so many, not counted exactly. */
size_t cops_distance(const char *one, size_t length, const char *other,
                     size_t other_length, size_t limit);

/* How far a name of this length may be from what was written, to be meant. */
size_t cops_likeness(size_t length);

#endif
