#define _GNU_SOURCE
#include "CShm.h"

#include <string.h>
#include <unistd.h>
#include <wchar.h>

_Static_assert(CSHM_O_TMPFILE == O_TMPFILE, "O_TMPFILE of this architecture");
_Static_assert(CSHM_O_PATH == O_PATH, "O_PATH of this architecture");
_Static_assert(CSHM_SEEK_DATA == SEEK_DATA, "SEEK_DATA of this system");

int cshm_openat(int directory, const char *name, int flags, mode_t mode) {
  return openat(directory, name, flags, mode);
}

int cshm_fallocate(int fd, off_t offset, off_t length) {
  return fallocate(fd, 0, offset, length);
}

int cshm_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

const char *cshm_error_name(int number) { return strerrorname_np(number); }

int cshm_columns(uint32_t character) { return wcwidth((wchar_t)character); }
