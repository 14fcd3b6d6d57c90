/*
 * What the Swift runtime looks for before the program begins, and nobody here
 * needs: scripts/build has the linker replace these (--wrap), as each costs an
 * empty script a few percent of its time.
 *
 *   swift_copyAuxiliaryExecutablePath   looks in eight places for the program
 *       that prints a crash's backtrace, which no package has beside it.
 *   fopen of /proc/self/maps            finds where the arguments are on the
 *       stack; without it the runtime reads /proc/self/cmdline when it is asked
 *       for them, which it is not (arguments.c).
 *   sysconf of the number of processors reads a file of /sys, for libdispatch
 *       twice, which sizes threads that nobody starts. Those that the process
 *       may run on are counted by one system call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode)
    __attribute__((weak));
long __wrap_sysconf(int name);
long __real_sysconf(int name) __attribute__((weak));

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

long __wrap_sysconf(int name) {
  cpu_set_t set;
  if ((name == _SC_NPROCESSORS_CONF || name == _SC_NPROCESSORS_ONLN) &&
      sched_getaffinity(0, sizeof set, &set) == 0)
    return CPU_COUNT(&set);
  return __real_sysconf ? __real_sysconf(name) : -1;
}
