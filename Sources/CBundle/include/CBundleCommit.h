/* Which commit a packaged binary was built of. */
#ifndef CBUNDLE_COMMIT_H
#define CBUNDLE_COMMIT_H

/* Hexadecimal digits, or "" of a binary that nobody packaged. scripts/package
   writes them into the section ".moonpool_commit" of the finished file, so
   that a new commit compiles nothing anew. */
const char *cbundle_commit(void);

#endif
