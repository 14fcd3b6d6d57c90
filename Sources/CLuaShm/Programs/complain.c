/* Messages of a program on standard error. */
#include "module.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The host's function; a process has only one. */
static luashm_shower *show;

void luashm_complain_by(luashm_shower *shower) { show = shower; }

/* Nothing that could command a terminal is written to one: a message may quote
   what another process wrote. This runs outside of any protected call, so it
   does not use Lua's memory. */
void luashm_say(const char *message) {
  size_t length = strlen(message);
  char *room = show && isatty(STDERR_FILENO)
                   ? malloc(length * LUASHM_GROWTH + 1)
                   : NULL;
  if (room) {
    struct luashm_bytes text = {message, length};
    room[show(text, LUASHM_LINES, room)] = 0;
    message = room;
  }
  lua_writestringerror("%s\n", message);
  free(room);
}

void luashm_complain(lua_State *L) {
  const char *message = lua_tostring(L, -1);
  luashm_say(message ? message : "(error message not a string)");
  lua_pop(L, 1);
}
