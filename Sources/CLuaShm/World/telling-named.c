/* What a listener is told about named objects that can be waited for. */
#include "perform.h"

#include "../Waitables/waitable.h"

#include <string.h>

static void tell(struct luashm_call *call, int count, int64_t first,
                 int64_t second) {
  call->arguments[0] = first;
  call->arguments[1] = second;
  call->argument_count = count;
}

static void tell_values(struct luashm_call *call,
                        const struct luashm_operation *operation) {
  const struct luashm_value *values =
      luashm_waitable(operation->waitable)->values;
  int count = 0;
  for (; values[count].name && count < LUASHM_ARGUMENTS; count++)
    call->arguments[count] = operation->named->values[count];
  call->argument_count = count;
}

static void tell_act(struct luashm_call *call,
                     const struct luashm_operation *operation) {
  const struct luashm_act *act =
      &luashm_waitable(operation->waitable)->acts[operation->act];
  if (act->takes_number)
    tell(call, 1, operation->a, 0);
}

/* A message that is no string, or several, are more than is told. */
static void tell_messages(struct luashm_call *call,
                          const struct luashm_ring_call *ring) {
  const struct cops_message *message = ring->messages;
  call->is_text = ring->count == 1 && message->kind == CSHM_BYTES;
  call->is_cut = !call->is_text;
  if (call->is_text)
    call->value = (struct luashm_bytes){(const char *)message->bytes,
                                        message->length};
}

void luashm_tell_named(struct luashm_telling *telling,
                       const struct luashm_operation *operation) {
  struct luashm_call *call = &telling->call;
  call->waitable = operation->waitable;
  call->named = operation->named;
  if (call->kind == LUASHM_ACQUIRE)
    call->timeout = operation->seconds;
  if (call->kind == LUASHM_CHECK)
    call->verb = luashm_verb(operation);
  switch (operation->op) {
  case LUASHM_OP_CREATE_NAMED:
    tell_values(call, operation);
    return;
  case LUASHM_OP_OPEN_NAMED:
    tell(call, 1, operation->named->rights, 0);
    return;
  case LUASHM_OP_WAIT_SEVERAL:
    call->length = 0;
    if (operation->act != LUASHM_WAIT_FOR_PROCESS)
      tell(call, 2, (int64_t)operation->length, operation->b);
    return;
  case LUASHM_OP_ACT_ON_NAMED:
    tell_act(call, operation);
    return;
  case LUASHM_OP_RING_PUSH:
    tell_messages(call, operation->ring);
    return;
  }
}

void luashm_tell_named_after(struct luashm_telling *telling,
                             const struct luashm_operation *operation) {
  telling->call.result = operation->result;
  const char *reason = luashm_reason(operation);
  if (telling->call.kind == LUASHM_ACQUIRE && telling->holds && reason)
    telling->call.data = (struct luashm_bytes){reason, strlen(reason)};
}
