/* An actor gives the turn away. */
#include "models.h"

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
