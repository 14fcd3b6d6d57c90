/* The real world: operations on the records of layouts. */
#include "perform.h"

#include "../Layouts/byte-order.h"

#include <string.h>

static void read_bytes(const struct luashm_operation *operation,
                       const unsigned char *from, const void *guard) {
  if (cshm_reaches(guard, from, operation->length))
    memcpy(operation->bytes, from, operation->length);
}

void luashm_perform_record(struct luashm_operation *operation,
                           struct luashm_handle *view) {
  unsigned char *base = view->base + operation->record->data->offset;
  unsigned char *at = view->base + operation->at;
  switch (operation->op) {
  case LUASHM_OP_FIELD_LOAD:
    operation->result =
        (int64_t)luashm_load_member(base, operation->member);
    return;
  case LUASHM_OP_FIELD_STORE:
    luashm_store_member(base, operation->member, (uint64_t)operation->a);
    return;
  case LUASHM_OP_FIELD_READ:
  case LUASHM_OP_RECORD_READ:
    read_bytes(operation, at, view->guard);
    return;
  default:
    luashm_stage_write(operation->stage, at, view->guard);
  }
}
