/* Waiting for a cell's word to change, and waking those who wait. */
#include "cell.h"
#include "waiting.h"

/* The in-line path without a world: has the word changed already? */
static bool has_changed(struct open_cell open, uint64_t expected) {
  const void *word = open.view->base + open.cell->offset;
  return !open.view->world &&
         (cell_size(open.cell) == 8
              ? cshm_load64(word) != expected
              : cshm_load32(word) != (uint32_t)expected) &&
         !cshm_lost(open.view->guard);
}

/* cell:wait(expected [, timeout]) -> true, or false, "timeout" */
static int cell_wait(lua_State *L) {
  struct open_cell open = luashm_open_cell(L);
  const struct cell *cell = open.cell;
  uint64_t expected = luashm_check_word(L, cell, 2);
  double seconds;
  int64_t timeout = luashm_check_timeout(L, 3, &seconds);
  if (has_changed(open, expected)) {
    lua_pushboolean(L, true);
    return 1;
  }
  struct luashm_waiting waiting;
  struct luashm_operation operation =
      luashm_cell_operation(cell, LUASHM_OP_CELL_WAIT);
  operation.a = (int64_t)expected;
  operation.timeout = timeout;
  operation.seconds = seconds;
  operation.waiting = &waiting;
  enum luashm_answer answer = luashm_perform(L, &operation);
  if (answer == LUASHM_ANSWER_INTERRUPTED)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, answer == LUASHM_ANSWER_DONE);
  if (answer == LUASHM_ANSWER_DONE)
    return 1;
  lua_pushliteral(L, "timeout");
  return 2;
}

/* cell:wake([n]) -> number of those woken */
static int cell_wake(lua_State *L) {
  const struct cell *cell = luashm_writable_cell(L, "wake").cell;
  struct luashm_operation operation =
      luashm_cell_operation(cell, LUASHM_OP_CELL_WAKE);
  operation.a = luaL_optinteger(L, 2, 1);
  luaL_argcheck(L, operation.a >= 1, 2, "wakes a number of waiters from 1");
  luashm_perform(L, &operation);
  lua_pushinteger(L, operation.result);
  return 1;
}

/* ---- conditions, for shm.wait ---- */

/* cell:when(expected) -> condition */
static int cell_when(lua_State *L) {
  const struct cell *cell = luashm_open_cell(L).cell;
  uint64_t expected = luashm_check_word(L, cell, 2);
  struct condition *condition =
      luashm_push_new(L, TYPE_CONDITION, sizeof *condition, CELL_VALUES);
  uint64_t mark = condition->cell.head.mark;
  condition->cell = *cell;
  condition->cell.head.mark = mark;
  condition->expected = expected;
  for (int value = CELL_NAME; value <= CELL_VIEW; value++) {
    lua_getiuservalue(L, 1, value);
    lua_setiuservalue(L, -2, value);
  }
  return 1;
}

static int condition_tostring(lua_State *L) {
  const struct condition *condition = luashm_own(L, TYPE_CONDITION);
  bool open = luashm_handle(condition->cell.head.object)->base != NULL;
  luashm_push_cell_text(L, 1);
  lua_pushfstring(L, "%s is not %I%s", lua_tostring(L, -1),
                  luashm_shown_word(&condition->cell, condition->expected),
                  open ? "" : " (closed)");
  return 1;
}

static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg metamethods[] = {{"__tostring", condition_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_conditions = {.name = "shm.condition",
                                               .methods = {no_methods},
                                               .metamethods = metamethods};

const luaL_Reg luashm_cell_waits[] = {{"wait", cell_wait},
                                      {"wake", cell_wake},
                                      {"when", cell_when},
                                      {NULL, NULL}};
