/* Copies word by word. */
#include "perform.h"

#include "../module.h"

#include <CLuaShmModel.h>
#include <CLuaShmPieces.h>
#include <COperations.h>

#include <string.h>

static bool is_of_sequence(const struct luashm_operation *operation) {
  return operation->op == LUASHM_OP_SNAPSHOT ||
         operation->op == LUASHM_OP_DRAFT ||
         operation->op == LUASHM_OP_PUBLISH;
}

/* An operation that writes some bytes of its range and leaves others alone, or
   swaps a unit of bit-fields, is none of those. */
static bool goes_by_words(const struct luashm_operation *operation,
                          const struct luashm_touched *touched) {
  if (touched->length + touched->source_length > LUASHM_MOST_STAGED)
    return false;
  if (operation->op == LUASHM_OP_RECORD_WRITE)
    return false;
  return is_of_sequence(operation) || !(touched->reads && touched->writes);
}

static unsigned char *base_of(const struct luashm_operation *operation,
                              bool of_source) {
  return luashm_handle(of_source ? operation->source : operation->object)->base;
}

static struct cops_sequence
words_of(const struct luashm_operation *operation) {
  unsigned char *base = base_of(operation, false);
  return (struct cops_sequence){
      .first = (uint32_t *)(void *)(base + operation->a),
      .last = operation->b < 0
                  ? NULL
                  : (uint32_t *)(void *)(base + operation->b)};
}

static uint64_t word_at(const struct luashm_operation *operation, bool last) {
  return (uint64_t)(last && operation->b >= 0 ? operation->b : operation->a);
}

/* ---- the list ---- */

static void add(struct luashm_pieces *list, enum luashm_piece_kind kind,
                bool of_source, uint64_t at, uint64_t length) {
  if (list->count < LUASHM_MOST_PIECES)
    list->piece[list->count++] =
        (struct luashm_piece){kind, of_source, (uint32_t)length, at};
}

/* The bytes that the processor moves at once there, or a part of all that is a
   64th. */
static uint64_t next_length(uintptr_t address, uint64_t left, uint64_t unit) {
  if (unit > 8) {
    uint64_t length = unit - (address & (unit - 1));
    return length < left ? length : left;
  }
  uint64_t length = 8;
  while ((address & (length - 1)) != 0 || length > left)
    length /= 2;
  return length;
}

static void cut(struct luashm_pieces *list,
                const struct luashm_operation *operation,
                enum luashm_piece_kind kind, bool of_source, uint64_t at,
                uint64_t end, uint64_t unit) {
  const unsigned char *base = base_of(operation, of_source);
  while (at < end) {
    uint64_t length = next_length((uintptr_t)(base + at), end - at, unit);
    add(list, kind, of_source, at, length);
    at += length;
  }
}

/* A record is written around its sequence words. */
static void cut_around_words(struct luashm_pieces *list,
                             const struct luashm_operation *operation,
                             uint64_t at, uint64_t end, uint64_t unit) {
  enum { WORD = sizeof(uint32_t) };
  uint64_t first = word_at(operation, false), last = word_at(operation, true);
  uint64_t words[] = {first < last ? first : last, first < last ? last : first};
  for (int i = 0; i < 2; i++) {
    if (words[i] + WORD <= at || words[i] >= end)
      continue;
    if (words[i] > at)
      cut(list, operation, LUASHM_WRITES_WORD, false, at, words[i], unit);
    at = words[i] + WORD;
  }
  cut(list, operation, LUASHM_WRITES_WORD, false, at, end, unit);
}

static void turn_round(struct luashm_piece *pieces, int count) {
  for (int i = 0; i < count / 2; i++) {
    struct luashm_piece piece = pieces[i];
    pieces[i] = pieces[count - 1 - i];
    pieces[count - 1 - i] = piece;
  }
}

static uint64_t unit_of(uint64_t length) {
  enum { MOST = 64 };
  uint64_t unit = 8;
  while (length / unit > MOST)
    unit *= 2;
  return unit;
}

void luashm_list_pieces(const struct luashm_operation *operation, bool down,
                        struct luashm_pieces *list) {
  struct luashm_touched touched = luashm_model_touches(operation);
  uint64_t at = touched.at, end = at + touched.length;
  uint64_t unit = unit_of(touched.length);
  list->count = 0;
  list->is_coarse = false;
  if (!base_of(operation, false) || !goes_by_words(operation, &touched))
    return;
  if (operation->op == LUASHM_OP_PUBLISH)
    add(list, LUASHM_RAISES, false, word_at(operation, false), 4);
  else if (is_of_sequence(operation))
    add(list, LUASHM_LOOKS, false, touched.words_at, touched.words_length);
  int begin = list->count;
  if (touched.source_length > 0 && base_of(operation, true))
    cut(list, operation, LUASHM_READS_WORD, true, touched.source_at,
        touched.source_at + touched.source_length, unit);
  if (operation->op == LUASHM_OP_PUBLISH)
    cut_around_words(list, operation, at, end, unit);
  else
    cut(list, operation,
        touched.writes ? LUASHM_WRITES_WORD : LUASHM_READS_WORD, false, at, end,
        unit);
  int words = list->count - begin;
  list->is_coarse = words > LUASHM_WORDS_EITHER_WAY;
  if (down)
    turn_round(&list->piece[begin], words);
  if (operation->op == LUASHM_OP_PUBLISH)
    add(list, LUASHM_SETTLES, false, word_at(operation, true), 4);
  else if (operation->op == LUASHM_OP_SNAPSHOT)
    add(list, LUASHM_LOOKS_AGAIN, false, word_at(operation, false), 4);
}

/* ---- staging ---- */

/* `seen`: where the sequence word's value is kept, behind the bytes. */
static struct luashm_touched staged_of(const struct luashm_operation *operation,
                                       size_t *seen) {
  struct luashm_touched touched = luashm_model_touches(operation);
  *seen = (touched.length + 7) & ~(size_t)7;
  return touched;
}

size_t luashm_staged_size(const struct luashm_operation *operation) {
  size_t seen;
  staged_of(operation, &seen);
  return seen + 8;
}

/* Performs it with the staged bytes in place of the view's. */
static void perform_staged(struct luashm_operation *operation,
                           unsigned char *staged,
                           const struct luashm_touched *touched) {
  struct luashm_handle *view = luashm_handle(operation->object);
  unsigned char *base = view->base;
  view->base = staged - touched->at;
  luashm_perform_real(operation);
  view->base = base;
}

void luashm_begin_pieces(struct luashm_operation *operation,
                         unsigned char *staged) {
  size_t seen;
  struct luashm_touched touched = staged_of(operation, &seen);
  memset(staged, 0, seen + 8);
  operation->answer = LUASHM_ANSWER_DONE;
  operation->holds = true;
  if (operation->op == LUASHM_OP_PUBLISH)
    memcpy(staged, operation->bytes, touched.length);
  else if (touched.writes && operation->op != LUASHM_OP_COPY) {
    memcpy(staged, base_of(operation, false) + touched.at, touched.length);
    perform_staged(operation, staged, &touched);
  }
}

static bool look_again(const struct luashm_operation *operation,
                       const unsigned char *seen) {
  struct cops_sequence words = words_of(operation);
  uint32_t before;
  memcpy(&before, seen, sizeof before);
  return cshm_load32(words.first) == before;
}

static void look(struct luashm_operation *operation, unsigned char *seen) {
  struct cops_sequence words = words_of(operation);
  uint32_t finished = cshm_load32(words.last ? words.last : words.first);
  if (operation->op == LUASHM_OP_DRAFT)
    operation->holds = cops_record_torn(&words);
  memcpy(seen, &finished, sizeof finished);
}

bool luashm_move_piece(struct luashm_operation *operation,
                       const struct luashm_piece *piece,
                       unsigned char *staged) {
  size_t seen;
  struct luashm_touched touched = staged_of(operation, &seen);
  unsigned char *at = base_of(operation, piece->of_source) + piece->at;
  unsigned char *own =
      staged + piece->at -
      (piece->of_source ? touched.source_at : touched.at);
  struct cops_sequence words;
  uint32_t at_work;
  switch (piece->kind) {
  case LUASHM_READS_WORD:
    memcpy(own, at, piece->length);
    return true;
  case LUASHM_WRITES_WORD:
    memcpy(at, own, piece->length);
    return true;
  case LUASHM_LOOKS:
    look(operation, staged + seen);
    return true;
  case LUASHM_LOOKS_AGAIN:
    return look_again(operation, staged + seen);
  case LUASHM_RAISES:
    words = words_of(operation);
    at_work = cops_raise(&words);
    memcpy(staged + seen, &at_work, sizeof at_work);
    return true;
  case LUASHM_SETTLES:
    words = words_of(operation);
    memcpy(&at_work, staged + seen, sizeof at_work);
    cops_settle(&words, at_work);
    return true;
  }
  return true;
}

void luashm_end_pieces(struct luashm_operation *operation,
                       unsigned char *staged) {
  size_t seen;
  struct luashm_touched touched = staged_of(operation, &seen);
  if (operation->op == LUASHM_OP_SNAPSHOT || operation->op == LUASHM_OP_DRAFT)
    memcpy(operation->bytes, staged, touched.length);
  else if (!touched.writes)
    perform_staged(operation, staged, &touched);
}
