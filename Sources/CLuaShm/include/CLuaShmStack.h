/*
 * C stacks of one's own: World/stack.c.
 *
 * A world may say "later": its perform function switches to a scheduler's
 * stack, and back when it is the operation's turn. So a world may wait wherever
 * the call came from (metamethods, finalizers, pcall, table.sort, hooks,
 * coroutines), and no binding has to know. (lua_yieldk could not leave sort,
 * gsub, tostring and __gc.) Nobody may switch while a Swift function is on the
 * stack that is left, as Swift does not know that it may never be continued.
 *
 * A stack is plain memory. It has no pointers to the outside except for those
 * that its functions hold: if it is copied, and put back at the same address,
 * it continues where it stood.
 */
#ifndef CLUASHM_STACK_H
#define CLUASHM_STACK_H

#include <stddef.h>

struct luashm_stack {
  void *standing; /* its stack pointer, while another stack runs */
  void *lowest;   /* of its memory; NULL: the thread's own stack */
  size_t size;
  void (*run)(void *argument);
  void *argument;
};

/* Makes a stack on `memory`, which must be aligned to 16 bytes. The first
   switch to it calls run(argument), which must never return. Neither the memory
   nor the record may move. For the thread's own stack use a zeroed record; it
   is filled in when that stack is left. */
void luashm_stack_begin(struct luashm_stack *, void *memory, size_t size,
                        void (*run)(void *argument), void *argument);

/* Leaves the running stack `from` for the other; returns when somebody switches
   back. */
void luashm_stack_switch(struct luashm_stack *from, struct luashm_stack *to);

#endif
