/* The arguments of main, as the C library passes them to constructors. Swift's
   CommandLine reads /proc/self/cmdline, and finds no arguments where /proc is
   not mounted. */
#include "CLuaShm.h"

static int count;
static char **words;

__attribute__((constructor)) static void keep(int argc, char **argv) {
  count = argc;
  words = argv;
}

char *const *luashm_arguments(int *argument_count) {
  *argument_count = count;
  return words;
}
