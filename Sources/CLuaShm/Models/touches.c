/* Which bytes an operation on a view reads and writes. */
#include "models.h"

#include "../Layouts/record.h"

/* A bit-field is written with its unit, so all of the record is meant. */
static void of_record(const struct luashm_operation *operation,
                      struct luashm_touched *touched) {
  const struct luashm_member *member = operation->member;
  touched->writes = operation->op == LUASHM_OP_FIELD_STORE ||
                    operation->op == LUASHM_OP_FIELD_WRITE ||
                    operation->op == LUASHM_OP_RECORD_WRITE;
  touched->reads = !touched->writes;
  if (!member || member->bit_width == 0)
    return;
  touched->at = operation->record->data->offset;
  touched->length = operation->record->data->room;
  touched->reads = true;
}

static void of_sequence(const struct luashm_operation *operation,
                        struct luashm_touched *touched) {
  enum { WORD = sizeof(uint32_t) };
  uint64_t first = (uint64_t)operation->a;
  uint64_t last = operation->b < 0 ? first : (uint64_t)operation->b;
  touched->words_at = first < last ? first : last;
  touched->words_length = (first < last ? last : first) + WORD -
                          touched->words_at;
  touched->reads = true;
  touched->writes = operation->op == LUASHM_OP_PUBLISH;
}

struct luashm_touched
luashm_model_touches(const struct luashm_operation *operation) {
  uint64_t size = luashm_handle(operation->object)->size;
  struct luashm_touched touched = {.at = operation->at,
                                   .length = operation->length};
  switch (operation->op) {
  case LUASHM_OP_WRITE:
  case LUASHM_OP_FILL:
  case LUASHM_OP_STORE:
  case LUASHM_OP_STORE_NUMBERS:
  case LUASHM_OP_STORE_TEXT:
  case LUASHM_OP_PACK:
    touched.writes = true;
    break;
  case LUASHM_OP_COPY:
    touched.writes = true;
    touched.source_at = (uint64_t)operation->a;
    touched.source_length = operation->length;
    break;
  case LUASHM_OP_CELL_STORE:
    touched.length = operation->type;
    touched.writes = true;
    break;
  case LUASHM_OP_CELL_LOAD:
  case LUASHM_OP_CELL_WAIT:
    touched.length = operation->type;
    touched.reads = true;
    break;
  case LUASHM_OP_SNAPSHOT:
  case LUASHM_OP_DRAFT:
  case LUASHM_OP_PUBLISH:
    of_sequence(operation, &touched);
    break;
  case LUASHM_OP_UNPACK:
    touched.length = size - operation->at;
    touched.reads = true;
    break;
  case LUASHM_OP_CELL_WAKE:
    touched.length = operation->type;
    break;
  default:
    if (luashm_is_of_record(operation))
      of_record(operation, &touched);
    else if (operation->op >= LUASHM_OP_CELL_ADD &&
             operation->op <= LUASHM_OP_CELL_CAS) {
      touched.length = operation->type;
      touched.reads = touched.writes = true;
    } else
      touched.reads = true;
  }
  if (touched.at > size)
    touched.at = size;
  if (touched.length > size - touched.at)
    touched.length = size - touched.at;
  return touched;
}

bool luashm_model_is_torn(const struct luashm_operation *operation) {
  unsigned char *base = luashm_handle(operation->object)->base;
  struct cops_sequence words = {
      .first = (uint32_t *)(void *)(base + operation->a),
      .last = operation->b < 0 ? NULL
                               : (uint32_t *)(void *)(base + operation->b)};
  return cops_record_torn(&words);
}
