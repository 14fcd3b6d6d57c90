/*
 * The way of a victim, as far as one went it: a later one is brought to a
 * point of it by a breakpoint, without steps.
 *
 * A point is remembered as an address and how often the way came by there.
 * Victims are children of one process, so that an address is the same code in
 * each. What they do after a sleep may depend on the time: one that went
 * another way is noticed, and its round is played again.
 */
#ifndef KILLSTEP_PATH_H
#define KILLSTEP_PATH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/types.h>

struct point {
  uint64_t address; /* 0: asleep in the kernel */
  unsigned long visit, instructions;
  bool changed; /* a byte of the files had changed on the way */
};

enum { PLACES = 1 << 16 };

struct path {
  struct point *points;
  unsigned long count, room;
  bool closed; /* nothing more is remembered */
  struct {
    uint64_t address;
    unsigned long visits;
  } places[PLACES];
};

static inline void path_forget(struct path *path) {
  path->count = 0;
  path->closed = false;
  memset(path->places, 0, sizeof path->places);
}

/* The way came by: how often it has now been there. */
static inline unsigned long path_visit(struct path *path, uint64_t address) {
  size_t place = (address * 0x9E3779B97F4A7C15) >> 48;
  for (size_t turn = 0; turn < PLACES; turn++) {
    if (!path->places[place].visits)
      path->places[place].address = address;
    if (path->places[place].address == address)
      return ++path->places[place].visits;
    place = (place + 1) % PLACES;
  }
  path->closed = true;
  return 0;
}

static inline void path_add(struct path *path, struct point point) {
  if (path->count == path->room) {
    path->room = path->room ? 2 * path->room : 1024;
    path->points = realloc(path->points, path->room * sizeof point);
    if (!path->points)
      abort();
  }
  path->points[path->count++] = point;
}

#ifdef __x86_64__
#define VICTIM_ADDRESS offsetof(struct user_regs_struct, rip)

static inline uint64_t path_register(pid_t pid, size_t offset) {
  return (uint64_t)ptrace(PTRACE_PEEKUSER, pid, (void *)offset, NULL);
}

enum arrival { ARRIVED, CANNOT, LOST };

/* Runs the victim to the point; `until_stopped` waits for it, also while it
   sleeps on the way. CANNOT: no breakpoint can be there, and it has not moved;
   LOST: it went another way. */
static inline enum arrival path_go(pid_t pid, const struct point *point,
                                   void (*until_stopped)(pid_t)) {
  void *address = (void *)point->address;
  if (!address)
    return CANNOT;
  errno = 0;
  long code = ptrace(PTRACE_PEEKTEXT, pid, address, NULL);
  long trap = (code & ~0xFFL) | 0xCC;
  if (errno != 0)
    return CANNOT;
  unsigned long visits = 0;
  bool stands_there = path_register(pid, VICTIM_ADDRESS) == point->address;
  for (;;) {
    if (stands_there) {
      if (++visits == point->visit)
        return ARRIVED;
      if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
        return LOST;
      until_stopped(pid);
      stands_there = path_register(pid, VICTIM_ADDRESS) == point->address;
      if (stands_there)
        continue;
    }
    if (ptrace(PTRACE_POKETEXT, pid, address, (void *)trap) < 0)
      return visits == 0 ? CANNOT : LOST;
    if (ptrace(PTRACE_CONT, pid, NULL, NULL) < 0)
      return LOST;
    until_stopped(pid);
    if (ptrace(PTRACE_POKETEXT, pid, address, (void *)code) < 0 ||
        path_register(pid, VICTIM_ADDRESS) != point->address + 1)
      return LOST;
    ptrace(PTRACE_POKEUSER, pid, (void *)VICTIM_ADDRESS, address);
    stands_there = true;
  }
}
#endif

#endif
