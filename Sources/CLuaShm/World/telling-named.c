/* What a listener is told of events, mutexes and semaphores. */
#include "perform.h"

#include "../Named/named.h"

#include <string.h>

static void tell(struct luashm_call *call, int count, int64_t first,
                 int64_t second) {
  call->arguments[0] = first;
  call->arguments[1] = second;
  call->argument_count = count;
}

void luashm_tell_named(struct luashm_telling *telling,
                       const struct luashm_operation *operation) {
  struct luashm_call *call = &telling->call;
  const struct luashm_named_options *options = operation->named;
  if (call->kind == LUASHM_ACQUIRE)
    call->timeout = operation->seconds;
  if (call->kind == LUASHM_CHECK)
    call->verb = luashm_verb(operation);
  switch (operation->op) {
  case LUASHM_OP_CREATE_EVENT:
    tell(call, 2, options->manual, options->set);
    return;
  case LUASHM_OP_CREATE_SEMAPHORE:
    tell(call, 2, options->initial, options->maximum);
    return;
  case LUASHM_OP_OPEN_EVENT:
  case LUASHM_OP_OPEN_MUTEX:
  case LUASHM_OP_OPEN_SEMAPHORE:
    tell(call, 1, options->rights, 0);
    return;
  case LUASHM_OP_WAIT_SEVERAL:
    call->length = 0;
    tell(call, 2, (int64_t)operation->length, operation->b);
    return;
  case LUASHM_OP_SEMAPHORE_RELEASE:
    tell(call, 1, operation->a, 0);
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
