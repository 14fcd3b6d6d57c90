/* The heard world: tells a listener, and lets another world perform. */
#include "perform.h"

#include <stdio.h>

/* The failure's number; -1: an error about misuse is going to be raised. */
static int32_t code_of(const struct luashm_operation *operation) {
  enum { TIMEOUT = 1460 };
  switch (operation->answer) {
  case LUASHM_ANSWER_DONE:
    return 0;
  case LUASHM_ANSWER_REFUSED:
    return operation->failure->code;
  case LUASHM_ANSWER_TIMED_OUT:
    return operation->op == LUASHM_OP_SNAPSHOT ? TIMEOUT : 0;
  default:
    return -1;
  }
}

static void perform(void *context, struct luashm_operation *operation) {
  const struct luashm_heard *heard = context;
  const struct luashm_listener *listener = heard->listener;
  if (!luashm_is_told(operation)) {
    luashm_pass_on(heard->inner, operation);
    return;
  }
  struct luashm_telling telling;
  luashm_tell_before(&telling, operation);
  listener->before(listener->context, &telling.call);
  luashm_pass_on(heard->inner, operation);
  luashm_tell_after(&telling, operation);
  listener->after(listener->context, &telling.call, code_of(operation),
                  telling.holds);
}

void luashm_hear(struct luashm_heard *heard,
                 const struct luashm_listener *listener,
                 struct luashm_world *inner) {
  *heard = (struct luashm_heard){
      .world = {heard, inner ? inner->goes_by_steps : NULL, perform},
      .listener = listener,
      .inner = inner};
}

/* ---- where the script is ---- */

void luashm_where(const struct luashm_call *told, char *buffer, size_t size) {
  lua_Debug call;
  if (size > 0)
    buffer[0] = 0;
  /* The innermost Lua function: C functions above it are ours, or pcall and the
     like. "Sl" only fills in plain fields and allocates nothing. */
  for (int level = 0; lua_getstack(told->state, level, &call); level++) {
    lua_getinfo(told->state, "Sl", &call);
    if (call.currentline > 0) {
      snprintf(buffer, size, "%s:%d", call.short_src, call.currentline);
      return;
    }
  }
}
