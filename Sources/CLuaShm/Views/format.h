/* The formats of Lua's string.pack (manual of Lua 5.4, 6.4.2), item by item;
   for pack.c. */
#ifndef LUASHM_FORMAT_H
#define LUASHM_FORMAT_H

#include <lua.h>

#include <stdbool.h>
#include <stddef.h>

enum luashm_item_kind {
  ITEM_SIGNED,
  ITEM_UNSIGNED,
  ITEM_FLOATING,
  ITEM_CHARACTERS, /* c[n]: exactly n bytes */
  ITEM_COUNTED,    /* s[n]: a length of n bytes, then the bytes */
  ITEM_TERMINATED, /* z */
  ITEM_PADDING,    /* x: one byte */
  ITEM_ALIGNMENT,  /* X */
  ITEM_NONE,       /* an option that only changes the state */
  ITEM_END
};

struct luashm_item {
  enum luashm_item_kind kind;
  size_t size;      /* bytes; for ITEM_COUNTED, of the length */
  size_t alignment; /* a power of two; 1: none */
};

struct luashm_format {
  const char *next; /* ends with a NUL */
  bool big;         /* big endian */
  size_t most;      /* the largest alignment */
};

struct luashm_format luashm_format_of(const char *text);

/* Raises if there is no valid option; `index`: the format's, for the
   message. */
struct luashm_item luashm_next_item(lua_State *L, int index,
                                    struct luashm_format *format);

/* How many bytes to skip from the position to the item's alignment. */
static inline size_t luashm_gap(struct luashm_item item, size_t position) {
  return -position & (item.alignment - 1);
}

static inline bool luashm_takes_value(struct luashm_item item) {
  return item.kind < ITEM_PADDING;
}

#endif
