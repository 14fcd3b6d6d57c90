/*
 * SIGINT at the prompt. The handler does only what is safe at any instruction:
 * it sets words, arms a timer, and calls lua_sethook, which Lua allows there.
 * Later the hook raises the error, where raising is allowed.
 */
#include "prompt-interruption.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* There is one prompt at a time, as signals belong to the process. */
static struct {
  lua_State *volatile main;    /* runs a chunk; NULL: no chunk runs */
  lua_State *volatile current; /* the running coroutine, or main */
  volatile sig_atomic_t pending;
  volatile sig_atomic_t presses; /* since the chunk began */
  volatile sig_atomic_t reads;   /* a line is being read */
  volatile sig_atomic_t unheard; /* since one last raised an error */
  struct termios modes; /* the terminal's, from before the prompt */
  bool has_modes;
  timer_t timer;
  bool has_timer;
  struct sigaction before, before_wake;
} prompt;

enum { EVENTS = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT };

/* While an interrupt is pending, a waiting call is woken this often. */
static const struct itimerspec wakes = {{0, 50000000}, {0, 50000000}};
static const struct itimerspec none;

static void calm(void) {
  prompt.pending = 0;
  prompt.unheard = 0;
  if (prompt.has_timer)
    timer_settime(prompt.timer, 0, &none, NULL);
}

/* The hook: raises in the coroutine that runs. The main thread keeps its hook,
   so that an error which coroutine.resume turns into a result does not let the
   chunk go on. From the second press on the hook stays set, which also ends a
   loop around pcall. */
static void stop(lua_State *L, lua_Debug *event) {
  (void)event;
  prompt.unheard = 0;
  if (L == prompt.main)
    calm();
  if (prompt.presses < 2)
    lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted!");
}

static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0)
    return; /* nobody can be told */
}

/* A C function reaches no hook before it returns. So the second interrupt says
   that the third will end the process, as a second one ends lua. */
static void insist(int number) {
  prompt.unheard = prompt.unheard + 1;
  if (prompt.unheard == 2)
    say("\nA function of C does not stop; Ctrl-C once more ends moonpool.\n");
  if (prompt.unheard < 3)
    return;
  struct sigaction end = {.sa_handler = SIG_DFL};
  if (prompt.has_modes)
    tcsetattr(STDIN_FILENO, TCSANOW, &prompt.modes);
  say("\n");
  sigaction(number, &end, NULL);
  raise(number); /* delivered when the handler returns */
}

static void on_interrupt(int number) {
  int before = errno;
  prompt.pending = 1;
  if (prompt.main) {
    prompt.presses = prompt.presses + 1;
    insist(number);
    lua_sethook(prompt.main, stop, EVENTS, 1);
    lua_sethook(prompt.current, stop, EVENTS, 1);
  }
  if ((prompt.main || prompt.reads) && prompt.has_timer)
    timer_settime(prompt.timer, 0, &wakes, NULL);
  errno = before;
}

static void on_wake(int number) { (void)number; }

static int wake_signal(void) { return SIGRTMIN + 3; }

void luashm_interruption_begin(void) {
  /* Without SA_RESTART, so that a waiting call returns. */
  struct sigaction interrupt = {.sa_handler = on_interrupt};
  struct sigaction wake = {.sa_handler = on_wake};
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                           .sigev_signo = wake_signal()};
  prompt.has_modes = tcgetattr(STDIN_FILENO, &prompt.modes) == 0;
  sigaction(SIGINT, &interrupt, &prompt.before);
  sigaction(wake_signal(), &wake, &prompt.before_wake);
  prompt.has_timer = timer_create(CLOCK_MONOTONIC, &event, &prompt.timer) == 0;
}

void luashm_interruption_end(void) {
  sigaction(SIGINT, &prompt.before, NULL);
  if (prompt.has_timer)
    timer_delete(prompt.timer);
  prompt.has_timer = false;
  sigaction(wake_signal(), &prompt.before_wake, NULL);
}

bool luashm_interrupted(void) {
  return prompt.pending != 0 || luashm_stopping();
}

lua_State *luashm_interruptible(lua_State *L) {
  lua_State *outer = prompt.main;
  prompt.presses = 0;
  prompt.pending = 0;
  prompt.unheard = 0;
  prompt.current = L;
  prompt.main = L;
  return outer;
}

void luashm_uninterruptible(lua_State *L, lua_State *outer) {
  prompt.main = outer;
  prompt.current = outer;
  calm();
  lua_sethook(L, NULL, 0, 0);
}

void luashm_interrupt_served(lua_State *L) {
  prompt.presses = 0;
  calm();
  lua_sethook(L, NULL, 0, 0);
}

/* ---- coroutines: each has its own hook ---- */

/* Calls the function below its arguments while co counts as running. */
static int as_current(lua_State *L, lua_State *co) {
  lua_State *outer = prompt.current;
  if (outer)
    prompt.current = co;
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  prompt.current = outer;
  return status;
}

/* coroutine.resume and coroutine.close; upvalue 1: Lua's own function */
static int in_coroutine(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (as_current(L, co ? co : prompt.current) != LUA_OK)
    return lua_error(L);
  return lua_gettop(L);
}

/* What coroutine.wrap returns; upvalues: Lua's own function and its thread */
static int wrapped(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (as_current(L, lua_tothread(L, lua_upvalueindex(2))) == LUA_OK)
    return lua_gettop(L);
  if (lua_type(L, -1) == LUA_TSTRING) { /* Lua's own added our place: none */
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/* coroutine.wrap; upvalue 1: Lua's own function */
static int wrap(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  if (!lua_getupvalue(L, -1, 1) || !lua_isthread(L, -1))
    return luaL_error(L, "coroutine.wrap has another form here");
  lua_pushcclosure(L, wrapped, 2);
  return 1;
}

static void replace(lua_State *L, const char *name, lua_CFunction function) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
}

void luashm_watch_coroutines(lua_State *L) {
  if (lua_getglobal(L, "coroutine") == LUA_TTABLE) {
    replace(L, "resume", in_coroutine);
    replace(L, "close", in_coroutine);
    replace(L, "wrap", wrap);
  }
  lua_pop(L, 1);
}

/* ---- lines without a terminal ---- */

bool luashm_read_line(struct luashm_text *line, bool *interrupted) {
  size_t capacity = 0;
  *line = (struct luashm_text){NULL, 0};
  clearerr(stdin); /* an interrupted io.read leaves an error */
  errno = 0;
  /* An interrupt since the last chunk belongs to this line, even if it comes
     just before the call sleeps: the timer wakes the call again and again. */
  prompt.reads = 1;
  ssize_t length = prompt.pending ? -1 : getline(&line->data, &capacity, stdin);
  prompt.reads = 0;
  *interrupted = length < 0 && prompt.pending;
  calm();
  if (length < 0) {
    free(line->data);
    line->data = NULL;
    return false;
  }
  if (length > 0 && line->data[length - 1] == '\n')
    length--;
  line->length = (size_t)length;
  return true;
}
