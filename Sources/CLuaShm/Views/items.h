/*
 * Walks over memory item by item, by a format of string.pack. Alignments count
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
  size_t position; /* the item's, in the view */
  size_t gap;      /* bytes skipped in front of it */
};

static inline struct luashm_walk luashm_walk_from(lua_State *L,
                                                  const char *text,
                                                  size_t offset) {
  return (struct luashm_walk){
      .L = L, .format = luashm_format_of(text), .position = offset};
}

/* Goes to the next item; false: there is none. The first walk over a format
   raises if the format is invalid. */
static inline bool luashm_walk_on(struct luashm_walk *walk) {
  enum { FORMAT_ARGUMENT = 2 };
  walk->item = luashm_next_item(walk->L, FORMAT_ARGUMENT, &walk->format);
  walk->gap = luashm_gap(walk->item, walk->position);
  walk->position += walk->gap;
  return walk->item.kind != ITEM_END;
}

/* Is an aligned number of this many bytes moved by one access? */
static inline bool luashm_is_scalar(size_t size) {
  return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Does the item's length depend on what stands in memory? */
static inline bool luashm_is_open(struct luashm_item item) {
  return item.kind == ITEM_COUNTED || item.kind == ITEM_TERMINATED;
}

/* The operations pack and unpack: moves items between `memory`, which the
   operation's `at` means, and its private bytes. `room`: how many bytes each
   side has. Fills in result, length, answer and problem. */
void luashm_move_items(struct luashm_operation *, unsigned char *memory,
                       size_t room);

#endif
