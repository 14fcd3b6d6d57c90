/*
 * Claims: who an owner is in one named object, and that a forked child is not.
 *
 * An owner claims a slot of the object (CShmNamed.h) by locks that belong to
 * an open file description. A child of fork(2) shares the description: while
 * it lives, its dead parent would seem to live. And it has a copy of all else:
 * it would unlock what its parent has locked. So before fork returns in the
 * child, the descriptors of all claims are closed there and the claims empty,
 * as they were before their first use: the child's handles hold nothing, and
 * claim slots of their own when they need them.
 *
 * No child is made by fork while a descriptor is opened and entered here, or
 * left and closed: it would keep one that nobody knows. (For a moment a child
 * does have them: of fork until they are closed here, of posix_spawn and vfork
 * until it execs.)
 *
 * That is all a child gets. As fork(2) says, one of a process with several
 * threads only execs or ends: another thread may have been inside of a call,
 * and its locks in memory stay locked there.
 */
#ifndef CSHM_CLAIMS_H
#define CSHM_CLAIMS_H

#include <stdint.h>

/* One owner's part in one object; all its handles share it. */
struct cshm_claim {
  uint64_t token; /* the owner's mark, as a mutex's state that says "held by
                     it"; 0: no slot is claimed */
  uint32_t depth; /* how often the owner holds the mutex; touched by one thread
                     at a time */
  int32_t descriptor; /* carries the slot's locks, never mapped; of a claim
                         that has a token */
  struct cshm_claim *next, **link; /* the list of those that have one */
};

/* Between the two no child is made. 0, or -1: errno, no memory; never after
   it was 0 once. */
int cshm_hold_forks(void);
void cshm_release_forks(void);

/* Only while forks are held: the claim has this token and descriptor; and has
   none again: returns the descriptor. */
void cshm_claim_begin(struct cshm_claim *, uint64_t token, int32_t descriptor);
int32_t cshm_claim_end(struct cshm_claim *);

/* Raised in each child: what was noted with another number is a parent's. From
   1 on. */
uint32_t cshm_generation(void);

/* Another thread of the owner may claim the slot meanwhile. */
static inline uint64_t cshm_claim_token(const struct cshm_claim *claim) {
  return __atomic_load_n(&claim->token, __ATOMIC_ACQUIRE);
}

#endif
