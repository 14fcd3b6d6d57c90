#define _GNU_SOURCE
#include "arena.h"

#include <string.h>
#include <sys/mman.h>

struct arena *arena_make(void *address) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void *memory = MAP_FAILED;
  if (address)
    memory = mmap(address, ARENA_SIZE, PROT_READ | PROT_WRITE,
                  flags | MAP_FIXED_NOREPLACE, -1, 0);
  if (memory == MAP_FAILED)
    memory = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  struct arena *arena = memory;
  arena->used = (sizeof *arena + 15) & ~(size_t)15;
  return arena;
}

void arena_end(struct arena *arena) { munmap(arena, ARENA_SIZE); }

void *arena_stack(struct arena *arena) {
  return (char *)arena + ARENA_SIZE - ARENA_STACK;
}

static int class_of(size_t size) {
  int class = 4;
  while (((size_t)1 << class) < size)
    class++;
  return class;
}

static void *take(struct arena *arena, int class) {
  void *block = arena->free[class];
  if (block) {
    memcpy(&arena->free[class], block, sizeof(void *));
    return block;
  }
  size_t size = (size_t)1 << class;
  if (size > ARENA_SIZE - ARENA_STACK - arena->used)
    return NULL;
  block = (char *)arena + arena->used;
  arena->used += size;
  return block;
}

static void give(struct arena *arena, void *block, int class) {
  memcpy(block, &arena->free[class], sizeof(void *));
  arena->free[class] = block;
}

void *arena_allocate(void *context, void *block, size_t old, size_t size) {
  struct arena *arena = context;
  if (block && size > 0 && class_of(old) == class_of(size))
    return block;
  void *made = NULL;
  if (size > 0) {
    made = take(arena, class_of(size));
    if (!made)
      return NULL;
    if (block)
      memcpy(made, block, old < size ? old : size);
  }
  if (block)
    give(arena, block, class_of(old));
  return made;
}
