/* Of the module "shm": time, the process that the script is, and others, whose
   end can be waited for (the userdata "shm.process"). */
#include "process.h"

#include "Waitables/waitable.h"

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

/* ---- other processes ---- */

/* shm.process(pid) -> process, or nil, message, code */
static int process_open(lua_State *L) {
  struct luashm_failure failure;
  struct luashm_operation operation = {.op = LUASHM_OP_OPEN_PROCESS,
                                       .failure = &failure};
  operation.a = luaL_checkinteger(L, 1);
  luaL_argcheck(L, operation.a >= 1, 1, "a process has a number from 1");
  struct process *process =
      luashm_push_new(L, TYPE_PROCESS, sizeof *process, 0);
  process->number = operation.a;
  operation.made = process->head.object = luashm_take(L);
  if (operation.made.index == 0)
    return luaL_error(L, "not enough memory for another process");
  return luashm_ask_again(L, &operation) == LUASHM_ANSWER_DONE
             ? 1
             : luashm_answered(L, &operation);
}

static void close_process(lua_State *L, const struct process *process) {
  if (!luashm_handle(process->head.object)->base)
    return;
  struct luashm_operation operation = {.op = LUASHM_OP_CLOSE_PROCESS,
                                       .object = process->head.object};
  luashm_ask(L, &operation);
}

/* process:close() -> true; again is harmless */
static int process_close(lua_State *L) {
  close_process(L, luashm_own(L, TYPE_PROCESS));
  lua_pushboolean(L, true);
  return 1;
}

/* What was never opened gives its entry back. */
static int process_end(lua_State *L) {
  const struct process *process = luashm_marked(L, 1, TYPE_PROCESS);
  if (!process)
    return 0;
  close_process(L, process);
  luashm_give_handle(process->head.object);
  return 0;
}

/* process:wait([timeout]) -> true, or false, "timeout" */
static int process_wait(lua_State *L) {
  static const struct luashm_condition ended = {.kind = LUASHM_ENDED};
  const struct process *process = luashm_own(L, TYPE_PROCESS);
  struct luashm_failure failure;
  struct luashm_waiting waiting;
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_WAIT_SEVERAL, 0, (struct luashm_object){0, 0});
  if (!luashm_handle(process->head.object)->base)
    return luaL_error(L, "attempt to use a closed process (%I)",
                      (lua_Integer)process->number);
  operation.act = LUASHM_WAIT_FOR_PROCESS;
  operation.timeout = luashm_check_timeout(L, 2, &operation.seconds);
  operation.length = 1;
  operation.several = &process->head.object;
  operation.conditions = &ended;
  operation.waiting = &waiting;
  operation.failure = &failure;
  luashm_ask(L, &operation);
  return luashm_waited_for_one(L, &operation);
}

/* process:pid() -> integer */
static int process_number(lua_State *L) {
  const struct process *process = luashm_own(L, TYPE_PROCESS);
  lua_pushinteger(L, process->number);
  return 1;
}

static int process_tostring(lua_State *L) {
  const struct process *process = luashm_own(L, TYPE_PROCESS);
  bool open = luashm_handle(process->head.object)->base != NULL;
  lua_pushfstring(L, "process %I%s", (lua_Integer)process->number,
                  open ? "" : " (closed)");
  return 1;
}

static const luaL_Reg methods[] = {{"wait", process_wait},
                                   {"pid", process_number},
                                   {"close", process_close},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", process_end},
                                       {"__close", process_end},
                                       {"__tostring", process_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_processes = {.name = "shm.process",
                                              .methods = {methods},
                                              .metamethods = metamethods};

const luaL_Reg luashm_process_functions[] = {{"sleep", process_sleep},
                                             {"now", process_now},
                                             {"pid", process_pid},
                                             {"process", process_open},
                                             {NULL, NULL}};
