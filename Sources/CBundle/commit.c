#include "CBundleCommit.h"

/* Volatile: the compiler shall not know that it is empty. */
static const volatile char commit[64]
    __attribute__((section(".moonpool_commit"), used)) = "";

const char *cbundle_commit(void) { return (const char *)commit; }
