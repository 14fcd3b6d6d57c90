/*
 * The program's own lua_Alloc. glibc gives big blocks back to the kernel when
 * they are freed, and each page of the next one costs 1 to 2 microseconds: a
 * loop of view:read(1 << 20) spends most of its time there. So blocks from
 * BIG on are mappings of our own, and freed ones are kept for the next that is
 * about as large: KEPT bytes at most, the oldest goes first. Above HUGE, and
 * below BIG, a block is glibc's.
 *
 * Blocks of some KiB, as view:read(4096) makes them, are beyond malloc's
 * quickest lists, and many that are freed at once go back to the kernel, too:
 * 2 MiB of these are kept by size.
 *
 * So are small ones: malloc's quickest lists have seven of a size, and the
 * collector frees hundreds at once. A loop that reads strings of 64 bytes is a
 * fifth faster. (Not under AddressSanitizer, which is to see each of them.)
 *
 * Lua says the size of each block that it frees, so that the block itself need
 * not.
 */
#define _GNU_SOURCE
#include "CLuaShm.h"

#include <lauxlib.h>
#include <lua.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BIG LUASHM_BIG
#define HUGE ((size_t)16 << 20)
#define KEPT ((size_t)16 << 20)
#define PAGE ((size_t)4096)
/* A big block begins so many bytes behind its mapping's: the bytes of a string,
   which are LUAS_HEAD behind the block's, then begin a cache line, and copies
   into it are a thirtieth faster. */
enum { LUAS_HEAD = 24, SKEW = 64 - LUAS_HEAD };

struct kept {
  char *mapping;
  size_t size; /* whole pages */
};

enum { MOST_KEPT = KEPT / BIG };

/* Between KIB and BIG, four sizes to each doubling, each with a list of blocks
   that nobody has; the first word of one leads to the next. */
enum { KIB_POWER = 10, STEPS = 4, CLASSES = (17 - KIB_POWER) * STEPS };

#define KIB ((size_t)1 << KIB_POWER)

/* Below KIB, a list for each size of glibc's chunks, which are multiples of
   GRAIN and have CHUNK bytes that are not the block's: what malloc gives for
   one size is large enough for all of its list. */
enum { GRAIN = 16, CHUNK = 8, CHUNKS = 66 };

#define KEPT_IN_CLASSES ((size_t)2 << 20)

struct link {
  struct link *next;
};

struct luashm_memory {
  struct kept kept[MOST_KEPT]; /* the oldest first */
  unsigned count;
  size_t total; /* bytes of these */
  struct link *chunks[CHUNKS], *classes[CLASSES];
  size_t total_of_classes;
};

/* ---- big blocks ---- */

static bool is_big(size_t size) { return size >= BIG && size <= HUGE; }

/* The size of the mapping of such a block, and its beginning. */
static size_t pages_of(size_t size) {
  return (size + SKEW + PAGE - 1) & -PAGE;
}

static char *mapping_of(void *block) { return (char *)block - SKEW; }

/* Takes one away from those that are kept. */
static struct kept remove_at(struct luashm_memory *memory, unsigned place) {
  struct kept kept = memory->kept[place];
  memory->count--;
  memory->total -= kept.size;
  memmove(memory->kept + place, memory->kept + place + 1,
          (memory->count - place) * sizeof kept);
  return kept;
}

/* Lua tells the size that it asked for, and a block that was kept may be
   larger: what is behind goes back. */
static char *fitted(struct kept kept, size_t size) {
  if (kept.size > size)
    munmap(kept.mapping + size, kept.size - size);
  return kept.mapping;
}

/* One that is large enough, and not by much; the newest first, as its bytes
   are in the processor's caches. */
static char *take_kept(struct luashm_memory *memory, size_t size) {
  for (unsigned place = memory->count; place-- > 0;)
    if (memory->kept[place].size >= size &&
        memory->kept[place].size <= size + size / 4)
      return fitted(remove_at(memory, place), size);
  return NULL;
}

static void *new_big(struct luashm_memory *memory, size_t size) {
  size = pages_of(size);
  char *mapping = take_kept(memory, size);
  if (!mapping)
    mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mapping == MAP_FAILED ? NULL : mapping + SKEW;
}

static void free_big(struct luashm_memory *memory, void *block, size_t size) {
  size = pages_of(size);
  while (memory->count == MOST_KEPT ||
         (memory->count > 0 && memory->total + size > KEPT)) {
    struct kept oldest = remove_at(memory, 0);
    munmap(oldest.mapping, oldest.size);
  }
  memory->kept[memory->count++] = (struct kept){mapping_of(block), size};
  memory->total += size;
}

/* ---- small blocks ---- */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_SMALL 0
#endif
#endif
#ifndef KEEPS_SMALL
#define KEEPS_SMALL 1
#endif

/* From 1 byte on. */
static bool is_small(size_t size) { return KEEPS_SMALL && size - 1 < KIB; }

static size_t chunk_of(size_t size) {
  return (size + CHUNK + GRAIN - 1) / GRAIN;
}

static size_t room_of_chunk(size_t chunk) { return chunk * GRAIN - CHUNK; }

static inline __attribute__((always_inline)) void *
new_small(struct luashm_memory *memory, size_t size) {
  size_t chunk = chunk_of(size);
  struct link *block = memory->chunks[chunk];
  if (__builtin_expect(!block, 0))
    return malloc(room_of_chunk(chunk));
  memory->chunks[chunk] = block->next;
  memory->total_of_classes -= room_of_chunk(chunk);
  return block;
}

static inline __attribute__((always_inline)) void
free_small(struct luashm_memory *memory, void *block, size_t size) {
  size_t chunk = chunk_of(size);
  if (memory->total_of_classes + room_of_chunk(chunk) > KEPT_IN_CLASSES) {
    free(block);
    return;
  }
  struct link *link = block;
  link->next = memory->chunks[chunk];
  memory->chunks[chunk] = link;
  memory->total_of_classes += room_of_chunk(chunk);
}

/* ---- blocks of some KiB ---- */

static bool has_class(size_t size) { return size > KIB && size < BIG; }

static int power_of(size_t size) { return 63 - __builtin_clzll(size - 1); }

static size_t class_of(size_t size) {
  int power = power_of(size);
  size_t step = (size - 1 - ((size_t)1 << power)) >> (power - 2);
  return (size_t)(power - KIB_POWER) * STEPS + step;
}

/* The largest size of its class, which all of its blocks have. */
static size_t room_of(size_t size) {
  int power = power_of(size);
  size_t step = (size_t)1 << (power - 2);
  return (size - 1) / step * step + step;
}

static void *new_middle(struct luashm_memory *memory, size_t size) {
  struct link **class = &memory->classes[class_of(size)];
  struct link *block = *class;
  if (!block)
    return malloc(room_of(size));
  *class = block->next;
  memory->total_of_classes -= room_of(size);
  return block;
}

static void free_middle(struct luashm_memory *memory, void *block,
                        size_t size) {
  size_t room = room_of(size);
  if (memory->total_of_classes + room > KEPT_IN_CLASSES ||
      malloc_usable_size(block) < room) {
    free(block);
    return;
  }
  struct link **class = &memory->classes[class_of(size)];
  struct link *link = block;
  link->next = *class;
  *class = link;
  memory->total_of_classes += room;
}

/* ---- lua_Alloc ---- */

static void *new_block(struct luashm_memory *memory, size_t size) {
  if (is_small(size))
    return new_small(memory, size);
  if (has_class(size))
    return new_middle(memory, size);
  return is_big(size) ? new_big(memory, size) : malloc(size);
}

static void free_block(struct luashm_memory *memory, void *block,
                       size_t size) {
  if (is_small(size))
    free_small(memory, block, size);
  else if (has_class(size))
    free_middle(memory, block, size);
  else if (is_big(size))
    free_big(memory, block, size);
  else
    free(block);
}

/* NULL: the block stays as it is, also one that was to shrink, which Lua takes
   as a want of memory like any other. */
static void *resize(struct luashm_memory *memory, void *block, size_t old,
                    size_t size) {
  bool is_ours = has_class(old) || is_big(old) || has_class(size) ||
                 is_big(size);
  if (!is_ours)
    return realloc(block, size);
  if (has_class(old) && malloc_usable_size(block) >= size && has_class(size) &&
      class_of(old) == class_of(size))
    return block;
  if (is_big(old) && is_big(size)) {
    char *moved = mremap(mapping_of(block), pages_of(old), pages_of(size),
                         MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved + SKEW;
  }
  void *other = new_block(memory, size);
  if (!other)
    return NULL;
  memcpy(other, block, old < size ? old : size);
  free_block(memory, block, old);
  return other;
}

static void free_list(struct link **list) {
  while (*list) {
    struct link *block = *list;
    *list = block->next;
    free(block);
  }
}

/* Gives back all that is kept; false: nothing was. */
static bool give_back(struct luashm_memory *memory) {
  bool any = memory->total + memory->total_of_classes > 0;
  while (memory->count > 0) {
    struct kept oldest = remove_at(memory, 0);
    munmap(oldest.mapping, oldest.size);
  }
  for (int place = 0; place < CHUNKS; place++)
    free_list(&memory->chunks[place]);
  for (int place = 0; place < CLASSES; place++)
    free_list(&memory->classes[place]);
  memory->total_of_classes = 0;
  return any;
}

static void *allocate(void *context, void *block, size_t old, size_t size) {
  struct luashm_memory *memory = context;
  if (!block && is_small(size)) { /* by far the most, and what they free */
    void *small = new_small(memory, size);
    if (small)
      return small;
  } else if (block && size == 0 && is_small(old)) {
    free_small(memory, block, old);
    return NULL;
  }
  if (size == 0) {
    if (block)
      free_block(memory, block, old);
    return NULL;
  }
  for (;;) {
    void *other = block ? resize(memory, block, old, size)
                        : new_block(memory, size);
    if (other || !give_back(memory))
      return other;
  }
}

/* ---- states ---- */

/* Its first blocks are malloc's, of their very sizes, and none is big: this
   allocator goes on with them, and asks malloc how large one of a class is. */
struct lua_State *luashm_new_state(struct luashm_memory **memory) {
  *memory = calloc(1, sizeof **memory);
  if (!*memory)
    return NULL;
  lua_State *L = luaL_newstate();
  if (L) {
    lua_setallocf(L, allocate, *memory);
    return L;
  }
  luashm_free_memory(*memory);
  *memory = NULL;
  return NULL;
}

void luashm_free_memory(struct luashm_memory *memory) {
  if (!memory)
    return;
  give_back(memory);
  free(memory);
}
