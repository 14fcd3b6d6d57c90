#include "../include/CLuaShmStack.h"

#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER
#endif
#endif

#ifdef HAS_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif

/* Saves the registers that a call must preserve (System V ABI AMD64, 3.2.1;
   AAPCS64, 6.1) and continues with those that the other stack saved. The
   floating-point control words are not saved, as nobody changes them. */
void luashm_stack_exchange(void **left, void *entered);

/* What a new stack has saved as its return address. */
void luashm_stack_first(void);

#if defined(__x86_64__)

enum { SAVED = 7, FUNCTION = 1, ARGUMENT = 2, RETURN = 6 };

__asm__(".text\n"
        ".globl luashm_stack_exchange\n"
        ".hidden luashm_stack_exchange\n"
        ".type luashm_stack_exchange, @function\n"
        "luashm_stack_exchange:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size luashm_stack_exchange, .-luashm_stack_exchange\n"
        ".globl luashm_stack_first\n"
        ".hidden luashm_stack_first\n"
        ".type luashm_stack_first, @function\n"
        "luashm_stack_first:\n"
        "  movq %r13, %rdi\n"
        "  xorl %ebp, %ebp\n"
        "  callq *%r14\n"
        "  ud2\n"
        ".size luashm_stack_first, .-luashm_stack_first\n");

#elif defined(__aarch64__)

enum { SAVED = 20, FUNCTION = 0, ARGUMENT = 1, RETURN = 11 };

__asm__(".text\n"
        ".globl luashm_stack_exchange\n"
        ".hidden luashm_stack_exchange\n"
        ".type luashm_stack_exchange, %function\n"
        "luashm_stack_exchange:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp]\n"
        "  stp x21, x22, [sp, #16]\n"
        "  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n"
        "  stp x27, x28, [sp, #64]\n"
        "  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n"
        "  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n"
        "  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n"
        "  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp]\n"
        "  ldp x21, x22, [sp, #16]\n"
        "  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n"
        "  ldp x27, x28, [sp, #64]\n"
        "  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n"
        "  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n"
        "  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size luashm_stack_exchange, .-luashm_stack_exchange\n"
        ".globl luashm_stack_first\n"
        ".hidden luashm_stack_first\n"
        ".type luashm_stack_first, %function\n"
        "luashm_stack_first:\n"
        "  mov x0, x20\n"
        "  mov x29, xzr\n"
        "  blr x19\n"
        "  brk #1\n"
        ".size luashm_stack_first, .-luashm_stack_first\n");

#else
#error "no switch of stacks for this processor"
#endif

/* ---- what AddressSanitizer has to be told ---- */

static __thread struct luashm_stack *left;

static void leave(struct luashm_stack *from, struct luashm_stack *to,
                  void **fake) {
  left = from;
#ifdef HAS_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(fake, to->lowest, to->size);
#else
  (void)to, (void)fake;
#endif
}

/* Reports the bounds of the stack that was left; those of the thread's own
   stack cannot be learned in another way. */
static void arrive(void *fake) {
#ifdef HAS_ADDRESS_SANITIZER
  const void *lowest;
  __sanitizer_finish_switch_fiber(fake, &lowest, &left->size);
  left->lowest = (void *)lowest;
#else
  (void)fake;
#endif
}

/* ---- */

static void enter(void *argument) {
  const struct luashm_stack *stack = argument;
  arrive(NULL);
  stack->run(stack->argument);
}

void luashm_stack_begin(struct luashm_stack *stack, void *memory, size_t size,
                        void (*run)(void *argument), void *argument) {
  uintptr_t end = ((uintptr_t)memory + size) & ~(uintptr_t)15;
  /* The function that the first return goes to finds an aligned stack. */
  uintptr_t *saved = (uintptr_t *)end - 2 - SAVED;
  for (int i = 0; i < SAVED; i++)
    saved[i] = 0;
  saved[FUNCTION] = (uintptr_t)enter;
  saved[ARGUMENT] = (uintptr_t)stack;
  saved[RETURN] = (uintptr_t)luashm_stack_first;
  *stack = (struct luashm_stack){.standing = saved,
                                 .lowest = memory,
                                 .size = size,
                                 .run = run,
                                 .argument = argument};
}

void luashm_stack_switch(struct luashm_stack *from, struct luashm_stack *to) {
  void *fake = NULL;
  leave(from, to, &fake);
  luashm_stack_exchange(&from->standing, to->standing);
  arrive(fake);
}
