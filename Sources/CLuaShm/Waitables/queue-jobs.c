/* The userdata "shm.job", a message that was taken from a queue. */
#include "queue.h"

enum { TYPE_JOB = TYPE_COMPANION + CSHM_QUEUE };

/* The first user value is the name, the second the queue. */
enum { JOB_QUEUE = 2 };

/* It has an entry of its own, with the token, until it is settled. */
struct job {
  struct luashm_head head;
  struct luashm_object queue;
};

static struct luashm_handle *open_queue(lua_State *L) {
  return luashm_open_named(L, CSHM_QUEUE);
}

static struct luashm_handle *entry_of(const struct job *job) {
  return luashm_handle(job->head.object);
}

/* False for a forked child's copy, too. */
static bool is_open(const struct job *job) {
  return entry_of(job)->place == cshm_generation();
}

/* Pushes a job that has taken nothing yet from the queue at stack index 1. */
static const struct job *push_job(lua_State *L) {
  struct job *job = luashm_push_new(L, TYPE_JOB, sizeof *job, JOB_QUEUE);
  lua_getiuservalue(L, 1, NAMED_NAME);
  lua_setiuservalue(L, -2, NAMED_NAME);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, JOB_QUEUE);
  job->queue = luashm_object_at(L, 1);
  job->head.object = luashm_take(L);
  if (job->head.object.index == 0)
    luaL_error(L, "not enough memory for another job");
  return job;
}

static void has_taken(const struct job *job,
                      const struct luashm_ring_call *call) {
  struct luashm_handle *entry = entry_of(job);
  entry->size = (size_t)call->token;
  entry->access = call->tries;
  entry->place = cshm_generation();
}

/* ---- settling ---- */

struct settling {
  struct luashm_operation operation;
  struct luashm_failure failure;
};

/* Performs the act on the job's message. Then it is settled: what could not be
   given back the queue's handle gives back later. Only what is done may be
   tried again, where a consumer is stopped. */
static enum luashm_answer settle(lua_State *L, const struct job *job, int act,
                                 struct settling *settling) {
  enum { BUSY = 170 };
  struct luashm_operation *operation = &settling->operation;
  *operation = luashm_on_named(LUASHM_OP_ACT_ON_NAMED, CSHM_QUEUE, job->queue);
  operation->act = (uint8_t)act;
  operation->a = (int64_t)entry_of(job)->size;
  operation->failure = &settling->failure;
  operation->answer = LUASHM_ANSWER_DONE;
  if (is_open(job) && luashm_handle(job->queue)->base)
    luashm_ask(L, operation);
  bool is_busy = operation->answer == LUASHM_ANSWER_REFUSED &&
                 settling->failure.code == BUSY;
  if (!is_busy || act == ACT_BACK)
    luashm_give_handle(job->head.object);
  return operation->answer;
}

static const struct job *own_job(lua_State *L) {
  return luashm_own(L, TYPE_JOB);
}

/* job:done() -> true, or nil, message, code */
static int job_done(lua_State *L) {
  struct settling settling;
  const struct job *job = own_job(L);
  if (!is_open(job))
    return luaL_error(L, "attempt to use a settled job (of %s)",
                      luashm_shown_name(L, 1));
  if (!luashm_handle(job->queue)->base)
    return luaL_error(L, "attempt to finish a job whose queue was closed (of "
                         "%s); it went back",
                      luashm_shown_name(L, 1));
  lua_settop(L, 1);
  if (settle(L, job, ACT_DONE, &settling) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &settling.operation);
  lua_pushboolean(L, true);
  return 1;
}

/* job:close() -> true [, why it goes back later]: gives it back, if it is not
   done; harmless when repeated, or when the queue is closed */
static int job_close(lua_State *L) {
  struct settling settling;
  const struct job *job = own_job(L);
  lua_settop(L, 1);
  enum luashm_answer answer = settle(L, job, ACT_BACK, &settling);
  lua_pushboolean(L, true);
  if (answer != LUASHM_ANSWER_REFUSED)
    return 1;
  lua_warning(L, settling.failure.message, 0);
  lua_pushstring(L, settling.failure.message);
  return 2;
}

/* Nobody sees the results of __gc and __close, so a problem is reported by a
   warning. */
static int job_end(lua_State *L) {
  struct settling settling;
  const struct job *job = luashm_marked(L, 1, TYPE_JOB);
  if (job && settle(L, job, ACT_BACK, &settling) == LUASHM_ANSWER_REFUSED)
    lua_warning(L, settling.failure.message, 0);
  return 0;
}

/* ---- taking ---- */

/* Pushes the value of what the job at the top has taken. An error, such as of
   memory that ran out, leaves nobody who could settle the job: it goes back at
   once, as until the collector comes nobody would get its message. */
static int push_taken(lua_State *L, const struct job *job, const char *word) {
  struct settling settling;
  const char *problem;
  int status = luashm_call_push_taken(L, job->queue, &problem);
  if (status == LUA_OK && !problem)
    return 2;
  /* What is no value would come back again and again. */
  settle(L, job, status == LUA_OK ? ACT_DONE : ACT_BACK, &settling);
  return status == LUA_OK ? luashm_refuse_popped(L, word, problem)
                          : lua_error(L);
}

/* With the queue at stack index 1 and the timeout at 2. */
static int take(lua_State *L, const char *word) {
  struct luashm_ring_asking asking;
  struct luashm_popped *held = luashm_prepare(
      L, open_queue(L), LUASHM_FIRST_ROOM, luashm_queue_readers);
  if (held->left > 0) /* a pop ran out of memory: first that message */
    return luaL_error(L, "attempt to take before the message that a pop could "
                         "not return is popped");
  const struct job *job = push_job(L);
  if (luashm_queue_fetch(L, &asking, LUASHM_RING_TAKE, 1, ACT_TAKE, 2) !=
      LUASHM_ANSWER_DONE) {
    luashm_give_handle(job->head.object);
    return luashm_ring_answered(L, &asking.operation);
  }
  has_taken(job, &asking.call);
  if (cshm_lost(plain_of(open_queue(L))->guard))
    return luashm_lost_named(L, word);
  return push_taken(L, job, word);
}

/* queue:take([timeout]) -> job, value, or false, "timeout", or nil, message,
   code */
int luashm_queue_take(lua_State *L) {
  open_queue(L);
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  return take(L, "take");
}

/* ---- the loop over jobs ---- */

/* What closes with the loop: a table whose first value is the loop's job. */
static int end_loop(lua_State *L) {
  lua_settop(L, 1);
  if (!lua_istable(L, 1))
    return 0;
  lua_rawgeti(L, 1, 1);
  lua_replace(L, 1);
  return job_end(L);
}

static void push_closer(lua_State *L) {
  lua_createtable(L, 1, 0);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, end_loop);
  lua_setfield(L, -2, "__close");
  lua_setmetatable(L, -2);
}

/* Upvalue 4: the timeout; 5: what closes with the loop. The job before this one
   must be settled: a loop that gave it back would take it again and again, and
   one that did it would lose what was not done. */
int luashm_queue_next_job(lua_State *L) {
  lua_settop(L, 1);
  lua_rawgeti(L, lua_upvalueindex(5), 1);
  const struct job *before = luashm_marked(L, 2, TYPE_JOB);
  if (before && is_open(before) && luashm_handle(before->queue)->base)
    return luaL_error(L, "attempt to go on to the next job of %s before "
                         "job:done() or job:close()",
                      luashm_shown_name(L, 1));
  lua_settop(L, 1);
  open_queue(L);
  lua_pushvalue(L, lua_upvalueindex(4));
  int results = take(L, "take");
  if (results != 2 || !lua_toboolean(L, -2))
    return luashm_end_messages(L, results);
  lua_pushvalue(L, -2);
  lua_rawseti(L, lua_upvalueindex(5), 1);
  return 2;
}

/* queue:jobs([timeout]) -> iterator, queue, nil, what closes the last job */
int luashm_queue_jobs_of(lua_State *L) {
  open_queue(L);
  luashm_check_wait(L, 2);
  lua_settop(L, 2);
  for (int i = 1; i <= 3; i++)
    lua_pushvalue(L, lua_upvalueindex(i));
  lua_pushvalue(L, 2);
  push_closer(L);
  lua_pushvalue(L, -1);
  lua_insert(L, 3);
  lua_pushcclosure(L, luashm_queue_next_job, 5);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  lua_pushvalue(L, 3);
  return 4;
}

/* ---- the job itself ---- */

/* job:tries() -> how often the message was taken, this time included */
static int job_tries(lua_State *L) {
  const struct job *job = own_job(L);
  if (!is_open(job))
    return luaL_error(L, "attempt to use a settled job (of %s)",
                      luashm_shown_name(L, 1));
  lua_pushinteger(L, entry_of(job)->access);
  return 1;
}

static int job_tostring(lua_State *L) {
  const struct job *job = own_job(L);
  const char *name = luashm_shown_name(L, 1);
  if (is_open(job))
    lua_pushfstring(L, "job of %s (try %I)", name,
                    (lua_Integer)entry_of(job)->access);
  else
    lua_pushfstring(L, "job of %s (settled)", name);
  return 1;
}

static const luaL_Reg methods[] = {{"done", job_done},
                                   {"close", job_close},
                                   {"tries", job_tries},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", job_end},
                                       {"__close", job_end},
                                       {"__tostring", job_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_queue_jobs = {.name = "shm.job",
                                               .methods = {methods},
                                               .metamethods = metamethods};
