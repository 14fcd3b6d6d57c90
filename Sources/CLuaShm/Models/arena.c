#define _GNU_SOURCE
#include "arena.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What is known of an arena outside of it. */
struct arena {
  struct luashm_actor *actor;
  size_t sealed;
  unsigned char *original; /* the sealed bytes, as they were then */
  uint32_t hot;            /* pages that were written since, in this order */
  uint32_t pages[LUASHM_MOST_HOT];
};

enum { MOST = LUASHM_PARTS + 3 };

static struct arena arenas[MOST];

static struct arena *arena_of(const struct luashm_actor *actor) {
  for (int i = 0; i < MOST; i++)
    if (arenas[i].actor == actor)
      return &arenas[i];
  return NULL;
}

/* ---- pages ---- */

static void heat(struct arena *arena, uint32_t page) {
  if (arena->hot == LUASHM_MOST_HOT)
    abort(); /* an actor has loaded more than 4 MiB, and changes all of it */
  arena->pages[arena->hot++] = page;
  mprotect((char *)arena->actor + (size_t)page * LUASHM_ARENA_PAGE,
           LUASHM_ARENA_PAGE, PROT_READ | PROT_WRITE);
}

static bool is_hot(const struct arena *arena, uint32_t page) {
  for (uint32_t i = 0; i < arena->hot; i++)
    if (arena->pages[i] == page)
      return true;
  return false;
}

/* A write to a sealed page; anything else ends the process as ever. */
static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  for (int i = 0; i < MOST; i++) {
    struct arena *arena = &arenas[i];
    size_t at = (size_t)((char *)info->si_addr - (char *)arena->actor);
    if (!arena->actor || at >= arena->sealed)
      continue;
    uint32_t page = (uint32_t)(at / LUASHM_ARENA_PAGE);
    if (is_hot(arena, page))
      break;
    heat(arena, page);
    return;
  }
  signal(number, SIG_DFL);
}

static void watch_faults(void) {
  static bool watches;
  if (watches)
    return;
  watches = true;
  struct sigaction action = {.sa_sigaction = on_fault,
                             .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGVTALRM); /* it may leave the actor for good */
  sigaction(SIGSEGV, &action, NULL);
}

void luashm_arena_seal(struct luashm_actor *actor) {
  struct arena *arena = arena_of(actor);
  watch_faults();
  actor->used = (actor->used + LUASHM_ARENA_PAGE - 1) &
                ~(size_t)(LUASHM_ARENA_PAGE - 1);
  memset(actor->lists, 0, sizeof actor->lists);
  arena->original = malloc(actor->used);
  if (!arena->original)
    return; /* all of it is in each image */
  actor->sealed = arena->sealed = actor->used;
  memcpy(arena->original, actor, actor->used);
  mprotect(actor, actor->used, PROT_READ);
  for (uint32_t page = 0; page * LUASHM_ARENA_PAGE < sizeof *actor; page++)
    heat(arena, page);
}

void luashm_arena_reset(struct luashm_actor *actor) {
  const struct arena *arena = arena_of(actor);
  memset((char *)actor + arena->sealed, 0, actor->used - arena->sealed);
  for (uint32_t i = 0; i < arena->hot; i++) {
    size_t at = (size_t)arena->pages[i] * LUASHM_ARENA_PAGE;
    memcpy((char *)actor + at, arena->original + at, LUASHM_ARENA_PAGE);
  }
}

/* ---- making ---- */

static void *map(void *address) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void *memory = mmap(address, LUASHM_ARENA_SIZE, PROT_READ | PROT_WRITE,
                      flags | MAP_FIXED_NOREPLACE, -1, 0);
  return memory != MAP_FAILED ? memory
                              : mmap(NULL, LUASHM_ARENA_SIZE,
                                     PROT_READ | PROT_WRITE, flags, -1, 0);
}

struct luashm_actor *luashm_arena_make(void *address) {
  struct arena *arena = arena_of(NULL);
  void *memory = arena ? map(address) : MAP_FAILED;
  if (memory == MAP_FAILED)
    return NULL;
  struct luashm_actor *actor = memory;
  actor->used = (sizeof *actor + 15) & ~(size_t)15;
  *arena = (struct arena){.actor = actor};
  return actor;
}

void luashm_arena_end(struct luashm_actor *actor) {
  struct arena *arena = arena_of(actor);
  free(arena->original);
  *arena = (struct arena){0};
  munmap(actor, LUASHM_ARENA_SIZE);
}

void *luashm_arena_stack(struct luashm_actor *actor) {
  return (char *)actor + LUASHM_ARENA_SIZE - LUASHM_ARENA_STACK;
}

/* ---- allocating ---- */

/* Kept for telling that memory was short: from the second refusal on, as Lua
   collects after the first, and asks again. */
enum { RESERVE = 256 << 10 };

enum { SMALL = 1024, STEP = 16, FIRST_LARGE = SMALL / STEP };

/* Up to 1 KiB a list for every 16 bytes, above that one for each power of
   two. */
static int list_of(size_t size) {
  if (size <= SMALL)
    return (int)((size + STEP - 1) / STEP);
  int list = FIRST_LARGE + 1;
  for (size_t room = 2 * SMALL; room < size; room *= 2)
    list++;
  return list;
}

static size_t size_of(int list) {
  return list <= FIRST_LARGE ? (size_t)list * STEP
                             : (size_t)SMALL << (list - FIRST_LARGE);
}

size_t luashm_actor_room(const struct luashm_actor *actor) {
  return LUASHM_ARENA_SIZE - LUASHM_ARENA_STACK - actor->used;
}

static void *take(struct luashm_actor *actor, int list) {
  void *block = actor->lists[list];
  if (block) {
    memcpy(&actor->lists[list], block, sizeof(void *));
    return block;
  }
  size_t size = size_of(list);
  size_t kept = actor->refusals < 2 ? RESERVE : 0;
  if (size + kept > luashm_actor_room(actor))
    return NULL;
  block = (char *)actor + actor->used;
  actor->used += size;
  return block;
}

/* A sealed block is not used again: the pages of those change seldom. */
static void give(struct luashm_actor *actor, void *block, int list) {
  if ((size_t)((char *)block - (char *)actor) < actor->sealed)
    return;
  memcpy(block, &actor->lists[list], sizeof(void *));
  actor->lists[list] = block;
}

void *luashm_arena_allocate(void *context, void *block, size_t old,
                            size_t size) {
  struct luashm_actor *actor = context;
  if (block && size > 0 && list_of(old) == list_of(size))
    return block;
  void *made = NULL;
  if (size > 0) {
    made = take(actor, list_of(size));
    if (!made) {
      actor->refusals++;
      if (actor->state)
        luashm_actor_place(actor, actor->model->short_at,
                           sizeof actor->model->short_at);
      return NULL;
    }
    if (block)
      memcpy(made, block, old < size ? old : size);
  }
  if (block)
    give(actor, block, list_of(old));
  return made;
}

/* ---- images ---- */

static size_t stack_size(const struct luashm_actor *actor) {
  return (size_t)((const char *)actor + LUASHM_ARENA_SIZE -
                  (const char *)actor->stack.standing);
}

size_t luashm_actor_size(const struct luashm_actor *actor) {
  return arena_of(actor)->hot * (size_t)LUASHM_ARENA_PAGE + actor->used -
         actor->sealed + stack_size(actor);
}

static void grow(struct luashm_actor_image **image, size_t size) {
  if (*image && (*image)->capacity >= size)
    return;
  free(*image);
  *image = malloc(sizeof **image + size);
  if (*image)
    (*image)->capacity = size;
}

struct luashm_actor_image *luashm_actor_save(const struct luashm_actor *actor,
                                       struct luashm_actor_image *image) {
  const struct arena *arena = arena_of(actor);
  size_t size = luashm_actor_size(actor);
  grow(&image, size);
  if (!image)
    return NULL;
  image->size = size;
  image->used = actor->used;
  image->sealed = arena->sealed;
  image->stack = stack_size(actor);
  image->hot = arena->hot;
  unsigned char *to = image->bytes;
  for (uint32_t i = 0; i < arena->hot; i++, to += LUASHM_ARENA_PAGE)
    memcpy(to,
           (const char *)actor + (size_t)arena->pages[i] * LUASHM_ARENA_PAGE,
           LUASHM_ARENA_PAGE);
  memcpy(to, (const char *)actor + arena->sealed, actor->used - arena->sealed);
  to += actor->used - arena->sealed;
  memcpy(to, actor->stack.standing, image->stack);
  return image;
}

/* As it was before it was sealed: all of it is in the image. */
static void unseal(struct arena *arena) {
  mprotect(arena->actor, arena->sealed, PROT_READ | PROT_WRITE);
  free(arena->original);
  arena->original = NULL;
  arena->sealed = 0;
  arena->hot = 0;
}

/* Pages that were written since the image for the first time were as they were
   in the beginning. What was allocated since is as fresh as it was. */
void luashm_actor_put_back(struct luashm_actor *actor,
                           const struct luashm_actor_image *image) {
  struct arena *arena = arena_of(actor);
  const unsigned char *from = image->bytes;
  if (image->sealed != arena->sealed)
    unseal(arena);
  if (actor->used > image->used)
    memset((char *)actor + image->used, 0, actor->used - image->used);
  for (uint32_t i = 0; i < arena->hot; i++) {
    size_t at = (size_t)arena->pages[i] * LUASHM_ARENA_PAGE;
    if (i < image->hot) {
      memcpy((char *)actor + at, from, LUASHM_ARENA_PAGE);
      from += LUASHM_ARENA_PAGE;
    } else
      memcpy((char *)actor + at, arena->original + at, LUASHM_ARENA_PAGE);
  }
  memcpy((char *)actor + arena->sealed, from, image->used - arena->sealed);
  from += image->used - arena->sealed;
  memcpy(actor->stack.standing, from, image->stack);
}

/* FNV's idea by words, with a finish: Fowler, Noll, Vo. */
uint64_t luashm_digest(const void *bytes, size_t size, uint64_t before) {
  const unsigned char *from = bytes;
  uint64_t hash = before ^ (size * 0x9E3779B97F4A7C15u);
  for (; size >= 8; size -= 8, from += 8) {
    uint64_t word;
    memcpy(&word, from, sizeof word);
    hash = (hash ^ word) * 0x9FB21C651E98DF25u;
    hash ^= hash >> 32;
  }
  uint64_t rest = 0;
  memcpy(&rest, from, size);
  hash = (hash ^ rest) * 0xD6E8FEB86659FD93u;
  return hash ^ hash >> 29;
}

uint64_t luashm_actor_hash(const struct luashm_actor *actor) {
  const struct arena *arena = arena_of(actor);
  uint64_t hash = 1;
  for (uint32_t i = 0; i < arena->hot; i++)
    hash = luashm_digest((const char *)actor +
                           (size_t)arena->pages[i] * LUASHM_ARENA_PAGE,
                       LUASHM_ARENA_PAGE, hash ^ arena->pages[i]);
  hash = luashm_digest((const char *)actor + arena->sealed,
                     actor->used - arena->sealed, hash);
  return luashm_digest(actor->stack.standing, stack_size(actor), hash);
}
