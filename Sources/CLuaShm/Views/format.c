#include "format.h"

#include <lauxlib.h>

#include <stdint.h>

enum { MOST_INTEGER = 16, NATIVE_ALIGNMENT = 8 };
/* Numbers in formats stay below what an int holds, as in lstrlib.c. */
enum { MOST_NUMBER = 214748363 };

struct luashm_format luashm_format_of(const char *text) {
  return (struct luashm_format){.next = text, .big = false, .most = 1};
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Reads a number. Digits that would exceed the bound are left in place; as an
   option they are an error. */
static size_t number_after(struct luashm_format *format, size_t missing) {
  if (!is_digit(*format->next))
    return missing;
  size_t number = 0;
  do
    number = number * 10 + (size_t)(*format->next++ - '0');
  while (is_digit(*format->next) && number <= MOST_NUMBER);
  return number;
}

static size_t integer_size(lua_State *L, struct luashm_format *format,
                           size_t missing) {
  size_t size = number_after(format, missing);
  if (size < 1 || size > MOST_INTEGER)
    luaL_error(L, "integral size (%d) out of limits [1,%d]", (int)size,
               MOST_INTEGER);
  return size;
}

static struct luashm_item make(enum luashm_item_kind kind, size_t size) {
  return (struct luashm_item){kind, size, 1};
}

/* Handles options that change the state, and those without a meaning. */
static struct luashm_item setting(lua_State *L, struct luashm_format *format,
                                  char option) {
  switch (option) {
  case '<':
  case '=':
    format->big = false;
    break;
  case '>':
    format->big = true;
    break;
  case '!':
    format->most = integer_size(L, format, NATIVE_ALIGNMENT);
    break;
  case ' ':
    break;
  default:
    luaL_error(L, "invalid format option '%c'", option);
  }
  return make(ITEM_NONE, 0);
}

static struct luashm_item characters(lua_State *L,
                                     struct luashm_format *format) {
  size_t size = number_after(format, SIZE_MAX);
  if (size == SIZE_MAX)
    luaL_error(L, "missing size for format option 'c'");
  return make(ITEM_CHARACTERS, size);
}

/* Reads the next option, without considering its alignment. */
static struct luashm_item option(lua_State *L, struct luashm_format *format) {
  char letter = *format->next++;
  switch (letter) {
  case 'b':
    return make(ITEM_SIGNED, sizeof(char));
  case 'B':
    return make(ITEM_UNSIGNED, sizeof(char));
  case 'h':
    return make(ITEM_SIGNED, sizeof(short));
  case 'H':
    return make(ITEM_UNSIGNED, sizeof(short));
  case 'l':
    return make(ITEM_SIGNED, sizeof(long));
  case 'L':
    return make(ITEM_UNSIGNED, sizeof(long));
  case 'j':
    return make(ITEM_SIGNED, sizeof(lua_Integer));
  case 'J':
    return make(ITEM_UNSIGNED, sizeof(lua_Integer));
  case 'T':
    return make(ITEM_UNSIGNED, sizeof(size_t));
  case 'i':
    return make(ITEM_SIGNED, integer_size(L, format, sizeof(int)));
  case 'I':
    return make(ITEM_UNSIGNED, integer_size(L, format, sizeof(int)));
  case 'f':
    return make(ITEM_FLOATING, sizeof(float));
  case 'd':
    return make(ITEM_FLOATING, sizeof(double));
  case 'n':
    return make(ITEM_FLOATING, sizeof(lua_Number));
  case 's':
    return make(ITEM_COUNTED, integer_size(L, format, sizeof(size_t)));
  case 'c':
    return characters(L, format);
  case 'z':
    return make(ITEM_TERMINATED, 0);
  case 'x':
    return make(ITEM_PADDING, 1);
  case 'X':
    return make(ITEM_ALIGNMENT, 0);
  default:
    return setting(L, format, letter);
  }
}

/* X aligns as the option after it would, which is otherwise ignored. */
static size_t alignment_of_next(lua_State *L, int index,
                                struct luashm_format *format) {
  struct luashm_item next = {.size = 0};
  if (*format->next)
    next = option(L, format);
  if (next.kind == ITEM_CHARACTERS || next.size == 0)
    luaL_argerror(L, index, "invalid next option for option 'X'");
  return next.size;
}

struct luashm_item luashm_next_item(lua_State *L, int index,
                                    struct luashm_format *format) {
  if (!*format->next)
    return make(ITEM_END, 0);
  struct luashm_item item = option(L, format);
  if (item.kind == ITEM_CHARACTERS || item.kind == ITEM_PADDING)
    return item;
  size_t wanted = item.kind == ITEM_ALIGNMENT
                      ? alignment_of_next(L, index, format)
                      : item.size;
  if (wanted > format->most)
    wanted = format->most;
  if ((wanted & (wanted - 1)) != 0)
    luaL_argerror(L, index, "format asks for alignment not power of 2");
  if (wanted > 1)
    item.alignment = wanted;
  return item;
}
