#define _GNU_SOURCE
#include <CShm.h>

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64, SECOND = 1000000000 };

int cshm_open_process(int32_t process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

static bool has_ended(int process) {
  struct pollfd one = {.fd = process, .events = POLLIN};
  return poll(&one, 1, 0) > 0;
}

bool cshm_met(const struct cshm_condition *condition) {
  if (condition->process >= 0)
    return has_ended(condition->process);
  bool differs = condition->size == 8
                     ? cshm_load64(condition->word) != condition->expected
                     : cshm_load32(condition->word) !=
                           (uint32_t)condition->expected;
  return differs || cshm_lost(condition->guard);
}

int cshm_poll_processes(const struct cshm_condition *conditions, int count,
                        int64_t nanoseconds) {
  struct pollfd all[MOST];
  struct timespec time = {nanoseconds / SECOND, nanoseconds % SECOND};
  for (int i = 0; i < count && i < MOST; i++)
    all[i] = (struct pollfd){.fd = conditions[i].process, .events = POLLIN};
  int ready = ppoll(all, (nfds_t)(count < MOST ? count : MOST), &time, NULL);
  if (ready == 0)
    errno = ETIMEDOUT;
  return ready > 0 ? 0 : -1;
}
