#define _GNU_SOURCE
#include "CShm.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/*
 * The table: blocks of entries, never freed, so that the handler may walk it
 * at any moment. An entry becomes visible by its base, stored last, and
 * invisible by the same word, cleared first. The free list is guarded by a
 * spin lock that the handler never takes.
 */
enum { ENTRIES = 1022 };

struct block {
  struct block *next;
  uint32_t used; /* entries ever handed out, for the handler's walk */
  struct cshm_window entries[ENTRIES];
};

static struct block *blocks; /* newest first */
static struct cshm_window *unused;
static bool busy;
static bool installed;
static struct sigaction previous;

static struct cshm_window *covering(uintptr_t address) {
  struct block *block = __atomic_load_n(&blocks, __ATOMIC_ACQUIRE);
  for (; block; block = block->next) {
    uint32_t used = __atomic_load_n(&block->used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < used; i++) {
      struct cshm_window *window = &block->entries[i];
      uintptr_t base = __atomic_load_n(&window->base, __ATOMIC_ACQUIRE);
      if (base && address - base < window->length &&
          base == __atomic_load_n(&window->base, __ATOMIC_ACQUIRE))
        return window; /* and not used anew between the two */
    }
  }
  return NULL;
}

/* As if we were not there: the handler before ours, or the default, which
   the access raises again once it is restored. */
static void pass_on(int signal, siginfo_t *info, void *context) {
  bool sent = info->si_code <= 0; /* by kill(2): no access will repeat it */
  if (previous.sa_handler == SIG_IGN && sent)
    return;
  if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    struct sigaction fallback = {.sa_handler = SIG_DFL};
    sigaction(signal, &fallback, NULL);
    if (sent)
      raise(signal);
  } else if (previous.sa_flags & SA_SIGINFO)
    previous.sa_sigaction(signal, info, context);
  else
    previous.sa_handler(signal);
}

static void on_bus_error(int signal, siginfo_t *info, void *context) {
  int kept = errno;
  uintptr_t address = (uintptr_t)info->si_addr;
  struct cshm_window *window =
      info->si_code > 0 ? covering(address) : NULL;
  uintptr_t page = address & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
  if (window && mmap((void *)page, (size_t)sysconf(_SC_PAGESIZE),
                     window->protection,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                     0) != MAP_FAILED)
    __atomic_store_n(&window->lost, 1, __ATOMIC_RELAXED);
  else
    pass_on(signal, info, context);
  errno = kept;
}

static int install(void) {
  struct sigaction action = {.sa_sigaction = on_bus_error};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  if (sigaction(SIGBUS, &action, &previous) < 0)
    return -1;
  installed = true;
  return 0;
}

static struct cshm_window *fresh_entry(void) {
  if (!blocks || blocks->used == ENTRIES) {
    struct block *block =
        mmap(NULL, sizeof *block, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
      return NULL;
    block->next = blocks;
    __atomic_store_n(&blocks, block, __ATOMIC_RELEASE);
  }
  struct cshm_window *window = &blocks->entries[blocks->used];
  __atomic_store_n(&blocks->used, blocks->used + 1, __ATOMIC_RELEASE);
  return window;
}

struct cshm_window *cshm_guard(void *base, size_t length, int protection) {
  while (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
    ;
  struct cshm_window *window = NULL;
  if (installed || install() == 0) {
    window = unused;
    if (window)
      unused = window->next_free;
    else
      window = fresh_entry();
  }
  __atomic_clear(&busy, __ATOMIC_RELEASE);
  if (!window)
    return NULL;
  window->length = length;
  window->protection = protection;
  window->lost = 0;
  __atomic_store_n(&window->base, (uintptr_t)base, __ATOMIC_RELEASE);
  return window;
}

void cshm_unguard(struct cshm_window *window) {
  if (!window)
    return;
  __atomic_store_n(&window->base, 0, __ATOMIC_RELEASE);
  while (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
    ;
  window->next_free = unused;
  unused = window;
  __atomic_clear(&busy, __ATOMIC_RELEASE);
}
