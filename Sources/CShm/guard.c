#define _GNU_SOURCE
#include "CShm.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/*
 * How the parts play together. Each mapping has an entry in the table below.
 * An access to a page that is gone (a peer truncated the file) raises SIGBUS;
 * on_bus_error() finds the entry that covers the address, marks it as lost and
 * puts zeroes in the page's place, so that the access succeeds when it is
 * repeated. Callers look at the mark after each access.
 *
 * The table is made of blocks that are never freed, so that the handler may
 * walk it at any moment. An entry becomes visible when its base is stored,
 * last, and invisible when the base is cleared, first. A spin lock guards the
 * free list; the handler never takes it.
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
static size_t page_size;
static struct sigaction previous;

/* The window that covers an address; *end is where that window ends. */
static struct cshm_window *covering(uintptr_t address, uintptr_t *end) {
  struct block *block = __atomic_load_n(&blocks, __ATOMIC_ACQUIRE);
  for (; block; block = block->next) {
    uint32_t used = __atomic_load_n(&block->used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < used; i++) {
      struct cshm_window *window = &block->entries[i];
      uintptr_t base = __atomic_load_n(&window->base, __ATOMIC_ACQUIRE);
      size_t length = window->length;
      *end = base + length;
      if (base && address - base < length &&
          base == __atomic_load_n(&window->base, __ATOMIC_ACQUIRE))
        return window; /* and the entry was not reused between the two reads */
    }
  }
  return NULL;
}

/* Handles the signal as if this library were absent: calls the handler from
   before ours, or restores the default action, which the repeated access then
   triggers. */
static void pass_on(int signal, siginfo_t *info, void *context) {
  bool sent = info->si_code <= 0; /* by kill(2): no access repeats it */
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

enum { ZEROES = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

/* Replaces `size` bytes at `page` with zeroes. They are mapped elsewhere and
   then moved here: a MAP_FIXED that the kernel refuses may already have
   unmapped what was there (it does before Linux 6.12 where memory is accounted
   for strictly), and the next access would be a SIGSEGV. */
static bool move_zeroes(uintptr_t page, size_t size, int protection) {
  void *fresh = mmap(NULL, size, protection, ZEROES, -1, 0);
  if (fresh == MAP_FAILED)
    return false;
  if (mremap(fresh, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
             (void *)page) != MAP_FAILED)
    return true;
  munmap(fresh, size);
  return false;
}

/* Replaces [page, end) with zeroes, or as much of it as the kernel allows, at
   least one page. All of it is one mapping: with one per page the limit of
   mappings (vm.max_map_count, 65,530) would be reached, and the next fault
   would kill the process. MAP_NORESERVE means that nothing is accounted for, so
   a window may be larger than the machine's memory; where that is forbidden
   (vm.overcommit_memory is 2) the kernel grants a smaller piece, and the next
   fault maps the rest. Threads that fault at the same time each map up to the
   same end, and all of them map zeroes. */
static bool replace(uintptr_t page, uintptr_t end, int protection) {
  for (size_t size = end - page; size > page_size;
       size = size / 2 & ~(page_size - 1))
    if (move_zeroes(page, size, protection))
      return true;
  return mmap((void *)page, page_size, protection, ZEROES | MAP_FIXED, -1,
              0) != MAP_FAILED;
}

/* Sets the mark before it maps the zeroes: another thread must not read a zero
   and take it for the object's. */
static void on_bus_error(int signal, siginfo_t *info, void *context) {
  int kept = errno;
  uintptr_t address = (uintptr_t)info->si_addr, end;
  struct cshm_window *window =
      info->si_code > 0 ? covering(address, &end) : NULL;
  if (window)
    __atomic_store_n(&window->lost, 1, __ATOMIC_RELEASE);
  uintptr_t page = address & ~((uintptr_t)page_size - 1);
  if (!window || !replace(page, end, window->protection))
    pass_on(signal, info, context);
  errno = kept;
}

static int install(void) {
  page_size = (size_t)sysconf(_SC_PAGESIZE);
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
