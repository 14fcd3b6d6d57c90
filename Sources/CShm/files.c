#define _GNU_SOURCE
#include "CShm.h"

#include <string.h>
#include <wchar.h>

_Static_assert(CSHM_O_TMPFILE == O_TMPFILE, "O_TMPFILE of this architecture");
_Static_assert(CSHM_O_PATH == O_PATH, "O_PATH of this architecture");

int cshm_openat(int directory, const char *name, int flags, mode_t mode) {
  return openat(directory, name, flags, mode);
}

int cshm_fallocate(int fd, off_t size) { return fallocate(fd, 0, 0, size); }

int cshm_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

const char *cshm_error_name(int number) { return strerrorname_np(number); }

int cshm_columns(uint32_t character) { return wcwidth((wchar_t)character); }
