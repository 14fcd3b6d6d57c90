#include "items.h"

#include <CShm.h>

#include <string.h>

/* Moves bytes between shared and private memory, in either direction. Shared
   memory is loaded once: a length is taken from the private copy. */
struct move {
  unsigned char *to;
  const unsigned char *from;
  size_t room;  /* bytes on each side */
  bool packs;   /* the gaps between items are moved, too */
  struct luashm_operation *operation;
};

static bool fail(struct move *move, enum luashm_problem problem, size_t at,
                 size_t length) {
  struct luashm_operation *operation = move->operation;
  operation->answer = LUASHM_ANSWER_UNREADABLE;
  operation->problem = (int)problem;
  operation->result = (int64_t)(operation->at + at);
  operation->b = (int64_t)length;
  return false;
}

static bool move_bytes(struct move *move, size_t at, size_t length) {
  if (at > move->room || length > move->room - at)
    return fail(move, PROBLEM_PAST_END, at, length);
  memcpy(move->to + at, move->from + at, length);
  return true;
}

/* Moves a number; its value is used only where it is a length. */
static bool move_number(struct move *move, size_t at, size_t size, bool big,
                        uint64_t *value) {
  if (!luashm_is_scalar(size))
    return move_bytes(move, at, size);
  if (at > move->room || size > move->room - at)
    return fail(move, PROBLEM_PAST_END, at, size);
  uint64_t bits = cshm_load_scalar(move->from + at, size);
  cshm_store_scalar(move->to + at, size, bits);
  *value = big ? __builtin_bswap64(bits) >> (64 - 8 * size) : bits;
  return true;
}

/* Moves the length in front of a string; it may have any size. */
static bool move_length(struct move *move, size_t at, size_t size, bool big,
                        uint64_t *length) {
  if (!move_number(move, at, size, big, length))
    return false;
  if (luashm_is_scalar(size))
    return true;
  const unsigned char *bytes = move->to + at;
  *length = 0;
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = bytes[big ? size - 1 - i : i];
    if (i < sizeof *length)
      *length |= (uint64_t)byte << (8 * i);
    else if (byte != 0)
      return fail(move, PROBLEM_TOO_WIDE, at, size);
  }
  return true;
}

/* Ends at the first NUL, even at one that appears while it copies. */
static bool move_terminated(struct move *move, size_t at, size_t *length) {
  if (at > move->room)
    return fail(move, PROBLEM_PAST_END, at, 0);
  size_t room = move->room - at;
  *length = strnlen((const char *)move->from + at, room);
  if (*length == room)
    return fail(move, PROBLEM_NO_END, at, room);
  memcpy(move->to + at, move->from + at, *length);
  if (!move->packs)
    *length = strnlen((const char *)move->to + at, *length);
  move->to[at + *length] = 0;
  *length += 1;
  return true;
}

/* *length: the bytes that the item takes. */
static bool move_item(struct move *move, const struct luashm_walk *walk,
                      size_t at, size_t *length) {
  struct luashm_item item = walk->item;
  uint64_t count = 0;
  *length = item.size;
  switch (item.kind) {
  case ITEM_SIGNED:
  case ITEM_UNSIGNED:
  case ITEM_FLOATING:
    return move_number(move, at, item.size, false, &count);
  case ITEM_COUNTED:
    if (!move_length(move, at, item.size, walk->format.big, &count) ||
        !move_bytes(move, at + item.size, count))
      return false;
    *length += count;
    return true;
  case ITEM_TERMINATED:
    return move_terminated(move, at, length);
  default:
    return move_bytes(move, at, item.size);
  }
}

void luashm_move_items(struct luashm_operation *operation,
                       unsigned char *memory, size_t room) {
  bool packs = operation->op == LUASHM_OP_PACK;
  struct move move = {.to = packs ? memory : operation->bytes,
                      .from = packs ? operation->bytes : memory,
                      .room = room,
                      .packs = packs,
                      .operation = operation};
  struct luashm_walk walk = luashm_walk_from(
      operation->state, operation->text.data, (size_t)operation->at);
  size_t length;
  while (luashm_walk_on(&walk)) {
    size_t at = walk.position - (size_t)operation->at;
    if ((packs && !move_bytes(&move, at - walk.gap, walk.gap)) ||
        !move_item(&move, &walk, at, &length))
      return;
    walk.position += length;
  }
  operation->length = walk.position - operation->at;
  operation->result = (int64_t)walk.position;
}
