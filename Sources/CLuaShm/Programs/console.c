/* The module "console": a key, a box with a text in it, and texts for a
   terminal. */
#include "module.h"

/* console.getch() -> string, or nil at the end of standard input */
static int console_getch(lua_State *L) {
  struct luashm_host *host = host_of(L);
  struct luashm_operation operation = {.kind = LUASHM_GETCH, .state = L};
  luashm_enter(host, &operation);
  int32_t key = host->getch(host->context);
  luashm_leave(host, &operation, 0, NULL, key >= 0);
  if (key < 0)
    lua_pushnil(L);
  else {
    char byte = (char)key;
    lua_pushlstring(L, &byte, 1);
  }
  return 1;
}

/* console.message_box(text [, title]) */
static int console_message_box(lua_State *L) {
  struct luashm_host *host = host_of(L);
  luaL_checkany(L, 1);
  lua_settop(L, 2);
  struct luashm_bytes text = {NULL, 0};
  text.data = luaL_tolstring(L, 1, &text.length);
  struct luashm_bytes title = luashm_bytes_at(L, 2);
  struct luashm_operation operation = {.kind = LUASHM_MESSAGE_BOX,
                                       .name = title,
                                       .length = text.length,
                                       .data = text,
                                       .state = L};
  luashm_enter(host, &operation);
  host->message_box(host->context, text, title);
  luashm_leave(host, &operation, 0, NULL, false);
  return 0;
}

/* console.printable(text [, manner]) -> string: touches no memory: no gate */
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
