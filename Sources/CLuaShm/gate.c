#include "module.h"

#include <stdio.h>

void luashm_enter(struct luashm_host *host,
                  const struct luashm_operation *operation) {
  if (luashm_heard(host))
    host->gate->enter(host->gate->context, operation);
}

void luashm_leave(struct luashm_host *host,
                  const struct luashm_operation *operation, int32_t code,
                  const struct luashm_view *view, bool existed) {
  if (luashm_heard(host))
    host->gate->leave(host->gate->context, operation, code, view, existed);
}

void luashm_where(const struct luashm_operation *operation, char *buffer,
                  size_t size) {
  lua_Debug call;
  if (size > 0)
    buffer[0] = 0;
  /* The innermost function that is Lua's: the C functions above it are ours,
     or pcall and the like. "Sl" fills in plain fields only. */
  for (int level = 0; lua_getstack(operation->state, level, &call); level++) {
    lua_getinfo(operation->state, "Sl", &call);
    if (call.currentline > 0) {
      snprintf(buffer, size, "%s:%d", call.short_src, call.currentline);
      return;
    }
  }
}
