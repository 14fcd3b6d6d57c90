#include "CShmClaims.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* Guards everything below. Whoever forks holds it from before the fork until
   after it, in the parent and in the child. */
static pthread_mutex_t forks = PTHREAD_MUTEX_INITIALIZER;
static struct cshm_claim *claims;
static uint32_t generation = 1;

static void before_fork(void) { pthread_mutex_lock(&forks); }

static void after_fork(void) { pthread_mutex_unlock(&forks); }

/* Must be async-signal-safe (fork(2)): the parent's other threads do not exist
   here, wherever they were. */
static void in_child(void) {
  generation++;
  while (claims)
    close(cshm_claim_end(claims));
  after_fork();
}

int cshm_hold_forks(void) {
  static bool is_registered;
  pthread_mutex_lock(&forks);
  if (is_registered)
    return 0;
  int error = pthread_atfork(before_fork, after_fork, in_child);
  is_registered = error == 0;
  if (is_registered)
    return 0;
  pthread_mutex_unlock(&forks);
  errno = error;
  return -1;
}

void cshm_release_forks(void) { pthread_mutex_unlock(&forks); }

/* Registers the fork handlers before a second thread can exist. A fork that
   began without them would miss the first claim, and its child would keep the
   lock and the descriptor. */
__attribute__((constructor)) static void before_threads(void) {
  if (cshm_hold_forks() == 0)
    cshm_release_forks();
}

void cshm_claim_begin(struct cshm_claim *claim, uint64_t token,
                      int32_t descriptor) {
  claim->descriptor = descriptor;
  claim->next = claims;
  claim->link = &claims;
  if (claims)
    claims->link = &claim->next;
  claims = claim;
  __atomic_store_n(&claim->token, token, __ATOMIC_RELEASE);
}

int32_t cshm_claim_end(struct cshm_claim *claim) {
  *claim->link = claim->next;
  if (claim->next)
    claim->next->link = claim->link;
  int32_t descriptor = claim->descriptor;
  *claim = (struct cshm_claim){0};
  return descriptor;
}

uint32_t cshm_generation(void) { return generation; }
