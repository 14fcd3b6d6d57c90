/*
 * The userdata "shm.cell": an aligned word of a view, of 4 or 8 bytes, for
 * operations that are atomic between all processes; sequentially consistent.
 */
#include "access.h"
#include "cell.h"

#include <COperations.h>

#include <string.h>

static const char *const type_names[] = {"u32", "i32", "u64", "i64"};

static const char *const act_names[] = {
    [COPS_LOAD] = "load", [COPS_STORE] = "store",
    [COPS_ADD] = "add",   [COPS_SUB] = "sub",
    [COPS_AND] = "and",   [COPS_OR] = "or",
    [COPS_XOR] = "xor",   [COPS_EXCHANGE] = "exchange",
    [COPS_CAS] = "cas"};

/* The word as Lua shows it for the cell's type. */
static lua_Integer shown(const struct cell *cell, uint64_t word) {
  switch (cell->type) {
  case CELL_U32:
    return (uint32_t)word;
  case CELL_I32:
    return (int32_t)word;
  default:
    return (lua_Integer)word;
  }
}

/* ---- arguments ---- */

static inline struct open_cell open_cell(lua_State *L) {
  const struct cell *cell = luashm_own(L, TYPE_CELL);
  struct luashm_handle *view = luashm_handle(cell->head.object);
  if (__builtin_expect(!view->base, 0))
    luashm_closed_view(L, 1);
  return (struct open_cell){cell, view};
}

static inline struct open_cell writable_cell(lua_State *L, const char *name) {
  struct open_cell open = open_cell(L);
  if (__builtin_expect(open.view->access == LUASHM_READ, 0))
    luaL_error(L, "%s: the view of %s is read-only", name,
               luashm_shown_name(L, 1));
  return open;
}

struct open_cell luashm_open_cell(lua_State *L) { return open_cell(L); }

struct open_cell luashm_writable_cell(lua_State *L, const char *name) {
  return writable_cell(L, name);
}

static int does_not_fit(lua_State *L, const struct cell *cell, int index,
                        int64_t lowest, int64_t highest) {
  return luaL_argerror(
      L, index,
      lua_pushfstring(L, "%I does not fit into %s (%I to %I)",
                      lua_tointeger(L, index), type_names[cell->type],
                      (lua_Integer)lowest, (lua_Integer)highest));
}

/* Every Lua integer fits in 64 bits, so u64 and i64 differ in name only. */
uint64_t luashm_check_word(lua_State *L, const struct cell *cell, int index) {
  lua_Integer value = luaL_checkinteger(L, index);
  if (__builtin_expect(value != shown(cell, (uint64_t)value), 0)) {
    bool is_signed = cell->type == CELL_I32;
    does_not_fit(L, cell, index, is_signed ? INT32_MIN : 0,
                 is_signed ? INT32_MAX : UINT32_MAX);
  }
  return (uint64_t)value;
}

/* Reads a number to add, or a mask. Arithmetic wraps around, so -1 and ~mask
   are as good as the same bits without a sign. */
static uint64_t check_operand(lua_State *L, const struct cell *cell,
                              int index) {
  lua_Integer value = luaL_checkinteger(L, index);
  if (cell_size(cell) == 4 &&
      __builtin_expect(value < INT32_MIN || value > UINT32_MAX, 0))
    does_not_fit(L, cell, index, INT32_MIN, UINT32_MAX);
  return (uint64_t)value;
}

/* ---- the methods ---- */

/* The operation when a world is set. */
static __attribute__((noinline)) uint64_t
act_in_world(lua_State *L, const struct cell *cell, enum cops_act act,
             uint64_t value, uint64_t expected) {
  struct luashm_operation operation = luashm_cell_operation(
      cell, (enum luashm_op)(LUASHM_OP_CELL_LOAD + (int)act));
  operation.a = (int64_t)value;
  operation.b = (int64_t)expected;
  luashm_perform(L, &operation);
  return (uint64_t)operation.result;
}

_Static_assert(LUASHM_OP_CELL_CAS - LUASHM_OP_CELL_LOAD == COPS_CAS,
               "the operations have the order of the acts");

static inline lua_Integer act_on(lua_State *L, struct open_cell open,
                                 enum cops_act act, uint64_t value,
                                 uint64_t expected) {
  const struct cell *cell = open.cell;
  if (__builtin_expect(open.view->world != NULL, 0))
    return shown(cell, act_in_world(L, cell, act, value, expected));
  uint64_t word = cops_apply(open.view->base + cell->offset, cell_size(cell),
                             act, value, expected);
  if (__builtin_expect(cshm_lost(open.view->guard), 0))
    luashm_lost(L, 1, act_names[act]);
  return shown(cell, word);
}

/* cell:load() -> value */
static int cell_load(lua_State *L) {
  lua_pushinteger(L, act_on(L, open_cell(L), COPS_LOAD, 0, 0));
  return 1;
}

/* cell:store(value) -> cell */
static int cell_store(lua_State *L) {
  struct open_cell open = writable_cell(L, "store");
  act_on(L, open, COPS_STORE, luashm_check_word(L, open.cell, 2), 0);
  lua_settop(L, 1);
  return 1;
}

/* cell:exchange(value) -> value from before */
static int cell_exchange(lua_State *L) {
  struct open_cell open = writable_cell(L, "exchange");
  uint64_t value = luashm_check_word(L, open.cell, 2);
  lua_pushinteger(L, act_on(L, open, COPS_EXCHANGE, value, 0));
  return 1;
}

/* cell:add(operand) and its siblings -> value from before */
static inline int fetch(lua_State *L, enum cops_act act) {
  struct open_cell open = writable_cell(L, act_names[act]);
  uint64_t operand = check_operand(L, open.cell, 2);
  lua_pushinteger(L, act_on(L, open, act, operand, 0));
  return 1;
}

static int cell_add(lua_State *L) { return fetch(L, COPS_ADD); }
static int cell_sub(lua_State *L) { return fetch(L, COPS_SUB); }
static int cell_and(lua_State *L) { return fetch(L, COPS_AND); }
static int cell_or(lua_State *L) { return fetch(L, COPS_OR); }
static int cell_xor(lua_State *L) { return fetch(L, COPS_XOR); }

/* cell:cas(expected, desired) -> swapped, value from before */
static int cell_cas(lua_State *L) {
  struct open_cell open = writable_cell(L, "cas");
  uint64_t expected = luashm_check_word(L, open.cell, 2);
  uint64_t desired = luashm_check_word(L, open.cell, 3);
  lua_Integer before = act_on(L, open, COPS_CAS, desired, expected);
  lua_pushboolean(L, before == shown(open.cell, expected));
  lua_pushinteger(L, before);
  return 2;
}

/* ---- making a cell ---- */

static enum cell_type check_type(lua_State *L, int index) {
  const char *name = luaL_optstring(L, index, "u32");
  for (int type = 0; type < CELL_TYPES; type++)
    if (strcmp(name, type_names[type]) == 0)
      return (enum cell_type)type;
  luaL_argerror(L, index,
                "a cell is \"u32\", \"i32\", \"u64\" or \"i64\"");
  return CELL_U32;
}

/* Everything is checked before the cell exists: even a script that gets hold of
   it through the debug library finds it complete. */
static struct cell check_cell(lua_State *L) {
  luashm_open_view(L);
  lua_Integer offset = luaL_checkinteger(L, 2);
  struct cell cell = {
      .head.object = luashm_object_at(L, 1),
      .offset = (uint64_t)offset,
      .type = check_type(L, 3)};
  size_t size = cell_size(&cell);
  const struct luashm_handle *view =
      luashm_open_view(L); /* a number as type becomes a string */
  if (!luashm_inside(view, offset, size))
    luashm_past_end(L, "atomic", (lua_Integer)size, offset);
  if ((uintptr_t)(view->base + offset) % size != 0)
    luaL_error(L, "atomic: offset %I is not aligned to %d bytes, as "
                  "%s needs it",
               offset, (int)size, type_names[cell.type]);
  return cell;
}

void luashm_push_cell(lua_State *L, const struct cell *whole) {
  struct cell *cell =
      luashm_push_new(L, TYPE_CELL, sizeof *cell, CELL_VALUES);
  uint64_t mark = cell->head.mark;
  *cell = *whole;
  cell->head.mark = mark;
  lua_insert(L, -3);
  lua_setiuservalue(L, -3, CELL_VIEW);
  lua_setiuservalue(L, -2, CELL_NAME);
}

/* view:atomic(offset [, type]) -> cell */
static int view_atomic(lua_State *L) {
  struct cell whole = check_cell(L);
  lua_getiuservalue(L, 1, CELL_NAME);
  lua_pushvalue(L, 1);
  luashm_push_cell(L, &whole);
  luashm_open_view(L); /* a finalizer may have closed it */
  return 1;
}

void luashm_push_cell_text(lua_State *L, int index) {
  const struct cell *cell = lua_touserdata(L, index);
  lua_pushfstring(L, "%s cell at offset %I of %s", type_names[cell->type],
                  (lua_Integer)cell->offset, luashm_shown_name(L, index));
  lua_remove(L, -2);
}

lua_Integer luashm_shown_word(const struct cell *cell, uint64_t word) {
  return shown(cell, word);
}

static int cell_tostring(lua_State *L) {
  const struct cell *cell = luashm_own(L, TYPE_CELL);
  luashm_push_cell_text(L, 1);
  struct open_cell open = {cell, luashm_handle(cell->head.object)};
  if (open.view->base)
    lua_pushfstring(L, " = %I", act_on(L, open, COPS_LOAD, 0, 0));
  else
    lua_pushliteral(L, " (closed)");
  lua_concat(L, 2);
  return 1;
}

const luaL_Reg luashm_cell_methods[] = {{"atomic", view_atomic}, {NULL, NULL}};

/* "and" and "or" are keywords of Lua, so the methods are band and bor. */
static const luaL_Reg methods[] = {
    {"load", cell_load},         {"store", cell_store}, {"add", cell_add},
    {"sub", cell_sub},           {"and", cell_and},     {"or", cell_or},
    {"xor", cell_xor},           {"band", cell_and},    {"bor", cell_or},
    {"bxor", cell_xor},          {"cas", cell_cas},
    {"exchange", cell_exchange}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__tostring", cell_tostring},
                                       {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"get", "load"}, {"set", "store"}, {"notify", "wake"}, {"swap", "exchange"},
    {"inc", "add"}, {"increment", "add"}, {"read", "load"}, {"write", "store"},
    {NULL, NULL}};

const struct luashm_class luashm_cells = {
    .name = "shm.cell",
    .methods = {methods, luashm_cell_waits},
    .metamethods = metamethods,
    .synonyms = synonyms};
