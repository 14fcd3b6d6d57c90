/* What stream.lua does, by a POSIX message queue: one by one. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COUNT = 200000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(void) {
  char name[64], text[64];
  memset(text, 'x', sizeof text);
  snprintf(name, sizeof name, "/moonpool-bench-%d", getpid());
  /* 10 is what the kernel allows without asking. */
  struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = sizeof text};
  mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  if (queue == (mqd_t)-1)
    return 1;
  mq_unlink(name);
  if (fork() == 0) {
    for (int i = 0; i < COUNT; i++)
      mq_send(queue, text, sizeof text, 0);
    _exit(0);
  }
  mq_receive(queue, text, sizeof text, NULL);
  double before = now();
  for (int i = 1; i < COUNT; i++)
    mq_receive(queue, text, sizeof text, NULL);
  printf("stream\t%f\n", (now() - before) / (COUNT - 1));
  wait(NULL);
}
