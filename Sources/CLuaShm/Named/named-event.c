/* The userdata "shm.event". */
#include "named.h"

/* event:set() -> true, or nil, message, code */
static int event_set(lua_State *L) {
  struct luashm_handle *event = luashm_open_named(L, TYPE_EVENT);
  if (luashm_is_fast(event, CSHM_MAY_MODIFY) &&
      cshm_event_set(plain_of(event)) == CSHM_ACQUIRED)
    return luashm_done(L, event, "set");
  return luashm_named_release(L, LUASHM_OP_EVENT_SET, luashm_object_at(L, 1));
}

/* event:reset() -> true, or nil, message, code */
static int event_reset(lua_State *L) {
  struct luashm_handle *event = luashm_open_named(L, TYPE_EVENT);
  if (luashm_is_fast(event, CSHM_MAY_MODIFY) &&
      cshm_event_reset(plain_of(event)) == CSHM_ACQUIRED)
    return luashm_done(L, event, "reset");
  return luashm_named_release(L, LUASHM_OP_EVENT_RESET, luashm_object_at(L, 1));
}

/* event:wait([timeout]) -> true, or false, "timeout", or nil, message, code */
static int event_wait(lua_State *L) {
  struct luashm_handle *event = luashm_open_named(L, TYPE_EVENT);
  luashm_check_wait(L, 2);
  if (luashm_is_fast(event, CSHM_MAY_WAIT) &&
      cshm_event_wait(plain_of(event)) == CSHM_ACQUIRED)
    return luashm_done(L, event, "wait");
  return luashm_named_wait(L, LUASHM_OP_EVENT_WAIT, 2);
}

static int event_tostring(lua_State *L) {
  const struct luashm_head *head = luashm_own(L, TYPE_EVENT);
  const char *name = luashm_shown_name(L, 1); /* a finalizer may close it */
  const struct cshm_named *plain = plain_of(luashm_handle(head->object));
  uint64_t state;
  bool ours;
  if (!plain || !luashm_state_of(L, head->object, &state, &ours))
    lua_pushfstring(L, "event of %s (closed)", name);
  else
    lua_pushfstring(L, "event of %s (%s%s)", name,
                    plain->limit ? "manual, " : "",
                    state & CSHM_SET ? "set" : "not set");
  return 1;
}

static const luaL_Reg methods[] = {{"set", event_set},
                                   {"reset", event_reset},
                                   {"wait", event_wait},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", luashm_named_end},
                                       {"__close", luashm_named_end},
                                       {"__tostring", event_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_events = {
    .name = "shm.event",
    .methods = {methods, luashm_named_methods},
    .metamethods = metamethods};
