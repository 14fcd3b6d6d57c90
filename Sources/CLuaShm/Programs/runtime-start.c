/*
 * What the Swift runtime looks for before the program begins, and nobody here
 * needs: scripts/build has the linker replace these two (--wrap), as each costs
 * an empty script a few percent of its time.
 *
 *   swift_copyAuxiliaryExecutablePath   looks in eight places for the program
 *       that prints a crash's backtrace, which no package has beside it.
 *   fopen of /proc/self/maps            finds where the arguments are on the
 *       stack; without it the runtime reads /proc/self/cmdline when it is asked
 *       for them, which it is not (arguments.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode)
    __attribute__((weak));

const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
  (void)name;
  return NULL;
}

/* Later on it is whatever somebody asks for. */
FILE *__wrap_fopen(const char *path, const char *mode) {
  static int begun;
  if (!begun && strcmp(path, "/proc/self/maps") == 0) {
    begun = 1;
    errno = ENOENT;
    return NULL;
  }
  return __real_fopen ? __real_fopen(path, mode) : NULL;
}
