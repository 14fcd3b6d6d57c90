#define _GNU_SOURCE
#include "CShmFutex.h"

#include "CShmWords.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000 };

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

int cshm_futex_wait(const void *word, uint32_t expected, int64_t nanoseconds) {
  struct timespec time = time_of(nanoseconds);
  if (syscall(SYS_futex, word, FUTEX_WAIT, expected, &time, NULL, 0) == 0)
    return 0;
  return errno == EAGAIN ? 0 : -1;
}

int cshm_futex_wake(const void *word, int count) {
  return (int)syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/* Debian 12's headers know the call, older kernels may not. */
int cshm_futex_wait_any(const struct cshm_sleeper *words, int count,
                        int64_t nanoseconds) {
  struct futex_waitv waiters[CSHM_SLEEPERS];
  for (int i = 0; i < count; i++)
    waiters[i] = (struct futex_waitv){.val = words[i].expected,
                                      .uaddr = (uintptr_t)words[i].word,
                                      .flags = FUTEX_32};
  struct timespec until = time_of(cshm_now() + nanoseconds);
  if (syscall(SYS_futex_waitv, waiters, count, 0, &until, CLOCK_MONOTONIC) >= 0)
    return 0;
  if (errno == EAGAIN)
    return 0;
  if (errno != ENOSYS && errno != EPERM)
    return -1;
  enum { MILLISECOND = 1000000 };
  struct timespec slice =
      time_of(nanoseconds < MILLISECOND ? nanoseconds : MILLISECOND);
  return nanosleep(&slice, NULL);
}

/* A turn is a load and a pause, some 40 ns; the longest spin is what a sleep
   and a wake-up through the kernel cost. */
enum { FEWEST = 32, MOST = 1024, PROBE = 64 };

static int processors;

static bool is_alone(void) {
  if (processors == 0) {
    cpu_set_t set;
    processors =
        sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  }
  return processors == 1;
}

bool cshm_spin(const void *word, uint32_t expected,
               struct cshm_spinner *spinner) {
  if (is_alone())
    return cshm_load32(word) != expected;
  if (spinner->turns == 0)
    spinner->turns = MOST;
  int32_t turns = spinner->turns;
  if (turns < FEWEST) { /* it has not paid: look again now and then */
    if (++spinner->idle < PROBE)
      return cshm_load32(word) != expected;
    spinner->idle = 0;
    turns = FEWEST;
  }
  for (int32_t turn = 0; turn < turns; turn++) {
    if (cshm_load32(word) != expected) {
      spinner->turns = turns < MOST / 2 ? turns * 2 : MOST;
      return true;
    }
    cshm_pause();
  }
  spinner->turns = turns / 2 > 0 ? turns / 2 : 1;
  return false;
}
