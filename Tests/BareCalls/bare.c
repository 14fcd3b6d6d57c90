#define _GNU_SOURCE
#include "BareCalls.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const off_t P = 0x7000000000000000, L = 0x7000000000000001;

static int lock(int fd, short type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_start = start, .l_len = length};
  return fcntl(fd, F_OFD_SETLK, &lock);
}

static int held(int fd) {
  struct flock lock = {.l_type = F_WRLCK, .l_start = L, .l_len = 1};
  return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int give_up(int directory, const char *name, int fd, int memory) {
  struct stat opened, named;
  lock(fd, F_UNLCK, L, 1);
  if (lock(fd, F_WRLCK, P, 2) == 0 && fstat(fd, &opened) == 0 &&
      fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      opened.st_ino == named.st_ino)
    unlinkat(directory, name, 0);
  close(fd);
  return close(memory);
}

int bare_create_close(int directory, const char *name) {
  char path[64];
  int fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 || fallocate(fd, 0, 0, 256) < 0)
    return -1;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int memory = openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (memory < 0 || fchmod(fd, 0600) < 0 || lock(fd, F_RDLCK, L, 1) < 0 ||
      linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW) < 0)
    return -1;
  return give_up(directory, name, fd, memory);
}

int bare_open_close(int directory, const char *name) {
  struct stat status;
  char path[64];
  int fd = openat(directory, name,
                  O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) < 0 || lock(fd, F_RDLCK, P, 1) < 0 ||
      !held(fd) || lock(fd, F_RDLCK, L, 1) < 0 || lock(fd, F_UNLCK, P, 1) < 0)
    return -1;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int memory = openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (memory < 0)
    return -1;
  fstat(memory, &status);
  return give_up(directory, name, fd, memory);
}
