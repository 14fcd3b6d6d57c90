/* The userdata "shm.cell", for the two files of its methods. */
#ifndef LUASHM_CELL_H
#define LUASHM_CELL_H

#include "module.h"

enum cell_type { CELL_U32, CELL_I32, CELL_U64, CELL_I64, CELL_TYPES };

/* Plain data: the view's userdata stays while the cell's second user value
   does, and says by its base whether it is open. */
struct cell {
  const struct luashm_view *view;
  size_t offset;
  enum cell_type type;
  struct cshm_spinner spinner;
};

static inline bool cell_is_wide(const struct cell *cell) {
  return cell->type >= CELL_U64;
}

static inline void *cell_word(const struct cell *cell) {
  return cell->view->base + cell->offset;
}

/* The cell at index 1, of a view that is open, and may be written; raise. */
struct cell *luashm_open_cell(lua_State *L);
struct cell *luashm_writable_cell(lua_State *L, const char *name);

/* The argument as a value of the cell's type; raises. */
uint64_t luashm_check_word(lua_State *L, const struct cell *, int index);

/* Pushes a cell of what is checked already; pops the object's name and the
   view's userdata, which are at the top. */
void luashm_push_cell(lua_State *, const struct cell *);

/* For the gate, but for kind, verb and arguments. */
struct luashm_operation luashm_cell_operation(lua_State *L,
                                              const struct cell *);

/* cell-wait.c: wait, wake */
extern const luaL_Reg luashm_cell_waits[];

#endif
