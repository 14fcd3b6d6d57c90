/* An actor gives the turn away; and where it stands then. */
#include "models.h"

#include <stdio.h>
#include <string.h>

void luashm_model_ask(struct luashm_actor *actor, enum luashm_request request) {
  actor->request = request;
  luashm_stack_switch(&actor->stack, &actor->model->scheduler);
  actor->request = LUASHM_ASKS_NOTHING;
}

/* A state has nothing of ours but its allocator's context. */
struct luashm_actor *luashm_actor_of(lua_State *L) {
  void *actor;
  lua_getallocf(L, &actor);
  return actor;
}

void luashm_tell_apart(const struct luashm_actor *actor) {
  if (actor->model->equal_parts >> actor->part & 1)
    actor->model->told_apart = true;
}

void luashm_actor_place(const struct luashm_actor *actor, char *buffer,
                        size_t size) {
  const char *name = actor->model->script.name.data;
  size_t length = actor->model->script.name.length;
  lua_State *L = actor->operation ? actor->operation->state : actor->state;
  lua_Debug call;
  buffer[0] = 0;
  for (int level = 0; lua_getstack(L, level, &call); level++) {
    lua_getinfo(L, "Sl", &call);
    if (call.currentline <= 0 || strncmp(call.source, "=", 1) == 0)
      continue;
    bool is_script = call.srclen == length + 1 &&
                     memcmp(call.source + 1, name, length) == 0;
    if (buffer[0] == 0 || is_script)
      snprintf(buffer, size, "%s:%d", call.short_src, call.currentline);
    if (is_script)
      return;
  }
}
