/* What an onlooker knows of the ring: which messages lie there, and which have
   left it. */
#include "model.h"

bool ring_is_dead(const struct state *state, uint32_t mark) {
  int i = (int)(mark & 0x3FF) - 1;
  if (i < 0 || i >= state->part_count)
    return true;
  return state->parts[i].place == PLACE_DEAD ||
         state->parts[i].place == PLACE_GONE;
}

int ring_id_in(const unsigned char *bytes) {
  for (int i = 1; i < PAYLOAD; i++)
    if (bytes[i] != bytes[0])
      return -1;
  return bytes[0] - 0x10;
}

bool ring_is_id(int id) {
  return id >= 0 && id < RING_MOST_PARTS * MOST_MESSAGES;
}

/* After the step that makes a message leave the ring. */
const char *ring_left(struct state *state, int id, bool in_order) {
  if (!ring_is_id(id))
    return "a torn message was popped";
  uint32_t bit = 1U << id;
  if (state->out & bit)
    return "a message was popped twice";
  if (!(state->in & bit))
    return "a message was popped that nobody had pushed";
  uint32_t same = ((1U << MOST_MESSAGES) - 1) << id / MOST_MESSAGES *
                                                    MOST_MESSAGES;
  if (in_order && (state->out & same & ~(bit - 1)))
    return "a producer's messages were popped out of order";
  state->out |= bit;
  return NULL;
}

/* The messages that lie in the ring and are not done; -1: it is no ring. */
int64_t ring_ids(const struct cshm_ring *ring, const struct state *state,
                 bool *has_free) {
  int64_t ids = 0;
  uint64_t at = state->memory.pop.position;
  uint64_t tail = state->memory.push.position;
  *has_free = false;
  for (int guard = 0; ring_used(tail, at, UNITS) != 0; guard++) {
    uint64_t header = ring_load_header(ring, at);
    uint32_t units = ring_sound_units(ring, at, tail, header);
    if (units == 0 || guard > UNITS)
      return -1;
    uint64_t taken = ring_load_taken(ring, at);
    bool is_padding = ring_kind(header) == CSHM_PADDING;
    if (!is_padding && !(taken & CSHM_DONE)) {
      int id = ring_id_in(ring_bytes(ring, at));
      if (!ring_is_id(id) || ids & (1LL << id))
        return -1;
      ids |= 1LL << id;
      if (!(taken & CSHM_TAKEN) ||
          ring_is_dead(state, (uint32_t)(taken >> 32)))
        *has_free = true;
    }
    at = ring_advanced(at, units, is_padding ? 0 : 1, UNITS);
  }
  return ids;
}
