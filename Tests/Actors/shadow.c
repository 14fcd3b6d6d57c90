#include "shadow.h"
#include "arena.h"

#include <stdint.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER
#endif
#endif

#ifdef HAS_ADDRESS_SANITIZER

void __asan_get_shadow_mapping(size_t *scale, size_t *offset);
void *__asan_get_current_fake_stack(void);

bool stack_is_whole(void) { return !__asan_get_current_fake_stack(); }

/* By words, as memcpy is AddressSanitizer's. */
__attribute__((no_sanitize("address"))) void
stack_copy(void *to, const void *from, size_t size) {
  volatile uint64_t *target = to;
  const volatile uint64_t *source = from;
  for (size_t i = 0; i < size / sizeof *target; i++)
    target[i] = source[i];
}

static void *shadow_of(const void *address) {
  size_t scale, offset;
  __asan_get_shadow_mapping(&scale, &offset);
  return (void *)(((uintptr_t)address >> scale) + offset);
}

size_t shadow_size(void) {
  size_t scale, offset;
  __asan_get_shadow_mapping(&scale, &offset);
  return (size_t)ARENA_STACK >> scale;
}

void shadow_save(void *to, const void *stack) {
  stack_copy(to, shadow_of(stack), shadow_size());
}

void shadow_put_back(void *stack, const void *from) {
  stack_copy(shadow_of(stack), from, shadow_size());
}

#else

bool stack_is_whole(void) { return true; }

void stack_copy(void *to, const void *from, size_t size) {
  memcpy(to, from, size);
}

size_t shadow_size(void) { return 0; }

void shadow_save(void *to, const void *stack) { (void)to, (void)stack; }

void shadow_put_back(void *stack, const void *from) {
  (void)stack, (void)from;
}

#endif
