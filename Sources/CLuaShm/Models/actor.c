/* An actor's life: it is made, loads the file, acts, and ends. */
#define _GNU_SOURCE
#include "models.h"

#include "../Plays/log.h"
#include "../Plays/plays.h"
#include "../World/perform.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

/* ---- what may be done now ---- */

static bool is_refused(const struct luashm_actor *actor,
                       struct luashm_operation *operation) {
  static char text[160];
  if (actor->rule == LUASHM_MODEL_ACTS || !luashm_changes(operation))
    return false;
  snprintf(text, sizeof text, "%s: %s", luashm_verb(operation),
           actor->rule == LUASHM_MODEL_DECLARES
               ? "the top level only declares, and every process runs it; put "
                 "this into setup or an actor"
               : "always only reads; put this into an actor or finally");
  operation->misuse = text;
  return true;
}

static void perform(void *context, struct luashm_operation *operation) {
  struct luashm_actor *actor = context;
  if (is_refused(actor, operation))
    return;
  if (operation->op == LUASHM_OP_NOW)
    actor->asked_time = true;
  actor->operation = operation;
  luashm_model_ask(actor, LUASHM_ASKS_TO_PERFORM);
  actor->operation = NULL;
}

/* ---- running ---- */

static const char performing = 0; /* its address is the registry's key */

static void run(void *argument) {
  struct luashm_actor *actor = argument;
  lua_State *L = actor->state;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &performing);
  bool well = lua_pcall(L, 0, 1, 0) == LUA_OK && lua_toboolean(L, -1);
  lua_settop(L, 0);
  actor->status = well ? EXIT_SUCCESS : EXIT_FAILURE;
  for (;;)
    luashm_model_ask(actor, LUASHM_ASKS_FOR_NOTHING_MORE);
}

void luashm_actor_run(struct luashm_actor *actor) {
  struct luashm_ensemble *model = actor->model;
  model->turns++;
  model->running = actor;
  luashm_stack_switch(&model->scheduler, &actor->stack);
  model->running = NULL;
}

/* ---- computing without asking for anything ---- */

static struct luashm_ensemble *watched;

/* The actor's end, without a word of the script's, which could catch an
   error. */
static void give_up(struct luashm_actor *actor) {
  char place[200], text[64];
  luashm_actor_place(actor, place, sizeof place);
  const char *line = strrchr(place, ':');
  snprintf(text, sizeof text, "runs without an operation, line %s",
           line ? line + 1 : "?");
  struct luashm_bytes fields[] = {
      {"failure", 7}, {place, strlen(place)}, {text, strlen(text)}};
  luashm_log_add(actor->model->play, actor->part, fields, 3);
  actor->model->failures++;
  actor->status = EXIT_FAILURE;
  actor->operation = NULL;
  if (actor->part > 0)
    luashm_model_ask(actor, LUASHM_ASKS_TO_END);
  for (;;)
    luashm_model_ask(actor, LUASHM_ASKS_FOR_NOTHING_MORE);
}

static void complain(lua_State *L, lua_Debug *where) {
  (void)where;
  lua_sethook(L, NULL, 0, 0);
  give_up(luashm_actor_of(L));
}

/* What one function of C computes, or a coroutine, no hook ends: the actor is
   left in the midst of it, and so is this handler. */
static void leave(struct luashm_actor *actor) {
  sigset_t ours;
  sigemptyset(&ours);
  sigaddset(&ours, SIGVTALRM);
  sigprocmask(SIG_UNBLOCK, &ours, NULL);
  give_up(actor);
}

static void look_at_progress(int signal) {
  static uint64_t seen;
  (void)signal;
  struct luashm_actor *actor = watched->running;
  bool stands = actor && watched->turns == seen;
  seen = watched->turns;
  if (!stands) {
    watched->is_late = false;
    return;
  }
  if (watched->is_late) {
    watched->is_late = false;
    leave(actor);
  }
  watched->is_late = true;
  lua_sethook(actor->state, complain, LUA_MASKCOUNT, 1);
}

void luashm_watch_computing(struct luashm_ensemble *model) {
  watched = model;
  struct sigaction action = {.sa_handler = look_at_progress,
                             .sa_flags = SA_RESTART};
  struct itimerval every = {{1, 0}, {1, 0}};
  sigemptyset(&action.sa_mask);
  sigaction(SIGVTALRM, &action, NULL);
  setitimer(ITIMER_VIRTUAL, &every, NULL);
}

/* ---- making ---- */

static void push_bytes(lua_State *L, struct luashm_bytes bytes) {
  lua_pushlstring(L, bytes.data, bytes.length);
}

static void push_words(lua_State *L, const struct luashm_script *script) {
  lua_newtable(L);
  luaL_setfuncs(L, luashm_model_words, 0);
  luaL_setfuncs(L, luashm_order_functions, 0);
  luaL_setfuncs(L, luashm_advice_functions, 0);
  lua_pushboolean(L, true);
  lua_setfield(L, -2, "is_modelled");
  push_bytes(L, script->text);
  lua_setfield(L, -2, "text");
  push_bytes(L, script->name);
  lua_setfield(L, -2, "file");
  push_bytes(L, script->folder);
  lua_setfield(L, -2, "folder");
}

/* As of a play: the words' module takes what they stand on and the file's
   chunk, and returns the function that plays a part. */
static int prepare(lua_State *L) {
  const struct luashm_script *script = lua_touserdata(L, 1);
  luashm_model_library(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonpool.scenario");
  lua_call(L, 1, 1);
  push_words(L, script);
  lua_pushliteral(L, "@");
  push_bytes(L, script->name);
  lua_concat(L, 2);
  if (luaL_loadbufferx(L, script->text.data, script->text.length,
                       lua_tostring(L, -1), "t") != LUA_OK)
    return lua_error(L);
  lua_remove(L, -2);
  lua_call(L, 2, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &performing);
  return 0;
}

static bool is_prepared(struct luashm_actor *actor,
                        const struct luashm_model_module *modules,
                        size_t count, char **message) {
  lua_State *L = actor->state;
  if (!L)
    return false;
  lua_gc(L, LUA_GCSTOP);
  if (!luashm_open(L, actor->host))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!luashm_preload(L, modules[i].name, modules[i].text,
                        modules[i].length))
      return false;
  lua_pushcfunction(L, prepare);
  lua_pushlightuserdata(L, &actor->model->script);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK)
    return true;
  const char *said = lua_tostring(L, -1);
  *message = said ? strdup(said) : NULL;
  return false;
}

static bool always(void) { return true; }

/* The host belongs to the arena, as the state has its address. */
static bool fill(struct luashm_actor *actor, struct luashm_ensemble *model,
                 int part, const struct luashm_host *host) {
  actor->model = model;
  actor->part = part;
  actor->rule = LUASHM_MODEL_DECLARES;
  actor->world = (struct luashm_world){actor, always, perform};
  actor->host = luashm_arena_allocate(actor, NULL, 0, sizeof *host);
  if (!actor->host)
    return false;
  *actor->host = *host;
  actor->host->world = &actor->world;
  return true;
}

struct luashm_actor *
luashm_actor_make(struct luashm_ensemble *model, int part, void *address,
                  const struct luashm_host *host,
                  const struct luashm_model_module *modules, size_t count,
                  char **message) {
  *message = NULL;
  struct luashm_actor *actor = luashm_arena_make(address);
  bool well = actor && fill(actor, model, part, host);
  if (well) {
    actor->state = lua_newstate(luashm_arena_allocate, actor);
    well = is_prepared(actor, modules, count, message);
  }
  if (!well) {
    if (!*message)
      *message = strdup("not enough memory");
    if (actor)
      luashm_arena_end(actor);
    return NULL;
  }
  if (watched != model)
    luashm_watch_computing(model);
  luashm_stack_begin(&actor->stack, luashm_arena_stack(actor),
                     LUASHM_ARENA_STACK, run, actor);
  return actor;
}

/* The state is not closed: all that it has is in the arena, and what it holds
   is the model's. */
void luashm_actor_free(struct luashm_actor *actor) { luashm_arena_end(actor); }

/* ---- of operations ---- */

bool luashm_is_no_step(const struct luashm_operation *operation) {
  return !luashm_is_step(operation) || operation->op == LUASHM_OP_NOW ||
         operation->op == LUASHM_OP_PID;
}

struct luashm_handle *luashm_model_handle(struct luashm_object object) {
  return luashm_handle(object);
}

void luashm_model_close_handle(struct luashm_object object) {
  luashm_give_handle(object);
}
