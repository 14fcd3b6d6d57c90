/* Handles of rings in a model: what the bindings look at without an operation
   is private to a handle, so it lies in its actor's arena and is put back with
   that. The ring itself is whoever models' own. */
#include "models.h"

#include <CShmBroadcasts.h>
#include <CShmRings.h>

#include <string.h>

struct luashm_model_ring *
luashm_model_ring_make(struct luashm_actor *actor,
                       const struct cshm_named *like) {
  struct luashm_model_ring *made =
      luashm_arena_allocate(actor, NULL, 0, sizeof *made);
  if (!made)
    return NULL;
  memset(made, 0, sizeof *made);
  made->named = *like;
  made->named.ring = &made->ring;
  made->named.broadcast = &made->broadcast;
  made->ring = (struct cshm_ring){.ready = &made->word,
                                  .finished = &made->word,
                                  .room = &made->word,
                                  .push = &made->push,
                                  .pop = &made->pop,
                                  .units = like->limit / CSHM_UNIT};
  made->broadcast = (struct cshm_broadcast){
      .state = &made->word,
      .publishers = &made->publishers,
      .bounds = &made->bounds,
      .bytes = (unsigned char *)made->shown,
      .units = like->limit / CSHM_BROADCAST_UNIT,
      .sequence = 1};
  return made;
}

void luashm_model_ring_end(struct luashm_actor *actor,
                           struct luashm_model_ring *ring) {
  luashm_arena_allocate(actor, ring, sizeof *ring, 0);
}

void luashm_model_ring_show(struct luashm_model_ring *ring, uint64_t oldest,
                            uint64_t newest) {
  const uint64_t form = (uint64_t)CSHM_BYTES << 32;
  enum { UNITS = CSHM_BROADCAST_HEADER };
  bool are_two = oldest < newest;
  ring->shown[0] =
      (struct cshm_broadcast_record){.form = form, .sequence = oldest};
  ring->shown[1] =
      (struct cshm_broadcast_record){.form = form, .sequence = newest};
  ring->bounds = (struct cshm_bounds){
      .tail = newest == 0 ? 0 : are_two ? 2 * UNITS : UNITS,
      .latest = are_two ? UNITS + 1 : 0};
}
