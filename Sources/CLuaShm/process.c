/* Of the module "shm": time, and the process that the script is. */
#include "module.h"
#include "waiting.h"

/* As of any timeout, but that it has to be given. */
static int64_t check_seconds(lua_State *L, int index, double *seconds) {
  int64_t nanoseconds;
  luaL_checktype(L, index, LUA_TNUMBER);
  if (!luashm_to_timeout(L, index, &nanoseconds, seconds))
    luaL_argerror(L, index, "a sleep is seconds from 0");
  return nanoseconds;
}

/* shm.sleep(seconds) */
static int process_sleep(lua_State *L) {
  struct luashm_waiting waiting;
  struct luashm_operation operation = {.op = LUASHM_OP_SLEEP,
                                       .waiting = &waiting};
  operation.timeout = check_seconds(L, 1, &operation.seconds);
  luashm_perform(L, &operation);
  return operation.answer == LUASHM_ANSWER_INTERRUPTED
             ? luashm_answered(L, &operation)
             : 0;
}

/* shm.now() -> seconds */
static int process_now(lua_State *L) {
  struct luashm_operation operation = {.op = LUASHM_OP_NOW};
  luashm_perform(L, &operation);
  lua_pushnumber(L, (lua_Number)operation.result / 1e9);
  return 1;
}

/* shm.pid() -> integer */
static int process_pid(lua_State *L) {
  struct luashm_operation operation = {.op = LUASHM_OP_PID};
  luashm_perform(L, &operation);
  lua_pushinteger(L, operation.result);
  return 1;
}

const luaL_Reg luashm_process_functions[] = {{"sleep", process_sleep},
                                             {"now", process_now},
                                             {"pid", process_pid},
                                             {NULL, NULL}};
