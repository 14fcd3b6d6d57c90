/*
 * CBundle: the Lua texts inside the binary, by C23's #embed. They are bytes of
 * the program's file, and cost nothing before somebody asks for one.
 */
#ifndef CBUNDLE_H
#define CBUNDLE_H

#include "CBundleCommit.h"

#include <stddef.h>

/* A text by the name of its file without folder and ".lua". */
struct cbundle_text {
  const char *name; /* NULL: past the last one */
  const char *text; /* ends with a NUL that is not of the text */
  size_t length;    /* bytes */
};

/* The modules "moonpool.NAME", the bundled scripts and scenarios, from 0 on;
   none of another index. */
struct cbundle_text cbundle_module(size_t index);
struct cbundle_text cbundle_script(size_t index);
struct cbundle_text cbundle_scenario(size_t index);

#endif
