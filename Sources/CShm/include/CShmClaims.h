/*
 * Claims: what identifies an owner within one named object, and why a forked
 * child is not that owner.
 *
 * An owner claims a slot of the object (CShmNamed.h) by locks that belong to
 * an open file description. A child of fork(2) shares the description, so its
 * dead parent would seem to live for as long as the child does. The child also
 * has a copy of everything else and could unlock what its parent has locked.
 * So before fork returns in the child, the descriptors of all claims are
 * closed there and the claims are emptied, as they were before their first
 * use: the child's handles hold nothing, and claim slots of their own when
 * they need them.
 *
 * No child is forked while a descriptor is being opened and entered here, or
 * taken out and closed: the child would keep a descriptor that nobody knows.
 * (A child does have the descriptors for a moment: after fork until they are
 * closed here, after posix_spawn and vfork until it execs.)
 *
 * That is all a child gets. As fork(2) says, a child of a process with several
 * threads may only exec or end: another thread may have been inside of a call,
 * and the locks it held in memory stay locked in the child.
 */
#ifndef CSHM_CLAIMS_H
#define CSHM_CLAIMS_H

#include <stdint.h>

/* One owner's share of one object; all handles of the owner use the same. */
struct cshm_claim {
  uint64_t token; /* the owner's mark, as the state of a mutex that it holds
                     has it; 0: no slot is claimed */
  uint32_t depth; /* how often the owner has locked the mutex; used by one
                     thread at a time */
  int32_t descriptor; /* carries the slot's locks and is never mapped; valid
                         while token is not 0 */
  uint32_t roles; /* whose bytes are locked, of rings: CSHM_PUSHES … */
  struct cshm_claim *next, **link; /* the list of claims that have a slot */
};

/* No child is forked between cshm_hold_forks and its release. Returns 0, or -1
   with errno when there is no memory, which never happens again once it has
   returned 0. */
int cshm_hold_forks(void);
void cshm_release_forks(void);

/* Both only while forks are held. The first gives the claim its token and
   descriptor; the second takes them away and returns the descriptor. */
void cshm_claim_begin(struct cshm_claim *, uint64_t token, int32_t descriptor);
int32_t cshm_claim_end(struct cshm_claim *);

/* Starts at 1 and grows by one in each forked child: whatever was noted under
   another number belongs to a parent. */
uint32_t cshm_generation(void);

/* Atomic, as another thread of the owner may claim the slot at this moment. */
static inline uint64_t cshm_claim_token(const struct cshm_claim *claim) {
  return __atomic_load_n(&claim->token, __ATOMIC_ACQUIRE);
}

#endif
