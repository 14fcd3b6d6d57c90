/* Outcomes in words that are the same in each run, for traces. */
#include "turns.h"

#include "../Waitables/waitable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *word_of(const struct luashm_operation *operation) {
  switch (operation->answer) {
  case LUASHM_ANSWER_TIMED_OUT:
    return "timed out";
  case LUASHM_ANSWER_GONE:
    return "gone";
  case LUASHM_ANSWER_CLOSED:
    return "closed";
  case LUASHM_ANSWER_INTERRUPTED:
    return "interrupted";
  case LUASHM_ANSWER_UNREADABLE:
    return "unreadable";
  default:
    return "done";
  }
}

static const char *word_of_acquisition(int outcome) {
  return outcome == CSHM_ABANDONED ? "abandoned"
         : outcome == CSHM_REMOVED ? "removed"
                                   : "acquired";
}

/* FNV-1a: Fowler, Noll, Vo; draft-eastlake-fnv. */
uint32_t luashm_hash(const void *data, size_t count) {
  const unsigned char *bytes = data;
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < count; i++)
    hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

static void tell_bytes(const struct luashm_operation *operation, uint64_t count,
                       char *buffer, size_t size) {
  uint64_t room = operation->room > 0 ? operation->room : count;
  uint64_t hashed = count < room ? count : room;
  snprintf(buffer, size, "%" PRIu64 " bytes %08" PRIx32, count,
           operation->bytes ? luashm_hash(operation->bytes, (size_t)hashed)
                            : 0);
}

/* Some of a kind's own operations say a number: how many permits there were,
   or who the owner is. */
static void tell_act(const struct luashm_operation *operation, char *buffer,
                     size_t size) {
  const struct luashm_act *act =
      &luashm_waitable(operation->waitable)->acts[operation->act];
  if (act->takes_number || act->told == LUASHM_LOAD)
    snprintf(buffer, size, "%" PRId64, operation->result);
  else
    snprintf(buffer, size, "done");
}

/* What was popped or read, by its bytes; how many went in. */
static void tell_ring(const struct luashm_operation *operation, char *buffer,
                      size_t size) {
  const struct luashm_ring_call *call = operation->ring;
  bool is_read = call->reading != NULL;
  uint64_t count = is_read ? call->reading->length : call->filled;
  bool is_popped = operation->op != LUASHM_OP_RING_PUSH && call->room &&
                   count <= call->capacity && !call->too_small;
  if (is_popped && is_read)
    snprintf(buffer, size, "%" PRIu64 ": %" PRIu64 " bytes %08" PRIx32,
             call->reading->sequence, count,
             luashm_hash(call->room, (size_t)count));
  else if (is_popped)
    snprintf(buffer, size, "%" PRIu32 ": %" PRIu64 " bytes %08" PRIx32,
             call->moved, count, luashm_hash(call->room, (size_t)count));
  else
    snprintf(buffer, size, "%" PRId64, operation->result);
}

static void tell_done(const struct luashm_operation *operation, char *buffer,
                      size_t size) {
  switch (operation->op) {
  case LUASHM_OP_READ:
  case LUASHM_OP_DRAFT:
  case LUASHM_OP_SNAPSHOT:
    tell_bytes(operation, operation->length, buffer, size);
    return;
  case LUASHM_OP_READ_TEXT:
  case LUASHM_OP_LOAD_TEXT:
    tell_bytes(operation, (uint64_t)operation->result, buffer, size);
    return;
  case LUASHM_OP_CREATE:
  case LUASHM_OP_CREATE_NAMED:
    snprintf(buffer, size, operation->holds ? "existed" : "made");
    return;
  case LUASHM_OP_CELL_CAS:
    snprintf(buffer, size, "%s %" PRId64,
             operation->holds ? "swapped" : "found", operation->result);
    return;
  case LUASHM_OP_WAIT_FOR_NAMED:
    snprintf(buffer, size, "%s", word_of_acquisition(operation->outcome));
    return;
  case LUASHM_OP_WAIT_SEVERAL:
    snprintf(buffer, size, "%s %" PRId64,
             word_of_acquisition(operation->outcome), operation->result);
    return;
  case LUASHM_OP_LOAD:
  case LUASHM_OP_FIELD_LOAD:
  case LUASHM_OP_FIND:
  case LUASHM_OP_CELL_LOAD:
  case LUASHM_OP_CELL_ADD:
  case LUASHM_OP_CELL_SUB:
  case LUASHM_OP_CELL_AND:
  case LUASHM_OP_CELL_OR:
  case LUASHM_OP_CELL_XOR:
  case LUASHM_OP_CELL_EXCHANGE:
  case LUASHM_OP_CELL_WAKE:
    snprintf(buffer, size, "%" PRId64, operation->result);
    return;
  case LUASHM_OP_ACT_ON_NAMED:
    tell_act(operation, buffer, size);
    return;
  case LUASHM_OP_RING_PUSH:
  case LUASHM_OP_RING_POP:
  case LUASHM_OP_RING_PEEK:
    tell_ring(operation, buffer, size);
    return;
  default:
    snprintf(buffer, size, "done");
  }
}

void luashm_outcome(const struct luashm_operation *operation, char *buffer,
                    size_t size) {
  if (operation->answer == LUASHM_ANSWER_REFUSED)
    snprintf(buffer, size, "refused %" PRId32, operation->failure->code);
  else if (operation->answer == LUASHM_ANSWER_DONE)
    tell_done(operation, buffer, size);
  else
    snprintf(buffer, size, "%s", word_of(operation));
}
