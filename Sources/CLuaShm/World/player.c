/* The process of a play: its part, and how it stands and waits for others. */
#include "played.h"

#include <CShm.h>

#include <stdio.h>

struct luashm_player luashm_acting;

void luashm_await(const uint32_t *word, uint32_t value) {
  uint32_t now;
  while ((now = cshm_load32(word)) != value)
    cshm_futex_wait(word, now, CSHM_LONGEST_SLICE);
}

void luashm_count_up(uint32_t *word) {
  cshm_fetch_add32(word, 1);
  cshm_futex_wake(word, INT32_MAX);
}

void luashm_announce(uint32_t *word, uint32_t value) {
  cshm_store32(word, value);
  cshm_futex_wake(word, INT32_MAX);
}

void luashm_stand(uint32_t fault) {
  struct luashm_part *part = &luashm_acting.play->parts[luashm_acting.part];
  fflush(stdout);
  cshm_store32(&part->standing, fault);
  cshm_ring(LUASHM_DOORBELL);
  luashm_await(&part->standing, 0);
}
