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

int cshm_lock_met(int fd, enum cshm_lock_type type, int64_t start,
                  int64_t length, struct cshm_met_lock *met) {
  struct flock lock = range(type, start, length);
  if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
    return -1;
  *met = (struct cshm_met_lock){lock.l_start, lock.l_len,
                                lock.l_type == F_WRLCK};
  return lock.l_type != F_UNLCK;
}

int cshm_lock_conflict(int fd, enum cshm_lock_type type, int64_t start,
                       int64_t length) {
  struct cshm_met_lock met;
  return cshm_lock_met(fd, type, start, length, &met);
}
