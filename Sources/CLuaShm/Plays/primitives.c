/* What the words of scenarios (CBundle/Plays) stand on: the memory that a play
   shares. They are functions of the words' module only; no script sees them. */
#define _GNU_SOURCE
#include "log.h"
#include "plays.h"

#include "../World/turns.h"
#include "../waiting.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static struct luashm_play *play_of(void) { return luashm_player()->play; }

static struct luashm_part *own_part(void) {
  return &play_of()->parts[luashm_player()->part];
}

/* ---- what is told ---- */

/* tell(kind, …): a record of these texts in the part's log */
static int tell(lua_State *L) {
  fflush(stdout);
  luashm_tell(L, play_of(), luashm_player()->part);
  return 0;
}

/* told() -> the records of all parts */
static int told(lua_State *L) {
  luashm_push_told(L, play_of());
  return 1;
}

/* fact(name) -> "part", "run", "seed", "sweeps", "reads", "turns", and their
   "time", in nanoseconds */
static int fact(lua_State *L) {
  static const char *const names[] = {"part",  "run",   "seed", "sweeps",
                                      "reads", "turns", "time", NULL};
  struct luashm_play *play = play_of();
  const struct luashm_turns *turns = luashm_turns(play);
  const int64_t values[] = {luashm_player()->part, (int64_t)play->run,
                            play->seed,            play->sweeps,
                            play->reads,           turns->goes_by_turns,
                            turns->time};
  lua_pushinteger(L, values[luaL_checkoption(L, 1, NULL, names)]);
  return 1;
}

/* alive(part, place) -> false once it has ended or died */
static int alive(lua_State *L) {
  lua_Integer part = luaL_checkinteger(L, 1);
  luaL_argcheck(L, part >= 1 && part < LUASHM_PARTS, 1,
                "there is no such part");
  if (luashm_goes_by_turns()) {
    snprintf(own_part()->place, LUASHM_PLACE, "%s", luaL_checkstring(L, 2));
    luashm_step_without_operation("alive", false);
  }
  lua_pushboolean(L, cshm_load32(&play_of()->parts[part].alive) != 0);
  return 1;
}

/* order(kind, place, …): what comes now is ordered with others' steps: a step
   of its own */
static int order(lua_State *L) {
  if (luashm_goes_by_turns()) {
    fflush(stdout);
    snprintf(own_part()->place, LUASHM_PLACE, "%s", luaL_checkstring(L, 2));
    luashm_step_without_operation(luaL_checkstring(L, 1), false);
  }
  return 0;
}

/* ---- faults ---- */

/* stand(fault, place): stays here until the conductor has done it. In a replay
   there are no faults but those of its schedule. */
static int stand(lua_State *L) {
  if (luashm_goes_by_turns())
    return 0;
  snprintf(own_part()->place, LUASHM_PLACE, "%s", luaL_checkstring(L, 2));
  luashm_stand((uint32_t)luaL_checkinteger(L, 1));
  return 0;
}

/* stop(fault, count, after): the same before or after an operation */
static int stop(lua_State *L) {
  struct luashm_player *player = luashm_player();
  if (player->stops == LUASHM_MOST_STOPS)
    return luaL_error(L, "an actor has %d faults at most", LUASHM_MOST_STOPS);
  player->stop[player->stops++] =
      (struct luashm_stop){.fault = (uint32_t)luaL_checkinteger(L, 1),
                           .count = (uint64_t)luaL_checkinteger(L, 2),
                           .is_after = lua_toboolean(L, 3)};
  return 0;
}

/* delay(seconds): the longest pause before each operation */
static int delay(lua_State *L) {
  luashm_player()->delay = (int64_t)(luaL_checknumber(L, 1) * 1e9);
  return 0;
}

/* rule(name): what may be done from here on */
static int rule(lua_State *L) {
  static const char *const names[] = {"acts", "declares", "watches", NULL};
  luashm_player()->rule =
      (enum luashm_rule)luaL_checkoption(L, 1, "acts", names);
  return 0;
}

/* ---- computing without an operation ---- */

static lua_State *watched;

/* Of a processor's seconds, as a process that is not scheduled is not to
   blame. */
static void limit_computing(int seconds) {
  struct itimerval every = {{seconds, 0}, {seconds, 0}};
  setitimer(ITIMER_VIRTUAL, &every, NULL);
}

/* Told before it is raised, as a pcall may swallow it. */
static void complain(lua_State *L, lua_Debug *where) {
  char place[LUASHM_PLACE], text[80];
  lua_sethook(L, NULL, 0, 0);
  lua_getinfo(L, "Sl", where);
  snprintf(place, sizeof place, "%s:%d", where->short_src, where->currentline);
  snprintf(text, sizeof text, "runs for a second without an operation, line %d",
           where->currentline);
  const struct luashm_bytes fields[] = {
      {"failure", 7}, {place, strlen(place)}, {text, strlen(text)}};
  luashm_log_add(play_of(), luashm_player()->part, fields, 3);
  luaL_error(L, "%s: %s", place, text);
}

static void look_at_progress(int signal) {
  static uint64_t seen;
  (void)signal;
  const struct luashm_part *part = own_part();
  if (part->inside == 0 && part->operations == seen)
    lua_sethook(watched, complain, LUA_MASKCOUNT, 1);
  seen = part->operations;
}

static void watch_computing(lua_State *L) {
  struct sigaction action = {.sa_handler = look_at_progress,
                             .sa_flags = SA_RESTART};
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  watched = lua_tothread(L, -1);
  lua_pop(L, 1);
  sigemptyset(&action.sa_mask);
  sigaction(SIGVTALRM, &action, NULL);
  limit_computing(1);
}

/* ---- the order of things ---- */

/* ready(): the file is loaded; returns when the actors start */
static int ready(lua_State *L) {
  struct luashm_play *play = play_of();
  (void)L;
  cshm_store32(&own_part()->phase, LUASHM_READY);
  luashm_count_up(&play->ready);
  if (play->is_undirected)
    cshm_ring(LUASHM_DOORBELL);
  luashm_await(&play->started, 1);
  return 0;
}

static void show_output(void) {
  fflush(stdout);
  dup2(LUASHM_OUTPUT, STDOUT_FILENO);
  dup2(LUASHM_ERRORS, STDERR_FILENO);
  if (play_of()->stays)
    return; /* it is hidden and shown again */
  close(LUASHM_OUTPUT);
  close(LUASHM_ERRORS);
}

/* act(): from here on its output is seen and its operations are counted */
static int act(lua_State *L) {
  show_output();
  own_part()->process = getpid();
  if (luashm_turns(play_of())->goes_by_turns)
    luashm_await_beginning();
  watch_computing(L);
  cshm_store32(&own_part()->phase, LUASHM_ACTS);
  return 0;
}

/* rest(): its function has returned; a last place to be killed at */
static int rest(lua_State *L) {
  struct luashm_part *part = own_part();
  (void)L;
  fflush(stdout);
  if (luashm_goes_by_turns())
    luashm_step_without_operation("end", true);
  else if (part->kill_before == part->operations + 1)
    luashm_stand(LUASHM_STANDS_FOR_SWEEP);
  limit_computing(0);
  cshm_store32(&part->phase, LUASHM_IS_OVER);
  return 0;
}

/* gather(): all who load before the start have; of the director */
static int gather(lua_State *L) {
  const struct luashm_play *play = play_of();
  (void)L;
  own_part()->process = getpid();
  luashm_await(&play->ready, play->wanted);
  return 0;
}

/* begin(watches): the actors start; does something always hold? */
static int begin(lua_State *L) {
  luashm_turns(play_of())->watches = (uint32_t)lua_toboolean(L, 1);
  luashm_announce(&play_of()->started, 1);
  cshm_ring(LUASHM_DOORBELL);
  return 0;
}

/* watching(): true: it is time to look at what always holds; false: all actors
   have ended or died */
static int watching(lua_State *L) {
  struct luashm_play *play = play_of();
  bool goes_by_turns = luashm_turns(play)->goes_by_turns;
  if (!goes_by_turns)
    luashm_await(&play->finished, 1);
  lua_pushboolean(L, goes_by_turns && luashm_await_watch());
  return 1;
}

/* watched(): the look is done */
static int end_watch(lua_State *L) {
  (void)L;
  luashm_end_watch();
  return 0;
}

/* choice(count) -> the alternative that the schedule names; nil: there is none
   to follow */
static int choice(lua_State *L) {
  lua_Integer count = luaL_checkinteger(L, 1);
  if (luashm_goes_by_turns())
    lua_pushinteger(L, luashm_scheduled_choice((uint32_t)count));
  else
    lua_pushnil(L);
  return 1;
}

const luaL_Reg luashm_play_functions[] = {
    {"tell", tell},   {"told", told},     {"fact", fact},   {"alive", alive},
    {"order", order},
    {"stand", stand}, {"stop", stop},     {"delay", delay}, {"rule", rule},
    {"ready", ready}, {"act", act},       {"rest", rest},   {"gather", gather},
    {"begin", begin}, {"watching", watching}, {"watched", end_watch},
    {"choice", choice}, {NULL, NULL}};
