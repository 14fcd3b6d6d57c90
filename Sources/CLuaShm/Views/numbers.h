/* The numbers in views, packed bytes and cells: their bits, and their values in
   Lua. */
#ifndef LUASHM_NUMBERS_H
#define LUASHM_NUMBERS_H

#include "CLuaShm.h"

#include <lua.h>

#include <string.h>

enum luashm_form { NUMBER_UNSIGNED, NUMBER_SIGNED, NUMBER_FLOATING };

struct luashm_number {
  size_t size; /* bytes */
  enum luashm_form form;
};

/* Indexed by enum luashm_scalar. */
static const struct luashm_number luashm_numbers[] = {
    [LUASHM_U8] = {1, NUMBER_UNSIGNED},  [LUASHM_I8] = {1, NUMBER_SIGNED},
    [LUASHM_U16] = {2, NUMBER_UNSIGNED}, [LUASHM_I16] = {2, NUMBER_SIGNED},
    [LUASHM_U32] = {4, NUMBER_UNSIGNED}, [LUASHM_I32] = {4, NUMBER_SIGNED},
    [LUASHM_U64] = {8, NUMBER_UNSIGNED}, [LUASHM_I64] = {8, NUMBER_SIGNED},
    [LUASHM_F32] = {4, NUMBER_FLOATING}, [LUASHM_F64] = {8, NUMBER_FLOATING}};

/* `size`: 4 or 8 bytes. */
static inline lua_Number luashm_floating_of(uint64_t bits,
                                            const struct luashm_number type) {
  lua_Number number;
  float narrow;
  memcpy(&narrow, &bits, sizeof narrow);
  memcpy(&number, &bits, sizeof number);
  return type.size == sizeof narrow ? narrow : number;
}

static inline uint64_t luashm_floating_bits(lua_Number number,
                                            const struct luashm_number type) {
  uint64_t bits = 0;
  float narrow = (float)number;
  if (type.size == sizeof narrow)
    memcpy(&bits, &narrow, sizeof narrow);
  else
    memcpy(&bits, &number, sizeof number);
  return bits;
}

/* The integer of up to 8 bytes whose highest bit is its sign. */
static inline lua_Integer luashm_integer_of(uint64_t bits,
                                            const struct luashm_number type) {
  unsigned spare = 64 - 8 * (unsigned)type.size;
  return type.form == NUMBER_SIGNED ? (lua_Integer)(bits << spare) >> spare
                                    : (lua_Integer)bits;
}

#endif
