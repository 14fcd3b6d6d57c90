/* The arguments of main, as the C library gives them to what runs before it.
   Swift's CommandLine reads /proc/self/cmdline: where /proc is not mounted, it
   says that there are none. */
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
