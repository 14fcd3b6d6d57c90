/* What stream.lua does, by ZeroMQ: push and pull over ipc, one by one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { COUNT = 200000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(void) {
  char place[64], text[64];
  memset(text, 'x', sizeof text);
  snprintf(place, sizeof place, "ipc://@moonpool-stream-%d", getpid());
  int gate[2];
  if (pipe(gate) != 0)
    return 1;
  pid_t other = fork();
  void *context = zmq_ctx_new();
  void *end = zmq_socket(context, other == 0 ? ZMQ_PUSH : ZMQ_PULL);
  if (other == 0) {
    zmq_connect(end, place);
    for (int i = 0; i < COUNT; i++)
      zmq_send(end, text, sizeof text, 0);
    /* Whose sender has gone has lost messages, once in some hundred runs. */
    close(gate[1]);
    (void)!read(gate[0], text, 1);
    zmq_close(end);
    zmq_ctx_term(context);
    _exit(0);
  }
  close(gate[0]);
  if (zmq_bind(end, place) != 0)
    return 1;
  zmq_recv(end, text, sizeof text, 0);
  double before = now();
  for (int i = 1; i < COUNT; i++)
    zmq_recv(end, text, sizeof text, 0);
  printf("stream\t%f\n", (now() - before) / (COUNT - 1));
  close(gate[1]);
  wait(NULL);
}
