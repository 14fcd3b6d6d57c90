#define _GNU_SOURCE
#include "CShmFutex.h"

#include "CShmWords.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000, MICROSECOND = 1000 };

int64_t cshm_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

static struct timespec time_of(int64_t nanoseconds) {
  if (nanoseconds < 0)
    nanoseconds = 0;
  return (struct timespec){nanoseconds / SECOND, nanoseconds % SECOND};
}

void cshm_sleep(int64_t nanoseconds) {
  struct timespec time = time_of(nanoseconds);
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

int cshm_futex_wait(const void *word, uint32_t expected, int64_t nanoseconds) {
  struct timespec time = time_of(nanoseconds);
  if (syscall(SYS_futex, word, FUTEX_WAIT, expected, &time, NULL, 0) == 0)
    return 0;
  return errno == EAGAIN ? 0 : -1;
}

int cshm_futex_wake(const void *word, int count) {
  return (int)syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/* Debian 12's headers declare futex_waitv(2); older kernels may lack it. */
static int wait_for_several(const struct cshm_sleeper *words, int count,
                            int64_t nanoseconds) {
  struct futex_waitv waiters[CSHM_SLEEPERS];
  for (int i = 0; i < count; i++)
    waiters[i] = (struct futex_waitv){.val = words[i].expected,
                                      .uaddr = (uintptr_t)words[i].word,
                                      .flags = FUTEX_32};
  struct timespec until = time_of(cshm_now() + nanoseconds);
  if (syscall(SYS_futex_waitv, waiters, count, 0, &until, CLOCK_MONOTONIC) >= 0)
    return 0;
  return errno == EAGAIN ? 0 : -1;
}

static bool is_unknown(int error) { return error == ENOSYS || error == EPERM; }

int cshm_futex_wait_any(const struct cshm_sleeper *words, int count,
                        int64_t nanoseconds) {
  if (wait_for_several(words, count, nanoseconds) == 0)
    return 0;
  if (!is_unknown(errno))
    return -1;
  enum { MILLISECOND = 1000000 };
  struct timespec slice =
      time_of(nanoseconds < MILLISECOND ? nanoseconds : MILLISECOND);
  return nanosleep(&slice, NULL);
}
