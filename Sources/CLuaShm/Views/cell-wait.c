/* Waiting for a cell's word to change, and waking those who wait. */
#include "cell.h"
#include "waiting.h"

/* cell:wait(expected [, timeout]) -> true, or false, "timeout" */
static int cell_wait(lua_State *L) {
  const struct cell *cell = luashm_open_cell(L).cell;
  struct luashm_waiting waiting;
  struct luashm_operation operation =
      luashm_cell_operation(cell, LUASHM_OP_CELL_WAIT);
  operation.a = (int64_t)luashm_check_word(L, cell, 2);
  operation.timeout = luashm_check_timeout(L, 3, &operation.seconds);
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

const luaL_Reg luashm_cell_waits[] = {
    {"wait", cell_wait}, {"wake", cell_wake}, {NULL, NULL}};
