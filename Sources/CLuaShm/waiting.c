/* How long a script waits, and how Ctrl-C ends the wait. */
#include "waiting.h"

/* Rounds up: no wait is shorter than asked for. */
static int64_t nanoseconds_of(double seconds) {
  double exact = seconds * 1e9;
  int64_t whole = (int64_t)exact;
  return (double)whole < exact ? whole + 1 : whole;
}

bool luashm_to_timeout(lua_State *L, int index, int64_t *nanoseconds,
                       double *seconds) {
  static const double longest = 1e9; /* seconds: 31 years; cannot overflow */
  *nanoseconds = LUASHM_FOREVER;
  *seconds = -1;
  if (lua_isnoneornil(L, index))
    return true;
  if (lua_type(L, index) != LUA_TNUMBER)
    return false;
  lua_Number given = lua_tonumber(L, index);
  if (!(given >= 0)) /* also refuses NaN */
    return false;
  *seconds = given;
  if (given < longest)
    *nanoseconds = nanoseconds_of(given);
  return true;
}

int64_t luashm_check_timeout(lua_State *L, int index, double *seconds) {
  int64_t nanoseconds;
  if (!luashm_to_timeout(L, index, &nanoseconds, seconds))
    luaL_argerror(L, index, "a timeout is seconds from 0, or nil for ever");
  return nanoseconds;
}

void luashm_begin_waiting(lua_State *L, int64_t timeout,
                          struct luashm_waiting *waiting) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  waiting->state = L;
  waiting->main = lua_tothread(L, -1);
  lua_pop(L, 1);
  waiting->hook = lua_gethook(L);
  waiting->main_hook = lua_gethook(waiting->main);
  waiting->deadline = cops_deadline_after(timeout);
}

bool luashm_should_stop(const struct luashm_waiting *waiting) {
  return luashm_interrupted() ||
         lua_gethook(waiting->state) != waiting->hook ||
         lua_gethook(waiting->main) != waiting->main_hook;
}

int luashm_stop(lua_State *L, const struct luashm_waiting *waiting) {
  if (!waiting || !waiting->state)
    return luaL_error(L, "interrupted!");
  if (waiting->state != waiting->main &&
      lua_gethook(waiting->state) == waiting->hook)
    return luaL_error(waiting->state, "interrupted!");
  return 0;
}

static int nothing(lua_State *L) {
  (void)L;
  return 0;
}

/* A coroutine of a script has no hook of its own; the one on its main thread
   raises again. */
void luashm_raise_interrupt(lua_State *L) {
  luaL_checkstack(L, 4, NULL);
  lua_pushcfunction(L, nothing);
  lua_call(L, 0, 0);
  luaL_error(L, "interrupted!");
}
