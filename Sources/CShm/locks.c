#define _GNU_SOURCE
#include "CShm.h"

static struct flock range(enum cshm_lock_type type, int64_t start,
                          int64_t length) {
  static const short types[] = {F_UNLCK, F_RDLCK, F_WRLCK};
  struct flock lock = {0}; /* l_pid must be 0 for OFD locks */
  lock.l_type = types[type];
  lock.l_whence = SEEK_SET;
  lock.l_start = start;
  lock.l_len = length;
  return lock;
}

int cshm_lock(int fd, enum cshm_lock_type type, int64_t start,
              int64_t length) {
  struct flock lock = range(type, start, length);
  return fcntl(fd, F_OFD_SETLK, &lock);
}

int cshm_lock_conflict(int fd, enum cshm_lock_type type, int64_t start,
                       int64_t length) {
  struct flock lock = range(type, start, length);
  if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
    return -1;
  return lock.l_type != F_UNLCK;
}
