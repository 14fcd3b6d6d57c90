/* The real world: texts, cells and records under a sequence word. */
#include "perform.h"

#include "../Views/items.h"
#include "../waiting.h"

#include <COperations.h>

#include <string.h>

/* ---- texts ---- */

/* A text of bytes ends at the first NUL, even at one that appears while it is
   copied. */
static void read_text(struct luashm_operation *operation,
                      const unsigned char *from, const void *guard) {
  size_t length = strnlen((const char *)from, operation->room);
  if (!cshm_reaches(guard, from, length))
    length = 0;
  memcpy(operation->bytes, from, length);
  length = strnlen((const char *)operation->bytes, length);
  operation->length = length;
  operation->result = (int64_t)length;
}

static void load_text(struct luashm_operation *operation,
                      const unsigned char *from, const void *guard) {
  size_t unit = operation->type;
  if (unit == 1) {
    read_text(operation, from, guard);
    return;
  }
  size_t units = cops_text_units(from, operation->length / unit, unit);
  operation->length = units * unit;
  operation->result = (int64_t)cops_decode((char *)operation->bytes, from,
                                             units, unit);
}

/* The text is known to fit. */
static void store_text(const struct luashm_operation *operation,
                       unsigned char *to) {
  struct luashm_bytes text = operation->text;
  if (operation->type > 1) {
    unsigned char *end =
        cops_encode(to, text.data, text.length, operation->type);
    cshm_store_scalar(end, operation->type, 0);
    return;
  }
  memcpy(to, text.data, text.length);
  to[text.length] = 0;
}

/* ---- cells ---- */

static void act(struct luashm_operation *operation, unsigned char *word) {
  enum cops_act act =
      (enum cops_act)(operation->op - LUASHM_OP_CELL_LOAD);
  uint64_t expected = (uint64_t)operation->b;
  uint64_t before = cops_apply(word, operation->type, act,
                               (uint64_t)operation->a, expected);
  operation->result = (int64_t)before;
  if (act == COPS_CAS)
    operation->holds = operation->type == 8
                           ? before == expected
                           : (uint32_t)before == (uint32_t)expected;
}

/* A view has several spinners, so that waits for one word do not spoil the
   guess for another, unless the two share a spinner. */
static struct cshm_spinner *spinner_of(struct luashm_handle *view,
                                       uint64_t at) {
  return &view->spinners[(at >> 2 ^ at >> 6) % LUASHM_SPINNERS];
}

static const enum luashm_answer answers[] = {
    [COPS_DONE] = LUASHM_ANSWER_DONE,
    [COPS_TIMED_OUT] = LUASHM_ANSWER_TIMED_OUT,
    [COPS_STOPPED] = LUASHM_ANSWER_INTERRUPTED,
    [COPS_GONE] = LUASHM_ANSWER_GONE};

/* Lets Ctrl-C end a wait. The waiting begins with the first call, which
   `result` then remembers. */
static bool should_stop(void *context) {
  struct luashm_operation *operation = context;
  if (operation->result == 0)
    luashm_begin_waiting(operation->state, operation->timeout,
                         operation->waiting);
  operation->result = 1;
  return luashm_should_stop(operation->waiting);
}

static void wait(struct luashm_operation *operation,
                 struct luashm_handle *view, const void *word) {
  const struct cops_wait asked = {
      .word = word,
      .size = operation->type,
      .expected = (uint64_t)operation->a,
      .guard = view->guard,
      .timeout = operation->tries ? 0 : operation->timeout,
      .spinner = spinner_of(view, operation->at),
      .should_stop = should_stop,
      .context = operation};
  operation->result = 0;
  operation->answer = answers[cops_wait(&asked)];
  operation->result = 0;
  operation->holds = operation->answer == LUASHM_ANSWER_DONE;
}

/* ---- records under a sequence word ---- */

static struct cops_sequence words_of(const struct luashm_operation *operation,
                                     unsigned char *base) {
  uint32_t *last = operation->b < 0
                       ? NULL
                       : (uint32_t *)(void *)(base + operation->b);
  return (struct cops_sequence){
      .first = (uint32_t *)(void *)(base + operation->a), .last = last};
}

static void draft(struct luashm_operation *operation,
                  const struct luashm_handle *view) {
  struct cops_sequence words = words_of(operation, view->base);
  const unsigned char *from = view->base + operation->at;
  operation->holds = cops_draft(&words, operation->bytes, from,
                                operation->length, view->guard);
}

static void publish(const struct luashm_operation *operation,
                    const struct luashm_handle *view) {
  struct cops_sequence words = words_of(operation, view->base);
  unsigned char *to = view->base + operation->at;
  cops_publish(&words, to, operation->bytes, operation->length, view->guard);
}

static void snapshot(struct luashm_operation *operation,
                     const struct luashm_handle *view) {
  struct cops_snapshot asked = {
      .words = words_of(operation, view->base),
      .record = view->base + operation->at,
      .copy = operation->bytes,
      .length = operation->length,
      .guard = view->guard,
      .timeout = operation->tries ? 0 : operation->timeout,
      .should_stop = should_stop,
      .context = operation};
  operation->result = 0;
  operation->answer = answers[cops_snapshot(&asked)];
  operation->result = 0;
  if (operation->answer == LUASHM_ANSWER_TIMED_OUT)
    operation->holds = asked.moved;
}

/* ---- */

static void touch(struct luashm_operation *operation,
                  struct luashm_handle *view) {
  unsigned char *at = view->base + operation->at;
  switch (operation->op) {
  case LUASHM_OP_READ_TEXT:
    read_text(operation, at, view->guard);
    return;
  case LUASHM_OP_WRITE:
  case LUASHM_OP_READ:
  case LUASHM_OP_HEX:
  case LUASHM_OP_FILL:
  case LUASHM_OP_COPY:
  case LUASHM_OP_FIND:
    luashm_perform_bytes(operation, view);
    return;
  case LUASHM_OP_LOAD:
    operation->result = (int64_t)cshm_load_scalar(at, operation->length);
    return;
  case LUASHM_OP_STORE:
    cshm_store_scalar(at, operation->length, (uint64_t)operation->a);
    return;
  case LUASHM_OP_LOAD_TEXT:
    load_text(operation, at, view->guard);
    return;
  case LUASHM_OP_STORE_TEXT:
    store_text(operation, at);
    return;
  case LUASHM_OP_UNPACK:
  case LUASHM_OP_PACK:
    luashm_move_items(operation, at, operation->room);
    return;
  case LUASHM_OP_CELL_WAIT:
    wait(operation, view, at);
    return;
  case LUASHM_OP_CELL_WAKE:
    operation->result = cops_wake(at, operation->a);
    return;
  case LUASHM_OP_SNAPSHOT:
    snapshot(operation, view);
    return;
  case LUASHM_OP_DRAFT:
    draft(operation, view);
    return;
  case LUASHM_OP_PUBLISH:
    publish(operation, view);
    return;
  default:
    act(operation, at);
  }
}

void luashm_perform_view(struct luashm_operation *operation,
                         struct luashm_handle *view) {
  if (luashm_is_of_record(operation))
    luashm_perform_record(operation, view);
  else
    touch(operation, view);
  if (cshm_lost(view->guard) && operation->op != LUASHM_OP_CELL_WAKE)
    operation->answer = LUASHM_ANSWER_GONE;
}
