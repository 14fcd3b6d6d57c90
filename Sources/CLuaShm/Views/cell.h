/* The userdata "shm.cell", for the two files of its methods. */
#ifndef LUASHM_CELL_H
#define LUASHM_CELL_H

#include "module.h"

enum cell_type { CELL_U32, CELL_I32, CELL_U64, CELL_I64, CELL_TYPES };

/* The head names the view's entry. */
struct cell {
  struct luashm_head head;
  uint64_t offset;
  uint32_t type; /* enum cell_type */
};

/* What cell:when makes: met while the word is another than this. */
struct condition {
  struct cell cell;
  uint64_t expected;
};

static inline uint32_t cell_size(const struct cell *cell) {
  return cell->type >= CELL_U64 ? 8 : 4;
}

/* A cell whose view is open. */
struct open_cell {
  const struct cell *cell;
  struct luashm_handle *view;
};

/* The cell at stack index 1; raises if its view is closed or, for the second,
   must not be written. */
struct open_cell luashm_open_cell(lua_State *L);
struct open_cell luashm_writable_cell(lua_State *L, const char *name);

/* Converts the argument to the cell's type; raises if it does not fit. */
uint64_t luashm_check_word(lua_State *L, const struct cell *, int index);

/* An operation on the cell's word. */
static inline struct luashm_operation
luashm_cell_operation(const struct cell *cell, enum luashm_op op) {
  return (struct luashm_operation){.op = op,
                                   .type = (uint16_t)cell_size(cell),
                                   .object = cell->head.object,
                                   .at = cell->offset,
                                   .length = cell_size(cell)};
}

/* Pushes a cell whose values are already checked. Pops the object's name and
   the view's userdata, which must be at the top. */
void luashm_push_cell(lua_State *, const struct cell *);

/* Pushes "u32 cell at offset 0 of NAME" for what begins with a struct cell and
   has its user values, at the index. */
void luashm_push_cell_text(lua_State *, int index);

/* The word as Lua shows one of the cell's type. */
lua_Integer luashm_shown_word(const struct cell *, uint64_t word);

/* The user values of both. */
enum { CELL_NAME = 1, CELL_VIEW = 2, CELL_VALUES = 2 };

/* cell-wait.c: wait, wake, when */
extern const luaL_Reg luashm_cell_waits[];

#endif
