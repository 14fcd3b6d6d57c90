/* The names of the system calls that reports are about. */
#ifndef KILLAT_NAMES_H
#define KILLAT_NAMES_H

#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>

static const struct {
  uint64_t number;
  const char *name;
} call_names[] = {
#define NAME(call) {SYS_##call, #call}
    NAME(brk), NAME(clock_nanosleep), NAME(clone), NAME(close), NAME(exit),
    NAME(exit_group), NAME(fallocate), NAME(fchmod), NAME(fcntl),
    NAME(fsetxattr), NAME(fstat), NAME(ftruncate), NAME(futex),
    NAME(getdents64), NAME(getrandom), NAME(gettid), NAME(linkat),
    NAME(madvise), NAME(mkdirat), NAME(mmap), NAME(mprotect), NAME(munmap),
    NAME(openat), NAME(pread64), NAME(pwrite64), NAME(read), NAME(readlinkat),
    NAME(rt_sigaction), NAME(rt_sigprocmask), NAME(statfs), NAME(umask),
    NAME(unlinkat), NAME(wait4), NAME(write),
#ifdef SYS_newfstatat
    NAME(newfstatat),
#endif
#ifdef SYS_rmdir
    NAME(rmdir),
#endif
#undef NAME
};

static const char *call_name(uint64_t number) {
  static char other[32];
  for (size_t i = 0; i < sizeof call_names / sizeof *call_names; i++)
    if (call_names[i].number == number)
      return call_names[i].name;
  snprintf(other, sizeof other, "call %llu", (unsigned long long)number);
  return other;
}

#endif
