/*
 * Keeps the program from requiring glibc 2.36.
 *
 * Swift's runtime contains libstdc++'s random device, which nobody calls but
 * which refers to arc4random. The linker drops the caller yet keeps the
 * requirement, and an older glibc's loader then refuses to start the program.
 * The definition is hidden: no other library in the process sees it.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/random.h>

__attribute__((visibility("hidden"))) uint32_t arc4random(void);

uint32_t arc4random(void) {
  uint32_t value = 0;
  while (getrandom(&value, sizeof value, 0) != sizeof value)
    ;
  return value;
}
