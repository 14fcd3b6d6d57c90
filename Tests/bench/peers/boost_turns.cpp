// What turns.lua does, by Boost.Interprocess: two semaphores in one shared mapping.
#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/sync/interprocess_semaphore.hpp>
#include <cstdio>
#include <ctime>
#include <new>
#include <sys/wait.h>
#include <unistd.h>

using boost::interprocess::interprocess_semaphore;

struct Turns {
  interprocess_semaphore ping{0}, pong{0};
};

static double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main() {
  const int turns = 2000;
  auto region = boost::interprocess::anonymous_shared_memory(sizeof(Turns));
  Turns *both = new (region.get_address()) Turns;
  if (fork() == 0) {
    for (int i = 0; i <= turns; i++) {
      both->ping.wait();
      both->pong.post();
    }
    _exit(0);
  }
  both->ping.post();
  both->pong.wait();
  double before = now();
  for (int i = 0; i < turns; i++) {
    both->ping.post();
    both->pong.wait();
  }
  std::printf("turns\t%f\n", (now() - before) / turns);
  wait(nullptr);
}
