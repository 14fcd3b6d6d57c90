/* Waiting for a cell's word to change, and waking those who wait. */
#include "cell.h"
#include "waiting.h"

#include <limits.h>

static bool differs(const struct cell *cell, uint64_t expected) {
  const void *word = cell_word(cell);
  return cell_is_wide(cell) ? cshm_load64(word) != expected
                            : cshm_load32(word) != (uint32_t)expected;
}

static bool spin(struct cell *cell, uint64_t expected) {
  return cell_is_wide(cell)
             ? cshm_spin64(cell_word(cell), expected, &cell->spinner)
             : cshm_spin(cell_word(cell), (uint32_t)expected, &cell->spinner);
}

enum outcome { WOKEN, TIMED_OUT, STOPPED, GONE };

/* Of 8 bytes the kernel looks at the low half: a change of the high one is
   seen when the waker wakes, or after a slice. */
static enum outcome sleep_on(const struct cell *cell, uint64_t expected,
                             struct luashm_waiting *waiting) {
  const void *word = cshm_low_half(cell_word(cell));
  for (;;) {
    int64_t slice = luashm_slice(waiting);
    if (slice == 0)
      return TIMED_OUT;
    bool woken = cshm_futex_wait(word, (uint32_t)expected, slice) == 0;
    bool changed = differs(cell, expected);
    if (cshm_lost(cell->view->guard))
      return GONE;
    if (woken || changed)
      return WOKEN;
    if (luashm_should_stop(waiting))
      return STOPPED;
  }
}

static enum outcome wait_until_differs(lua_State *L, struct cell *cell,
                                       uint64_t expected, int64_t timeout,
                                       struct luashm_waiting *waiting) {
  bool changed = timeout == 0 ? differs(cell, expected) : spin(cell, expected);
  if (__builtin_expect(cshm_lost(cell->view->guard), 0))
    return GONE;
  if (changed)
    return WOKEN;
  luashm_begin_waiting(L, timeout, waiting);
  return sleep_on(cell, expected, waiting);
}

/* cell:wait(expected [, timeout]) -> true, or false, "timeout" */
static int cell_wait(lua_State *L) {
  struct cell *cell = luashm_open_cell(L);
  uint64_t expected = luashm_check_word(L, cell, 2);
  double seconds;
  int64_t timeout = luashm_check_timeout(L, 3, &seconds);
  struct luashm_host *host = cell->view->host;
  struct luashm_operation operation;
  struct luashm_waiting waiting;
  bool listening = luashm_heard(host);
  if (listening) {
    operation = luashm_cell_operation(L, cell);
    operation.kind = LUASHM_WAIT;
    operation.verb = "cell:wait";
    operation.arguments[0] = lua_tointeger(L, 2);
    operation.argument_count = 1;
    operation.timeout = seconds;
    luashm_enter(host, &operation);
  }
  enum outcome outcome =
      wait_until_differs(L, cell, expected, timeout, &waiting);
  if (listening)
    luashm_leave(host, &operation, outcome >= STOPPED ? -1 : 0, cell->view,
                 outcome == WOKEN);
  if (outcome == GONE)
    return luashm_lost(L, "wait");
  if (outcome == STOPPED)
    return luashm_stop(&waiting);
  lua_pushboolean(L, outcome == WOKEN);
  if (outcome == WOKEN)
    return 1;
  lua_pushliteral(L, "timeout");
  return 2;
}

/* cell:wake([n]) -> number of those woken */
static int cell_wake(lua_State *L) {
  const struct cell *cell = luashm_writable_cell(L, "wake");
  lua_Integer count = luaL_optinteger(L, 2, 1);
  luaL_argcheck(L, count >= 1, 2, "wakes a number of waiters from 1");
  struct luashm_host *host = cell->view->host;
  struct luashm_operation operation = {0};
  bool listening = luashm_heard(host);
  if (listening) {
    operation = luashm_cell_operation(L, cell);
    operation.kind = LUASHM_WAKE;
    operation.verb = "cell:wake";
    operation.arguments[0] = count;
    operation.argument_count = 1;
    luashm_enter(host, &operation);
  }
  int woken = cshm_futex_wake(cshm_low_half(cell_word(cell)),
                              count < INT_MAX ? (int)count : INT_MAX);
  operation.result = woken < 0 ? 0 : woken; /* of memory that is gone: none */
  if (listening)
    luashm_leave(host, &operation, 0, cell->view, true);
  lua_pushinteger(L, operation.result);
  return 1;
}

const luaL_Reg luashm_cell_waits[] = {
    {"wait", cell_wait}, {"wake", cell_wake}, {NULL, NULL}};
