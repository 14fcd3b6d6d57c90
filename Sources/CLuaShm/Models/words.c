/* What the words of scenarios (CBundle/Plays) stand on in a model: the
   counterpart of Plays/primitives.c. */
#define _GNU_SOURCE
#include "arena.h"
#include "models.h"

#include "../Plays/log.h"

#include <stdio.h>
#include <string.h>

/* ---- what is told ---- */

static uint64_t add_text(uint64_t hash, lua_State *L, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  return text ? luashm_digest(text, length, hash) : hash + 1;
}

static uint64_t add_all(uint64_t hash, lua_State *L,
                        const struct luashm_actor *actor) {
  hash ^= (uint64_t)actor->part << 48;
  for (int i = 1; i <= lua_gettop(L); i++)
    hash = add_text(hash, L, i);
  return hash;
}

/* tell(kind, …) */
static int tell(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  const char *kind = luaL_checkstring(L, 1);
  if (strcmp(kind, "failure") == 0 || strcmp(kind, "misuse") == 0 ||
      strcmp(kind, "undecided") == 0)
    actor->model->failures++;
  if (strcmp(kind, "return") == 0)
    actor->model->returned += add_all(23, L, actor);
  luashm_tell(L, actor->model->play, actor->part);
  return 0;
}

/* order(kind, place, …): a step of its own, whose order says something: a mark
   whose order is expected, or a call of a history */
static int order(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  struct luashm_ensemble *model = actor->model;
  bool is_call = strcmp(luaL_checkstring(L, 1), "call") == 0;
  actor->count = is_call;
  luashm_model_ask(actor, LUASHM_ASKS_TO_BE_ORDERED);
  if (is_call)
    model->called += add_all(model->returned, L, actor);
  else
    model->order = add_all(model->order, L, actor);
  return 0;
}

/* short_at() -> "file:line", text: where memory was not enough, and how much
   there is */
static int short_at(lua_State *L) {
  lua_pushstring(L, luashm_actor_of(L)->model->short_at);
  lua_pushfstring(L, "out of memory: an actor has %d MiB in the explorer",
                  LUASHM_ARENA_SIZE >> 20);
  return 2;
}

/* told() -> the records of all */
static int told(lua_State *L) {
  luashm_push_told(L, luashm_actor_of(L)->model->play);
  return 1;
}

/* fact(name) -> "part", "run", "seed", "sweeps", "reads", "turns" */
static int fact(lua_State *L) {
  static const char *const names[] = {"part",   "run",   "seed",
                                      "sweeps", "reads", "turns", NULL};
  const struct luashm_actor *actor = luashm_actor_of(L);
  const int64_t values[] = {actor->part, 0, actor->model->play->seed, 0,
                            actor->model->play->reads, 0};
  lua_pushinteger(L, values[luaL_checkoption(L, 1, NULL, names)]);
  return 1;
}

/* ---- what is asked for ---- */

/* alive(part) -> false once it has ended or died */
static int alive(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  actor->count = (int32_t)luaL_checkinteger(L, 1);
  luashm_model_ask(actor, LUASHM_ASKS_WHO_LIVES);
  lua_pushboolean(L, actor->answer);
  return 1;
}

/* choice(count) -> which one, from 1 */
static int choice(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  lua_Integer count = luaL_checkinteger(L, 1);
  luaL_argcheck(L, count >= 1 && count <= 1000, 1, "too many alternatives");
  actor->count = (int32_t)count;
  luashm_model_ask(actor, LUASHM_ASKS_TO_CHOOSE);
  lua_pushinteger(L, actor->answer);
  return 1;
}

/* tell_apart(): the actor asks who it is */
static int tell_apart(lua_State *L) {
  luashm_tell_apart(luashm_actor_of(L));
  return 0;
}

/* rule(name): what may be done from here on */
static int rule(lua_State *L) {
  static const char *const names[] = {"acts", "declares", "watches", NULL};
  luashm_actor_of(L)->rule = (enum luashm_rule_of_model)luaL_checkoption(
      L, 1, "acts", names);
  return 0;
}

/* Faults are of plays only. */
static int ignore(lua_State *L) {
  (void)L;
  return 0;
}

/* ---- the order of things ---- */

/* From here on what is there hardly changes. The collector has rested from the
   beginning: a handle that nobody can reach stays open to the actor's end. */
static void seal(lua_State *L) { luashm_arena_seal(luashm_actor_of(L)); }

/* ready(): the file is loaded; returns when the actors start */
static int ready(lua_State *L) {
  seal(L);
  luashm_model_ask(luashm_actor_of(L), LUASHM_ASKS_TO_START);
  return 0;
}

/* gather(): all who load before the start have; of the director */
static int gather(lua_State *L) {
  luashm_model_ask(luashm_actor_of(L), LUASHM_ASKS_TO_GATHER);
  return 0;
}

/* Its address is the registry's key for the list of properties. */
static const char properties = 0;

void luashm_push_properties(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &properties);
}

/* begin(watches, finishes, histories, properties): the actors start. Is
   something looked at between steps, at the end, and is that the order of
   calls? */
static int begin(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  actor->watches = lua_toboolean(L, 1);
  actor->finishes = lua_toboolean(L, 2);
  actor->model->has_histories = lua_toboolean(L, 3);
  lua_settop(L, 4);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &properties);
  seal(L);
  return 0;
}

/* watching(): true: it is time to look at what always holds; false: all actors
   have ended or died */
static int watching(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  luashm_model_ask(actor, LUASHM_ASKS_TO_BEGIN);
  lua_pushboolean(L, actor->answer);
  return 1;
}

/* rest(): an actor's function has returned; its end is a step */
static int rest(lua_State *L) {
  struct luashm_actor *actor = luashm_actor_of(L);
  if (actor->part > 0)
    luashm_model_ask(actor, LUASHM_ASKS_TO_END);
  return 0;
}

const luaL_Reg luashm_model_words[] = {
    {"tell", tell},     {"told", told},     {"fact", fact},
    {"order", order},   {"short_at", short_at},
    {"alive", alive},       {"choice", choice},  {"stand", ignore},
    {"stop", ignore},       {"delay", ignore},   {"rule", rule},
    {"ready", ready},       {"act", ignore},     {"rest", rest},
    {"gather", gather},     {"begin", begin},    {"watching", watching},
    {"watched", ignore},    {"tell_apart", tell_apart},
    {NULL, NULL}};
