/*
 * CShm: what Swift cannot express. It uses neither Lua nor malloc, and does not
 * handle errno: a call that fails returns -1 and leaves errno to its caller,
 * System.swift.
 */
#ifndef CSHM_H
#define CSHM_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "CShmBroadcasts.h"
#include "CShmClaims.h"
#include "CShmConditions.h"
#include "CShmFutex.h"
#include "CShmLayout.h"
#include "CShmNamed.h"
#include "CShmProcesses.h"
#include "CShmRings.h"
#include "CShmScalars.h"
#include "CShmSockets.h"
#include "CShmWords.h"

/* ---- constants whose macros do not reach Swift ---- */

enum {
  CSHM_O_TMPFILE = 020000000 | 0200000, /* O_TMPFILE, behind _GNU_SOURCE */
  CSHM_O_PATH = 010000000,              /* O_PATH */
  CSHM_SEEK_DATA = 3                    /* SEEK_DATA, behind _GNU_SOURCE */
};

/* wcwidth(3), behind _XOPEN_SOURCE: how many columns a character takes on a
   terminal in the thread's locale, or -1. */
int cshm_columns(uint32_t character);

/* ---- open file description locks, fcntl(2): locks.c ----
 *
 * They belong to the open file description: dup, fork and SCM_RIGHTS share
 * them, and the kernel drops them with the description's last descriptor, even
 * after SIGKILL. None of these calls waits.
 */

enum cshm_lock_type { CSHM_UNLOCK, CSHM_READ, CSHM_WRITE };

/* F_OFD_SETLK on [start, start + length). 0, or -1: EAGAIN if refused. */
int cshm_lock(int fd, enum cshm_lock_type type, int64_t start, int64_t length);

/* F_OFD_GETLK: 1 if another description's lock conflicts, 0 if none, or -1. */
int cshm_lock_conflict(int fd, enum cshm_lock_type type, int64_t start,
                       int64_t length);

/* The same, with that lock: its range (length 0: to the end) and kind. */
struct cshm_met_lock {
  int64_t start, length;
  bool is_write;
};
int cshm_lock_met(int fd, enum cshm_lock_type type, int64_t start,
                  int64_t length, struct cshm_met_lock *met);

/* ---- mkdirat(2) with exactly this mode, whatever the umask: directory.c ----
 *
 * The umask belongs to the whole process, so it is changed only in a child that
 * shares the memory but not the file-system attributes. The directory never
 * exists with another mode, even if the process is killed on the way.
 */
int cshm_mkdirat(int directory, const char *name, mode_t mode);

/* ---- calls that Swift does not see: files.c ---- */

/* openat(2), which is variadic. */
int cshm_openat(int directory, const char *name, int flags, mode_t mode);
/* fallocate(2), behind _GNU_SOURCE. */
int cshm_fallocate(int fd, off_t offset, off_t length);
/* memfd_create(2) with MFD_CLOEXEC, behind _GNU_SOURCE. */
int cshm_memfd(const char *name);
/* strerrorname_np(3), behind _GNU_SOURCE: "ENOENT"; NULL for no error. */
const char *cshm_error_name(int number);

/* ---- the SIGBUS guard: guard.c ----
 *
 * A peer can truncate a file that we have mapped. Then the next touch of a page
 * past the file's end raises SIGBUS, which would kill the process. The guard
 * marks the window as lost and replaces all pages from the faulting one to the
 * window's end by zeroes of its own, in anonymous memory. Whoever touched the
 * page asks afterwards and reports an error. A fault outside of guarded windows
 * goes to the handler that was there before.
 */
struct cshm_window {
  uintptr_t base;    /* first byte; 0 means that the entry is free */
  size_t length;     /* bytes, whole pages */
  int protection;    /* PROT_ bits of the mapping */
  uint32_t lost;     /* 1 after a fault in this window */
  struct cshm_window *next_free;
};

/* Guards [base, base + length). NULL: no memory for the table; see errno. */
struct cshm_window *cshm_guard(void *base, size_t length, int protection);

/* Ends the guard; call it before munmap. NULL is allowed. */
void cshm_unguard(struct cshm_window *window);

/* Has a page of the window been lost since it was guarded? */
static inline bool cshm_lost(const struct cshm_window *window) {
  return __atomic_load_n(&window->lost, __ATOMIC_RELAXED) != 0;
}

/* Called before many bytes of a window are copied or searched; false: they are
   gone. It saves going through half a gigabyte of zeroes to find that out. A
   truncated file lacks its end, so this touches the last byte; for few bytes
   that is not worth it. cshm_lost finds a page that is lost later. */
static inline bool cshm_reaches(const struct cshm_window *window,
                                const void *from, size_t length) {
  enum { FEW = 1 << 16 };
  if (__builtin_expect(length < FEW, 1))
    return true;
  (void)*((const volatile unsigned char *)from + length - 1);
  return !cshm_lost(window);
}

#endif
