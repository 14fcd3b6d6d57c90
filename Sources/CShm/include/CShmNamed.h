/*
 * Named objects that can be waited for, such as events: what their words mean,
 * and the fast paths. NamedRules.swift and each kind's Swift file contain the
 * whole protocol; whatever one compare-and-swap cannot decide here is CSHM_SLOW
 * and is decided there.
 *
 * An object's file is one page, or begins with one (CShmRings.h):
 *
 *   0   magic, format, kind         (ObjectKind's header)
 *   16  limit     a semaphore's maximum; 1: a manual event; a ring's bytes;
 *                 read once, at open
 *   20  slots     how many there are
 *   64  state     one 64-bit word; its low half is what sleepers sleep on
 *   72  looker    one 64-bit word, of mutexes and queues: the sleeper that
 *                 looks for all of them, such as whether the owner lives.
 *                 High half: its mark; low half: the time of its last look,
 *                 in milliseconds of the monotonic clock
 *   128 slots     64 bits each: the epoch in the low 22. The rest is for people
 *                 to look at: 20 bits of the pid namespace, 22 of the process
 *                 (NamedSlot.swift)
 *
 * A mark identifies an owner in 32 bits: slot + 1 in the low 10, the slot's
 * epoch in the high 22. Each slot has two lock bytes far past the file's end,
 * beside those of the name's lifetime (LifetimeLock): the claim byte at
 * 0x7000000000001000 + slot says that the slot is taken, the alive byte at
 * 0x7000000000002000 + slot says that its owner lives. To take a slot, a
 * process
 *
 *   1. locks its claim byte for writing; if refused, it tries the next slot;
 *   2. raises its epoch;
 *   3. locks its alive byte for writing;
 *   4. and only now writes its mark anywhere.
 *
 * Both locks belong to one open file description as long as the owner lives:
 * the kernel drops them at once when the process dies (CShmClaims.h deals with
 * forked children). A mark is dead once its slot's alive byte is unlocked or
 * the slot has another epoch.
 *
 * This holds whoever stops or dies between any two steps. Only the process that
 * holds the claim byte raises the epoch and locks the alive byte. So as long as
 * an owner whose mark has been written lives, its alive byte is locked and its
 * epoch unchanged: the living never seem dead. When it dies the alive byte is
 * unlocked, and stays so until the epoch has changed: the dead stay dead. A
 * process that stops while it takes a slot keeps that slot busy, but lets
 * nobody wait. (One byte could not serve both purposes: after step 1 it would
 * say that the dead owner lives.) Only a hostile program can make step 3 fail;
 * then the slot is given back.
 *
 * The state of each kind, high half | low half:
 *
 *   mutex      owner's mark    | SLEEPERS, LOOKED, ABANDONED, RESERVED, HELD
 *   semaphore  reserver's mark | SLEEPERS, count
 *   event      reserver's mark | SLEEPERS, generation, SET
 *
 * Every change is one compare-and-swap of the whole word. SLEEPERS means that
 * somebody may be asleep. Whoever frees the object clears it and wakes; a
 * waiter that slept and then takes the object sets it again, as there may be
 * more sleepers. A reservation lasts while a wait for all of several objects
 * decides; a dead process's reservation counts as none, and nothing is lost.
 *
 * No sleep lasts for ever, as whoever should end it may be killed before that:
 * a sleeper looks again after 20, 40, 80 ... 1000 ms, and starts over at 20
 * when the word changes or it is woken. An owner that is killed wakes nobody.
 * So one of a mutex's sleepers, the looker, checks every 25 ms whether the
 * owner lives, and the others rest. A sleeper that looks again and finds the
 * looker's mark dead, or its last look older than 100 ms (it may be stopped),
 * takes its place by one compare-and-swap. The looker sets LOOKED before each
 * sleep, to say that it is there; on a state without it nobody sleeps for
 * longer than 25 ms. A looker that leaves clears LOOKED, then its mark, and
 * wakes one sleeper, which takes its place. LOOKED and the looker's word affect
 * only how long others sleep, nothing else.
 *
 * Any peer can write anything here at any time: each value is loaded once, and
 * none is used as an index or a size before it was checked.
 */
#ifndef CSHM_NAMED_H
#define CSHM_NAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CShmClaims.h"
#include "CShmFutex.h"
#include "CShmWords.h"

struct cshm_broadcast;
struct cshm_ring;
struct cshm_window;

/*
 * The kinds of named objects that can be waited for:
 *
 *   KIND(id, name, number)
 *
 * `number` stands in the header of the kind's files; it starts at 1 and is
 * never reused for another kind. A new line here makes the compiler ask for
 * luashm_NAME_kind in CLuaShm/Waitables and for a case in WaitableKinds of
 * SharedMemory.
 */
#define CSHM_KINDS(KIND)                                                       \
  KIND(EVENT, event, 1)                                                        \
  KIND(MUTEX, mutex, 2)                                                        \
  KIND(SEMAPHORE, semaphore, 3)                                                \
  KIND(QUEUE, queue, 4)                                                        \
  KIND(TOPIC, topic, 5)

enum __attribute__((enum_extensibility(closed))) cshm_named_kind {
#define KIND(id, name, number) CSHM_##id = number,
  CSHM_KINDS(KIND)
#undef KIND
};

enum { CSHM_MOST_KINDS = 32 }; /* above every number */

/* Is this the number of a kind? */
static inline bool cshm_is_kind(uint32_t number) {
#define KIND(id, name, number) || kind == CSHM_##id
  uint32_t kind = number;
  return false CSHM_KINDS(KIND);
#undef KIND
}

/* What a script gets as the owner where no process number can be told. */
enum cshm_no_owner {
  CSHM_NOBODY = -1,
  CSHM_ELSEWHERE = -2 /* it lives, in another pid namespace */
};

enum cshm_outcome {
  CSHM_ACQUIRED = 0,
  CSHM_ABANDONED = 1,   /* acquired; its last owner died with it */
  CSHM_TIMED_OUT = 2,
  CSHM_INTERRUPTED = 3, /* by a signal's handler */
  CSHM_SLOW = 4,        /* not decided: take the slow path, also for errors */
  CSHM_NOT_OWNER = 5,
  CSHM_TOO_MANY = 6,    /* more than the semaphore's maximum */
  CSHM_REMOVED = 7      /* acquired; its file is gone: others have another */
};

enum { CSHM_MAY_WAIT = 1, CSHM_MAY_MODIFY = 2 };

/* What one handle uses: plain data, at a stable address while it is open. */
struct cshm_named {
  void *words;                     /* the object's page; NULL: closed */
  const struct cshm_window *guard; /* ask cshm_lost after each call */
  struct cshm_claim *claim;        /* its owner's, in this object */
  uint32_t kind, rights;
  uint32_t limit; /* private copy: a semaphore's maximum; 1: manual event */
  struct cshm_ring *ring; /* of what has one: CShmRings.h */
  struct cshm_broadcast *broadcast; /* the same: CShmBroadcasts.h */
};

enum {
  CSHM_LIMIT_AT = 16,
  CSHM_SLOTS_AT = 20,
  CSHM_STATE_AT = 64,
  CSHM_LOOKER_AT = 72,
  CSHM_FIRST_SLOT = 128,
  CSHM_NAMED_SIZE = 4096,
  CSHM_SLOT_COUNT = (CSHM_NAMED_SIZE - CSHM_FIRST_SLOT) / 8
};

/* Plain literals, as Swift imports no other macros. */
#define CSHM_SLEEPERS_BIT 0x80000000ULL
#define CSHM_HELD 1ULL
#define CSHM_RESERVED 2ULL
#define CSHM_LEFT 4ULL /* ABANDONED: nobody has been told yet */
#define CSHM_LOOKED 8ULL
#define CSHM_SET 1ULL
#define CSHM_GENERATION 0x7FFFFFFEULL
#define CSHM_COUNT 0x7FFFFFFFULL
#define CSHM_MARK 0xFFFFFFFF00000000ULL

/* A compare-and-swap fails only because another process changed the word. After
   this many failures the slow path takes over, which does not spin. */
enum { CSHM_TRIES = 100 };

static inline uint64_t *cshm_state(const struct cshm_named *named) {
  return (uint64_t *)(void *)((char *)named->words + CSHM_STATE_AT);
}

static inline int cshm_mutex_lock(const struct cshm_named *named) {
  if (!(named->rights & CSHM_MAY_WAIT))
    return CSHM_SLOW;
  struct cshm_claim *claim = named->claim;
  uint32_t depth = claim->depth;
  if (depth != 0) {
    if (depth == UINT32_MAX)
      return CSHM_SLOW;
    claim->depth = depth + 1;
    return CSHM_ACQUIRED;
  }
  uint64_t free = 0, held = cshm_claim_token(claim);
  if (held == 0 || !cshm_cas64(cshm_state(named), &free, held))
    return CSHM_SLOW;
  claim->depth = 1;
  return CSHM_ACQUIRED;
}

/* Only SLEEPERS and LOOKED may have been added to the word meanwhile. Any other
   change was made by somebody hostile, and then this owner does not hold it. */
static inline int cshm_mutex_unlock(const struct cshm_named *named) {
  struct cshm_claim *claim = named->claim;
  uint32_t depth = claim->depth;
  if (depth != 1) {
    if (depth == 0)
      return CSHM_NOT_OWNER;
    claim->depth = depth - 1;
    return CSHM_ACQUIRED;
  }
  uint64_t held = cshm_claim_token(claim);
  claim->depth = 0;
  if (cshm_cas64(cshm_state(named), &held, 0))
    return CSHM_ACQUIRED;
  for (int i = 0; i < CSHM_TRIES; i++) {
    uint64_t added = held & (CSHM_SLEEPERS_BIT | CSHM_LOOKED);
    if (held != (cshm_claim_token(claim) | added))
      return CSHM_NOT_OWNER;
    if (!cshm_cas64(cshm_state(named), &held, 0))
      continue;
    cshm_futex_wake(cshm_state(named), 1);
    return CSHM_ACQUIRED;
  }
  return CSHM_NOT_OWNER;
}

static inline int cshm_semaphore_acquire(const struct cshm_named *named) {
  if (!(named->rights & CSHM_MAY_WAIT))
    return CSHM_SLOW;
  uint64_t word = cshm_load64(cshm_state(named));
  if (word & CSHM_MARK || !(word & CSHM_COUNT))
    return CSHM_SLOW;
  return cshm_cas64(cshm_state(named), &word, word - 1) ? CSHM_ACQUIRED
                                                        : CSHM_SLOW;
}

/* CSHM_TOO_MANY leaves the count and *previous as they were. */
static inline int cshm_semaphore_release(const struct cshm_named *named,
                                         uint32_t count, uint32_t *previous) {
  if (!(named->rights & CSHM_MAY_MODIFY) || count == 0)
    return CSHM_SLOW;
  uint64_t word = cshm_load64(cshm_state(named));
  for (int i = 0; i < CSHM_TRIES; i++) {
    uint64_t old = word & CSHM_COUNT;
    if (old + count > named->limit)
      return word & CSHM_MARK ? CSHM_SLOW : CSHM_TOO_MANY;
    if (!cshm_cas64(cshm_state(named), &word,
                    (word & ~CSHM_SLEEPERS_BIT) + count))
      continue;
    *previous = (uint32_t)old;
    if (word & CSHM_SLEEPERS_BIT)
      cshm_futex_wake(cshm_state(named),
                      count > INT32_MAX ? INT32_MAX : (int)count);
    return CSHM_ACQUIRED;
  }
  return CSHM_SLOW;
}

static inline int cshm_event_wait(const struct cshm_named *named) {
  if (!(named->rights & CSHM_MAY_WAIT))
    return CSHM_SLOW;
  uint64_t word = cshm_load64(cshm_state(named));
  if (!(word & CSHM_SET))
    return CSHM_SLOW;
  if (named->limit) /* manual: it stays set */
    return CSHM_ACQUIRED;
  if (word & CSHM_MARK)
    return CSHM_SLOW;
  return cshm_cas64(cshm_state(named), &word, word & ~CSHM_SET) ? CSHM_ACQUIRED
                                                                : CSHM_SLOW;
}

/* The generation counts how often the event became set. So whoever waits for a
   manual event is released by a set even if a reset follows at once. */
static inline uint64_t cshm_event_after_set(uint64_t word) {
  uint64_t generation = word & CSHM_GENERATION;
  if (!(word & CSHM_SET))
    generation = (generation + 2) & CSHM_GENERATION;
  return generation | CSHM_SET;
}

/* Swaps even if nothing changes: whatever was written before `set` must be seen
   by whoever takes the signal, and a load alone would not order it. */
static inline int cshm_event_set(const struct cshm_named *named) {
  if (!(named->rights & CSHM_MAY_MODIFY))
    return CSHM_SLOW;
  uint64_t word = cshm_load64(cshm_state(named));
  for (int i = 0; i < CSHM_TRIES; i++) {
    if (!cshm_cas64(cshm_state(named), &word, cshm_event_after_set(word)))
      continue;
    if (word & CSHM_SLEEPERS_BIT)
      cshm_futex_wake(cshm_state(named), named->limit ? INT32_MAX : 1);
    return CSHM_ACQUIRED;
  }
  return CSHM_SLOW;
}

static inline int cshm_event_reset(const struct cshm_named *named) {
  if (!(named->rights & CSHM_MAY_MODIFY))
    return CSHM_SLOW;
  uint64_t word = cshm_load64(cshm_state(named));
  for (int i = 0; i < CSHM_TRIES; i++)
    if (cshm_cas64(cshm_state(named), &word,
                   word & (CSHM_GENERATION | CSHM_SLEEPERS_BIT)))
      return CSHM_ACQUIRED;
  return CSHM_SLOW;
}

#endif
