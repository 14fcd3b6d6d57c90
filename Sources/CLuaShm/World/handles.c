#define _GNU_SOURCE
#include "handles.h"

#include <string.h>
#include <sys/mman.h>

/*
 * The first entry reserves the addresses of all; memory is added as entries
 * come. So an entry never moves, and other threads may use theirs meanwhile.
 */
enum {
  SIZE = sizeof(struct luashm_handle),
  STEP = 65536 / SIZE, /* entries that get memory at once: whole pages, of
                          whatever size the machine has */
  MOST = 1 << 20,     /* 128 MiB of addresses; fewer if those are scarce */
  FEWEST = 1 << 10
};

_Static_assert(SIZE == 128, "what an access needs is one cache line");

static struct luashm_handle none;

struct luashm_handle *luashm_handles = &none;

static bool busy;
static uint32_t reserved, made;
static uint32_t next = 1;             /* the first that was never taken */
static uint32_t unused;               /* the first that is free again, or 0 */

static bool reserve(void) {
  for (uint32_t count = MOST; count >= FEWEST; count /= 2) {
    void *table = mmap(NULL, (size_t)count * SIZE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table == MAP_FAILED)
      continue;
    if (mprotect(table, STEP * SIZE, PROT_READ | PROT_WRITE) < 0) {
      munmap(table, (size_t)count * SIZE);
      return false;
    }
    luashm_handles = table;
    reserved = count;
    made = STEP;
    return true;
  }
  return false;
}

static bool grow(void) {
  if (made == reserved || mprotect(luashm_handles + made, STEP * SIZE,
                                   PROT_READ | PROT_WRITE) < 0)
    return false;
  made += STEP;
  return true;
}

static uint32_t take(void) {
  uint32_t index = unused;
  if (index != 0) {
    unused = luashm_handles[index].next_free;
    return index;
  }
  if (reserved == 0 && !reserve())
    return 0;
  if (next == made && !grow())
    return 0;
  /* An image that was put back may have left something in this entry. */
  luashm_handles[next] = (struct luashm_handle){.generation = 1};
  return next++;
}

struct luashm_object luashm_take_handle(void) {
  while (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
    ;
  uint32_t index = take();
  __atomic_clear(&busy, __ATOMIC_RELEASE);
  return (struct luashm_object){
      index, index != 0 ? luashm_handles[index].generation : 0};
}

void luashm_give_handle(struct luashm_object object) {
  struct luashm_handle *handle = luashm_handle(object);
  if (handle == luashm_handles)
    return;
  uint32_t generation = handle->generation + 1;
  memset(handle, 0, sizeof *handle);
  handle->generation = generation;
  if (generation == 0) /* wrapped: reused, an old object would fit it again */
    return;
  while (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
    ;
  handle->next_free = unused;
  unused = object.index;
  __atomic_clear(&busy, __ATOMIC_RELEASE);
}

/* ---- the table's image ---- */

/* Stands in front of the entries. */
struct image {
  uint32_t next, unused;
};

size_t luashm_table_size(void) {
  return sizeof(struct image) + (size_t)next * SIZE;
}

void luashm_save_table(void *to) {
  struct image head = {next, unused};
  memcpy(to, &head, sizeof head);
  memcpy((char *)to + sizeof head, luashm_handles, (size_t)next * SIZE);
}

/* Entries made since the image are cleared when they are taken again. */
void luashm_restore_table(const void *from) {
  struct image head;
  memcpy(&head, from, sizeof head);
  memcpy(luashm_handles, (const char *)from + sizeof head,
         (size_t)head.next * SIZE);
  next = head.next;
  unused = head.unused;
}
