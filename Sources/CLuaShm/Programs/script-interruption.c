/* SIGINT while a script runs; the prompt has prompt-interruption.c. */
#include "script-interruption.h"

#include <signal.h>
#include <string.h>

static const char interruption[] = "interrupted!";

/* A SIGINT has come since the call began, and the error that was not caught is
   the one raised because of it. */
static volatile sig_atomic_t came;
static bool uncaught;

void luashm_note_uncaught(const char *message) {
  size_t length = message ? strlen(message) : 0, end = sizeof interruption - 1;
  uncaught = came && length >= end &&
             strcmp(message + length - end, interruption) == 0;
}

bool luashm_ended_by_interrupt(void) { return uncaught; }

/* The state that SIGINT stops. There is one per process, as a signal handler
   cannot be given another. */
static lua_State *interruptible;

/* Set from the signal until the error is raised. */
static volatile sig_atomic_t stopping;

bool luashm_stopping(void) { return stopping != 0; }

/* Without SA_RESTART, so that a read or a wait returns and the hook is
   reached. */
static void on_interrupt(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
}

static void stop(lua_State *L, lua_Debug *where) {
  (void)where;
  stopping = 0;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "%s", interruption);
}

/* Handles SIGINT. lua_sethook is the only function of Lua that a handler may
   call (manual of Lua 5.4, lua.c). A second signal before Lua reaches its next
   instruction ends the process. */
static void interrupt(int signal) {
  (void)signal;
  on_interrupt(SIG_DFL);
  stopping = came = 1;
  lua_sethook(interruptible, stop,
              LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

void luashm_begin_interruptible(lua_State *L) {
  interruptible = L;
  stopping = came = 0;
  uncaught = false;
  on_interrupt(interrupt);
}

void luashm_end_interruptible(void) { on_interrupt(SIG_DFL); }
