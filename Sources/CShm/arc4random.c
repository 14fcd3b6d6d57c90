/*
 * What keeps the program from asking for glibc 2.36.
 *
 * libstdc++'s random device, which Swift's runtime brings along and nobody
 * calls, names arc4random. The linker drops the caller but leaves the demand,
 * and the loader of a glibc that has it not refuses the program. Hidden: no
 * other library of the process sees it.
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
