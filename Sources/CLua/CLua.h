/* Debian's Lua 5.4; pkg-config supplies the include path and the library. */
#pragma once
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
