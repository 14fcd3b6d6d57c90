/*
 * C stacks of one's own: World/stack.c.
 *
 * A world may say "later": its perform switches to the stack of a scheduler,
 * and back when the operation's turn has come. So it may wait wherever the call
 * came from: in metamethods, finalizers, pcall, table.sort, hooks, coroutines.
 * No binding knows. (lua_yieldk could not leave sort, gsub, tostring and __gc.)
 * Nobody may switch while a Swift function is on the stack that is left, as
 * nothing says that it is ever continued.
 *
 * A stack is plain memory without pointers to the outside but for what its
 * functions hold: copied and put back at the same address it goes on from where
 * it stood.
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

/* Makes a stack on `memory`, which is aligned to 16 bytes: the first switch to
   it calls run(argument), which never returns. Neither the memory nor the
   record may move. The thread's own stack is a
   zeroed record; it is filled in when it is left. */
void luashm_stack_begin(struct luashm_stack *, void *memory, size_t size,
                        void (*run)(void *argument), void *argument);

/* Leaves the one, which is running, for the other; returns when somebody
   switches back. */
void luashm_stack_switch(struct luashm_stack *from, struct luashm_stack *to);

#endif
