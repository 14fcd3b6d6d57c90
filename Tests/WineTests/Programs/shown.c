/* The document's second process as it is, with a box that can be read. */
#include <windows.h>
#undef MessageBox
#define MessageBox(window, text, title, flags) printf("%s\n", (text))
#include "second.c"
