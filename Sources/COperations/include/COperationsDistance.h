/* Which existing name somebody meant who wrote one that does not exist. */
#ifndef COPERATIONS_DISTANCE_H
#define COPERATIONS_DISTANCE_H

#include <stddef.h>

/* How many letters have to be added, dropped, changed or swapped with their
   neighbour to turn one name into the other, ignoring case and whatever follows
   the first 64 bytes of each. A result above `limit` is a lower bound, not an
   exact count. */
size_t cops_distance(const char *one, size_t length, const char *other,
                     size_t other_length, size_t limit);

/* The largest distance at which a name of this length still counts as meant. */
size_t cops_likeness(size_t length);

#endif
