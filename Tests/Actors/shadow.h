/* What AddressSanitizer knows of a stack belongs to the stack's image: which of
   its bytes are between two variables. Without it there is nothing to keep. */
#ifndef ACTORS_SHADOW_H
#define ACTORS_SHADOW_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of what is known of an arena's stack, which may be 0. */
size_t shadow_size(void);

/* Copies it from the stack, and back. */
void shadow_save(void *to, const void *stack);
void shadow_put_back(void *stack, const void *from);

/* Are all variables of this function's thread on its stack? */
bool stack_is_whole(void);

/* Copies the bytes of stacks, also those between two variables. */
void stack_copy(void *to, const void *from, size_t size);

#endif
