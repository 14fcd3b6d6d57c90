/*
 * Walking a format of string.pack over memory, item by item. Alignments count
 * from the first byte of the view.
 */
#ifndef LUASHM_ITEMS_H
#define LUASHM_ITEMS_H

#include "World/perform.h"
#include "format.h"

struct luashm_walk {
  lua_State *L;
  struct luashm_format format;
  struct luashm_item item;
  size_t position; /* of the item, in the view */
  size_t gap;      /* bytes that were skipped before it */
};

static inline struct luashm_walk luashm_walk_from(lua_State *L,
                                                  const char *text,
                                                  size_t offset) {
  return (struct luashm_walk){
      .L = L, .format = luashm_format_of(text), .position = offset};
}

/* Raises for what is no format, on the first walk; false: it has ended. */
static inline bool luashm_walk_on(struct luashm_walk *walk) {
  enum { FORMAT_ARGUMENT = 2 };
  walk->item = luashm_next_item(walk->L, FORMAT_ARGUMENT, &walk->format);
  walk->gap = luashm_gap(walk->item, walk->position);
  walk->position += walk->gap;
  return walk->item.kind != ITEM_END;
}

/* Is a number of so many bytes one access where it is aligned? */
static inline bool luashm_is_scalar(size_t size) {
  return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Does what stands in memory tell how long it is? */
static inline bool luashm_is_open(struct luashm_item item) {
  return item.kind == ITEM_COUNTED || item.kind == ITEM_TERMINATED;
}

/* The operations pack and unpack, between the memory at `memory`, which is the
   operation's `at`, and its private bytes; `room`: how much of it there is.
   Fills in result, length, answer and problem. */
void luashm_move_items(struct luashm_operation *, unsigned char *memory,
                       size_t room);

#endif
