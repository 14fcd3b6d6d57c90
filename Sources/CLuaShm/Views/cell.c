/*
 * The userdata "shm.cell": an aligned word of a view, of 4 or 8 bytes, for
 * operations that are atomic between all processes; sequentially consistent.
 */
#include "cell.h"

#include <string.h>

enum { NAME_VALUE = 1, VIEW_VALUE = 2, USER_VALUES = 2 };

static const char *const type_names[] = {"u32", "i32", "u64", "i64"};

static size_t size_of(const struct cell *cell) {
  return cell_is_wide(cell) ? 8 : 4;
}

/* As Lua shows a word of the cell's type. */
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

/* ---- what is done to a word ---- */

enum act {
  ACT_LOAD,
  ACT_STORE,
  ACT_ADD,
  ACT_SUB,
  ACT_AND,
  ACT_OR,
  ACT_XOR,
  ACT_EXCHANGE,
  ACT_CAS
};

static const struct {
  const char *name, *verb;
  enum luashm_kind kind;
} acts[] = {[ACT_LOAD] = {"load", "cell:load", LUASHM_LOAD},
            [ACT_STORE] = {"store", "cell:store", LUASHM_STORE},
            [ACT_ADD] = {"add", "cell:add", LUASHM_ATOMIC},
            [ACT_SUB] = {"sub", "cell:sub", LUASHM_ATOMIC},
            [ACT_AND] = {"and", "cell:and", LUASHM_ATOMIC},
            [ACT_OR] = {"or", "cell:or", LUASHM_ATOMIC},
            [ACT_XOR] = {"xor", "cell:xor", LUASHM_ATOMIC},
            [ACT_EXCHANGE] = {"exchange", "cell:exchange", LUASHM_ATOMIC},
            [ACT_CAS] = {"cas", "cell:cas", LUASHM_ATOMIC}};

/* The word from before; of a load the word, of a store what was stored. */
#define APPLY(bits)                                                            \
  static inline uint64_t apply##bits(void *word, enum act act,                 \
                                     uint##bits##_t value,                     \
                                     uint##bits##_t expected) {                \
    switch (act) {                                                             \
    case ACT_LOAD:                                                             \
      return cshm_load##bits(word);                                            \
    case ACT_STORE:                                                            \
      cshm_store##bits(word, value);                                           \
      return value;                                                            \
    case ACT_ADD:                                                              \
      return cshm_fetch_add##bits(word, value);                                \
    case ACT_SUB:                                                              \
      return cshm_fetch_add##bits(word, 0 - value);                            \
    case ACT_AND:                                                              \
      return cshm_fetch_and##bits(word, value);                                \
    case ACT_OR:                                                               \
      return cshm_fetch_or##bits(word, value);                                 \
    case ACT_XOR:                                                              \
      return cshm_fetch_xor##bits(word, value);                                \
    case ACT_EXCHANGE:                                                         \
      return cshm_exchange##bits(word, value);                                 \
    case ACT_CAS:                                                              \
      cshm_cas##bits(word, &expected, value);                                  \
      return expected;                                                         \
    }                                                                          \
    return 0;                                                                  \
  }

APPLY(32)
APPLY(64)

static inline lua_Integer apply(const struct cell *cell, enum act act,
                                uint64_t value, uint64_t expected) {
  if (cell_is_wide(cell))
    return shown(cell, apply64(cell_word(cell), act, value, expected));
  return shown(cell, apply32(cell_word(cell), act, (uint32_t)value,
                             (uint32_t)expected));
}

/* ---- arguments ---- */

/* The cell at index 1, of a view that is open. */
struct cell *luashm_open_cell(lua_State *L) {
  struct cell *cell = luashm_self(L);
  if (__builtin_expect(!cell->view->base, 0))
    luaL_error(L, "attempt to use a closed view (of %s)",
               luashm_shown_name(L, 1));
  return cell;
}

struct cell *luashm_writable_cell(lua_State *L, const char *name) {
  struct cell *cell = luashm_open_cell(L);
  if (__builtin_expect(cell->view->access == LUASHM_READ, 0))
    luaL_error(L, "%s: the view of %s is read-only", name,
               luashm_shown_name(L, 1));
  return cell;
}

static int does_not_fit(lua_State *L, const struct cell *cell, int index,
                        int64_t lowest, int64_t highest) {
  return luaL_argerror(
      L, index,
      lua_pushfstring(L, "%I does not fit into %s (%I to %I)",
                      lua_tointeger(L, index), type_names[cell->type],
                      (lua_Integer)lowest, (lua_Integer)highest));
}

/* Of 8 bytes every integer fits: u64 and i64 differ in name only. */
uint64_t luashm_check_word(lua_State *L, const struct cell *cell, int index) {
  lua_Integer value = luaL_checkinteger(L, index);
  if (__builtin_expect(value != shown(cell, (uint64_t)value), 0)) {
    bool is_signed = cell->type == CELL_I32;
    does_not_fit(L, cell, index, is_signed ? INT32_MIN : 0,
                 is_signed ? INT32_MAX : UINT32_MAX);
  }
  return (uint64_t)value;
}

/* What is added, or a mask: arithmetic wraps, so that -1 and ~mask are as good
   as what they are without a sign. */
static uint64_t check_operand(lua_State *L, const struct cell *cell,
                              int index) {
  lua_Integer value = luaL_checkinteger(L, index);
  if (!cell_is_wide(cell) &&
      __builtin_expect(value < INT32_MIN || value > UINT32_MAX, 0))
    does_not_fit(L, cell, index, INT32_MIN, UINT32_MAX);
  return (uint64_t)value;
}

/* ---- the methods ---- */

struct luashm_operation luashm_cell_operation(lua_State *L,
                                              const struct cell *cell) {
  return (struct luashm_operation){.name = luashm_name_of(L, 1),
                                   .key = cell->view->key,
                                   .offset = cell->offset,
                                   .length = size_of(cell),
                                   .timeout = -1,
                                   .state = L};
}

/* With a listener; the arguments are still on the stack. */
static lua_Integer apply_heard(lua_State *L, const struct cell *cell,
                               enum act act, uint64_t value,
                               uint64_t expected) {
  struct luashm_host *host = cell->view->host;
  struct luashm_operation operation = luashm_cell_operation(L, cell);
  operation.kind = acts[act].kind;
  operation.verb = acts[act].verb;
  operation.argument_count = act == ACT_LOAD ? 0 : act == ACT_CAS ? 2 : 1;
  for (int i = 0; i < operation.argument_count; i++)
    operation.arguments[i] = lua_tointeger(L, 2 + i);
  luashm_enter(host, &operation);
  operation.result = apply(cell, act, value, expected);
  bool gone = cshm_lost(cell->view->guard);
  bool swapped = operation.result == shown(cell, expected);
  luashm_leave(host, &operation, gone ? -1 : 0, cell->view,
               act != ACT_CAS || swapped);
  return operation.result;
}

static inline lua_Integer perform(lua_State *L, const struct cell *cell,
                                  enum act act, uint64_t value,
                                  uint64_t expected) {
  lua_Integer result = luashm_heard(cell->view->host)
                           ? apply_heard(L, cell, act, value, expected)
                           : apply(cell, act, value, expected);
  if (__builtin_expect(cshm_lost(cell->view->guard), 0))
    luashm_lost(L, acts[act].name);
  return result;
}

/* cell:load() -> value */
static int cell_load(lua_State *L) {
  lua_pushinteger(L, perform(L, luashm_open_cell(L), ACT_LOAD, 0, 0));
  return 1;
}

/* cell:store(value) -> cell */
static int cell_store(lua_State *L) {
  const struct cell *cell = luashm_writable_cell(L, "store");
  perform(L, cell, ACT_STORE, luashm_check_word(L, cell, 2), 0);
  lua_settop(L, 1);
  return 1;
}

/* cell:exchange(value) -> value from before */
static int cell_exchange(lua_State *L) {
  const struct cell *cell = luashm_writable_cell(L, "exchange");
  uint64_t value = luashm_check_word(L, cell, 2);
  lua_pushinteger(L, perform(L, cell, ACT_EXCHANGE, value, 0));
  return 1;
}

/* cell:add(operand) and its kin -> value from before */
static inline int fetch(lua_State *L, enum act act) {
  const struct cell *cell = luashm_writable_cell(L, acts[act].name);
  uint64_t operand = check_operand(L, cell, 2);
  lua_pushinteger(L, perform(L, cell, act, operand, 0));
  return 1;
}

static int cell_add(lua_State *L) { return fetch(L, ACT_ADD); }
static int cell_sub(lua_State *L) { return fetch(L, ACT_SUB); }
static int cell_and(lua_State *L) { return fetch(L, ACT_AND); }
static int cell_or(lua_State *L) { return fetch(L, ACT_OR); }
static int cell_xor(lua_State *L) { return fetch(L, ACT_XOR); }

/* cell:cas(expected, desired) -> swapped, value from before */
static int cell_cas(lua_State *L) {
  const struct cell *cell = luashm_writable_cell(L, "cas");
  uint64_t expected = luashm_check_word(L, cell, 2);
  uint64_t desired = luashm_check_word(L, cell, 3);
  lua_Integer before = perform(L, cell, ACT_CAS, desired, expected);
  lua_pushboolean(L, before == shown(cell, expected));
  lua_pushinteger(L, before);
  return 2;
}

/* ---- making one ---- */

static enum cell_type check_type(lua_State *L, int index) {
  const char *name = luaL_optstring(L, index, "u32");
  for (int type = 0; type < CELL_TYPES; type++)
    if (strcmp(name, type_names[type]) == 0)
      return (enum cell_type)type;
  luaL_argerror(L, index,
                "a cell is \"u32\", \"i32\", \"u64\" or \"i64\"");
  return CELL_U32;
}

/* Everything is checked before there is a cell: whoever gets hold of one, and
   be it through the debug library, has one that is whole. */
static struct cell check_cell(lua_State *L) {
  const struct luashm_view *view = luashm_open_view(L);
  lua_Integer offset = luaL_checkinteger(L, 2);
  struct cell cell = {
      .view = view, .offset = (size_t)offset, .type = check_type(L, 3)};
  size_t size = size_of(&cell);
  view = luashm_open_view(L); /* a number for the type is made a string */
  if (offset < 0 || size > view->size || cell.offset > view->size - size)
    luashm_past_end(L, "atomic", (lua_Integer)size, offset);
  if ((uintptr_t)cell_word(&cell) % size != 0)
    luaL_error(L, "atomic: offset %I is not aligned to %d bytes, as "
                  "%s needs it",
               offset, (int)size, type_names[cell.type]);
  return cell;
}

void luashm_push_cell(lua_State *L, const struct cell *whole) {
  struct cell *cell =
      luashm_push_new(L, TYPE_CELL, sizeof *cell, USER_VALUES);
  *cell = *whole;
  lua_insert(L, -3);
  lua_setiuservalue(L, -3, VIEW_VALUE);
  lua_setiuservalue(L, -2, NAME_VALUE);
}

/* view:atomic(offset [, type]) -> cell */
static int view_atomic(lua_State *L) {
  struct cell whole = check_cell(L);
  lua_getiuservalue(L, 1, NAME_VALUE);
  lua_pushvalue(L, 1);
  luashm_push_cell(L, &whole);
  luashm_open_view(L); /* or a finalizer closed it just now */
  return 1;
}

static int cell_tostring(lua_State *L) {
  const struct cell *cell = luashm_self(L);
  lua_pushfstring(L, "%s cell at offset %I of %s", type_names[cell->type],
                  (lua_Integer)cell->offset, luashm_shown_name(L, 1));
  if (cell->view->base)
    lua_pushfstring(L, " = %I", perform(L, cell, ACT_LOAD, 0, 0));
  else
    lua_pushliteral(L, " (closed)");
  lua_concat(L, 2);
  return 1;
}

const luaL_Reg luashm_cell_methods[] = {{"atomic", view_atomic}, {NULL, NULL}};

/* "and" and "or" are words of Lua's: cell:and(…) is no Lua, cell:band(…) is. */
static const luaL_Reg methods[] = {
    {"load", cell_load},         {"store", cell_store}, {"add", cell_add},
    {"sub", cell_sub},           {"and", cell_and},     {"or", cell_or},
    {"xor", cell_xor},           {"band", cell_and},    {"bor", cell_or},
    {"bxor", cell_xor},          {"cas", cell_cas},
    {"exchange", cell_exchange}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__tostring", cell_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_cells = {
    .name = "shm.cell",
    .methods = {methods, luashm_cell_waits},
    .metamethods = metamethods};
