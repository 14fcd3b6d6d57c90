/* The real world: operations on many bytes. */
#define _GNU_SOURCE
#include "perform.h"

#include "../waiting.h"

#include <COperations.h>

#include <string.h>

/*
 * C code does not notice Ctrl-C, and an object may have terabytes. So work on
 * many bytes is done in stretches; between two of them it is checked whether to
 * stop and whether the memory is gone.
 */
enum { STRETCH = 1 << 24 };

/* How many bytes come next after `done`, at most a stretch. 0: none are left,
   or it must stop, which the answer then says. */
static size_t next_stretch(struct luashm_operation *operation,
                           const void *guard, size_t done, size_t most) {
  size_t rest = (size_t)operation->length - done;
  if (rest == 0 || cshm_lost(guard))
    return 0;
  if (done == 0 && rest > most)
    luashm_begin_waiting(operation->state, LUASHM_FOREVER, operation->waiting);
  if (done > 0 && luashm_should_stop(operation->waiting)) {
    operation->answer = LUASHM_ANSWER_INTERRUPTED;
    return 0;
  }
  return rest < most ? rest : most;
}

static void fill(struct luashm_operation *operation,
                 const struct luashm_handle *view) {
  unsigned char *to = view->base + operation->at;
  for (size_t done = 0, count;
       (count = next_stretch(operation, view->guard, done, STRETCH)) > 0;
       done += count)
    if (cshm_reaches(view->guard, to + done, count))
      memset(to + done, (int)operation->a, count);
}

static void dump(struct luashm_operation *operation,
                 const struct luashm_handle *view) {
  const unsigned char *from = view->base + operation->at;
  for (size_t done = 0, count;
       (count = next_stretch(operation, view->guard, done, STRETCH)) > 0;
       done += count)
    if (cshm_reaches(view->guard, from + done, count))
      memcpy(operation->bytes + done, from + done, count);
}

/* ---- copy ---- */

/* Do the views belong to one object? Drafts are private memory and never do. */
static bool share(struct luashm_handle *one, struct luashm_handle *two) {
  struct luashm_handle *views[] = {one, two};
  for (int i = 0; i < 2; i++) {
    if (views[i]->key == 0)
      return false;
    if (views[i]->inode == 0)
      views[i]->host->identify(views[i]->host->context, views[i]);
  }
  return one->device == two->device && one->inode == two->inode;
}

/* memmove detects overlap by addresses. Two views of one object have different
   addresses for the same bytes, so their offsets are compared here. */
static void copy(struct luashm_operation *operation, struct luashm_handle *view,
                 struct luashm_handle *source) {
  uint64_t length = operation->length, begin = (uint64_t)operation->a;
  uint64_t first = view->place + operation->at, second = source->place + begin;
  bool overlap = first < second + length && second < first + length;
  bool up = overlap && first > second;
  bool blind = overlap && view != source && share(view, source);
  for (size_t done = 0, count;
       (count = next_stretch(operation, view->guard, done, STRETCH)) > 0;
       done += count) {
    size_t at = up ? (size_t)length - done - count : done;
    unsigned char *to = view->base + operation->at + at;
    const unsigned char *from = source->base + begin + at;
    if (!cshm_reaches(source->guard, from, count) ||
        !cshm_reaches(view->guard, to, count))
      return;
    if (blind)
      cops_copy_between(to, from, count, up);
    else
      memmove(to, from, count);
  }
}

static void copy_views(struct luashm_operation *operation,
                       struct luashm_handle *view) {
  struct luashm_handle *source = luashm_handle(operation->source);
  operation->subject = 3;
  if (!source->base)
    operation->answer = LUASHM_ANSWER_CLOSED;
  else
    copy(operation, view, source);
  if (source->base && cshm_lost(source->guard))
    operation->answer = LUASHM_ANSWER_GONE;
  if (cshm_lost(view->guard))
    operation->subject = 1;
}

/* ---- find ---- */

/* Each search reaches beyond its stretch by the length of what is wanted, so
   that no occurrence across a border is missed. A stretch is never shorter than
   that. */
static const unsigned char *search(struct luashm_operation *operation,
                                   const unsigned char *from,
                                   const void *guard) {
  struct luashm_bytes wanted = operation->text;
  size_t most = wanted.length < STRETCH ? STRETCH : wanted.length;
  const unsigned char *found = NULL;
  for (size_t done = 0, count;
       !found && (count = next_stretch(operation, guard, done, most)) > 0;
       done += count) {
    size_t rest = (size_t)operation->length - done - count;
    size_t reach = count + (rest < wanted.length ? rest : wanted.length);
    if (cshm_reaches(guard, from + done, reach))
      found = memmem(from + done, reach, wanted.data, wanted.length);
  }
  return found;
}

static void find(struct luashm_operation *operation,
                 const struct luashm_handle *view) {
  const unsigned char *from = view->base + operation->at;
  const unsigned char *found = operation->text.length == 0
                                   ? from
                                   : search(operation, from, view->guard);
  operation->result = found ? found - view->base : -1;
}

/* ---- */

void luashm_perform_bytes(struct luashm_operation *operation,
                          struct luashm_handle *view) {
  unsigned char *at = view->base + operation->at;
  switch (operation->op) {
  case LUASHM_OP_WRITE:
    if (cshm_reaches(view->guard, at, operation->length))
      memcpy(at, operation->bytes, operation->length);
    return;
  case LUASHM_OP_READ:
    if (cshm_reaches(view->guard, at, operation->length))
      memcpy(operation->bytes, at, operation->length);
    return;
  case LUASHM_OP_HEX:
    dump(operation, view);
    return;
  case LUASHM_OP_FILL:
    fill(operation, view);
    return;
  case LUASHM_OP_COPY:
    copy_views(operation, view);
    return;
  default:
    find(operation, view);
  }
}
