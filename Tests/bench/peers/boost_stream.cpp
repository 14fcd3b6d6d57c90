// What stream.lua does, by Boost's message_queue: one by one.
#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using boost::interprocess::message_queue;

static double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main() {
  const int count = 200000;
  char text[64];
  std::memset(text, 'x', sizeof text);
  std::string name = "moonpool-bench-" + std::to_string(getpid());
  message_queue queue(boost::interprocess::create_only, name.c_str(), 800,
                      sizeof text);
  if (fork() == 0) {
    for (int i = 0; i < count; i++)
      queue.send(text, sizeof text, 0);
    _exit(0);
  }
  message_queue::size_type length;
  unsigned priority;
  queue.receive(text, sizeof text, length, priority);
  double before = now();
  for (int i = 1; i < count; i++)
    queue.receive(text, sizeof text, length, priority);
  std::printf("stream\t%f\n", (now() - before) / (count - 1));
  wait(nullptr);
  message_queue::remove(name.c_str());
}
