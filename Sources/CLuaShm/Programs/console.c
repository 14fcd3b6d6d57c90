/* The module "console": reads a key, shows a text in a box, and makes texts
   safe for a terminal. */
#include "module.h"

/* console.getch() -> string, or nil at the end of standard input */
static int console_getch(lua_State *L) {
  struct luashm_operation operation = {.op = LUASHM_OP_GETCH};
  luashm_perform(L, &operation);
  if (operation.result < 0)
    lua_pushnil(L);
  else {
    char byte = (char)operation.result;
    lua_pushlstring(L, &byte, 1);
  }
  return 1;
}

/* console.message_box(text [, title]) */
static int console_message_box(lua_State *L) {
  struct luashm_operation operation = {.op = LUASHM_OP_MESSAGE_BOX};
  luaL_checkany(L, 1);
  lua_settop(L, 2);
  size_t length;
  operation.bytes = (unsigned char *)luaL_tolstring(L, 1, &length);
  operation.length = length;
  operation.text = luashm_bytes_at(L, 2);
  luashm_perform(L, &operation);
  return 0;
}

/* console.printable(text [, manner]) -> string. It touches no shared memory and
   so is no operation. */
static int console_printable(lua_State *L) {
  return luashm_show_string(L, host_of(L)->show);
}

static const luaL_Reg functions[] = {{"getch", console_getch},
                                     {"message_box", console_message_box},
                                     {"printable", console_printable},
                                     {NULL, NULL}};

void luashm_push_console(lua_State *L, int host, int types) {
  luaL_newlibtable(L, functions);
  luashm_set_functions(L, functions, host, types);
}
