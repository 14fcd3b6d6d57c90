/* What turns.lua does, by ZeroMQ: a request and its reply over ipc. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { TURNS = 2000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(void) {
  char place[64], byte = 'x';
  snprintf(place, sizeof place, "ipc://@moonpool-bench-%d", getpid());
  pid_t other = fork();
  void *context = zmq_ctx_new();
  void *end = zmq_socket(context, other == 0 ? ZMQ_REP : ZMQ_REQ);
  if (other == 0) {
    if (zmq_bind(end, place) != 0)
      _exit(1);
    for (int i = 0; i <= TURNS; i++) {
      zmq_recv(end, &byte, 1, 0);
      zmq_send(end, &byte, 1, 0);
    }
    zmq_close(end);
    zmq_ctx_term(context);
    _exit(0);
  }
  zmq_connect(end, place);
  zmq_send(end, &byte, 1, 0);
  zmq_recv(end, &byte, 1, 0);
  double before = now();
  for (int i = 0; i < TURNS; i++) {
    zmq_send(end, &byte, 1, 0);
    zmq_recv(end, &byte, 1, 0);
  }
  printf("turns\t%f\n", (now() - before) / TURNS);
  wait(NULL);
}
