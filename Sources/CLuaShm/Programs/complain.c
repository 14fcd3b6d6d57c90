/* What a program says on standard error. */
#include "module.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The host's, of which there is one in a process. */
static luashm_shower *show;

void luashm_complain_by(luashm_shower *shower) { show = shower; }

/* To a terminal nothing goes that could command it: a message may quote what
   another process wrote. Outside of any protection, so not in Lua's memory. */
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
