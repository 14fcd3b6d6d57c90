#define _GNU_SOURCE
#include "BareCalls.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wake(uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* As the library sleeps: it looks again every 20 ms. */
static void rest(const uint32_t *word, uint32_t expected) {
  const struct timespec slice = {.tv_nsec = 20000000};
  syscall(SYS_futex, word, FUTEX_WAIT, expected, &slice, NULL, 0);
}

static void wait_for(const uint32_t *word, uint32_t turn, enum bare_wait how) {
  for (;;) {
    uint32_t now = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    if (now == turn)
      return;
    if (how == BARE_SLEEP)
      rest(word, now);
#if defined(__x86_64__)
    else
      __builtin_ia32_pause();
#endif
  }
}

static void say(uint32_t *word, uint32_t turn, enum bare_wait how) {
  __atomic_store_n(word, turn, __ATOMIC_SEQ_CST);
  if (how != BARE_SPIN)
    wake(word);
}

void bare_serve(uint32_t *ping, uint32_t *pong, uint32_t first, uint32_t turns,
                enum bare_wait how) {
  for (uint32_t turn = first; turn != first + turns; turn++) {
    wait_for(ping, turn, how);
    say(pong, turn, how);
  }
}

void bare_ask(uint32_t *ping, uint32_t *pong, uint32_t first, uint32_t turns,
              enum bare_wait how) {
  for (uint32_t turn = first; turn != first + turns; turn++) {
    say(ping, turn, how);
    wait_for(pong, turn, how);
  }
}

uint64_t bare_processors(void) {
  cpu_set_t set;
  uint64_t found = 0;
  sched_getaffinity(0, sizeof set, &set);
  for (int each = 0; each < 64; each++)
    if (CPU_ISSET(each, &set))
      found |= (uint64_t)1 << each;
  return found;
}

void bare_use_processors(uint64_t processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int each = 0; each < 64; each++)
    if (processors >> each & 1)
      CPU_SET(each, &set);
  sched_setaffinity(0, sizeof set, &set);
}
