/* The userdata "shm.event". */
#include "waitable.h"

enum { ACT_WAIT, ACT_SET, ACT_RESET };

static const struct luashm_act acts[] = {
    [ACT_WAIT] = {"event:wait", LUASHM_ACQUIRE},
    [ACT_SET] = {"event:set", LUASHM_RELEASE},
    [ACT_RESET] = {"event:reset", LUASHM_RELEASE},
    {NULL}};

/* event:set() -> true, or nil, message, code */
static int event_set(lua_State *L) {
  struct luashm_handle *event = luashm_open_named(L, CSHM_EVENT);
  if (luashm_is_fast(event, CSHM_MAY_MODIFY) &&
      cshm_event_set(plain_of(event)) == CSHM_ACQUIRED)
    return luashm_done(L, event, "set");
  return luashm_named_act(L, CSHM_EVENT, ACT_SET, luashm_object_at(L, 1));
}

/* event:reset() -> true, or nil, message, code */
static int event_reset(lua_State *L) {
  struct luashm_handle *event = luashm_open_named(L, CSHM_EVENT);
  if (luashm_is_fast(event, CSHM_MAY_MODIFY) &&
      cshm_event_reset(plain_of(event)) == CSHM_ACQUIRED)
    return luashm_done(L, event, "reset");
  return luashm_named_act(L, CSHM_EVENT, ACT_RESET, luashm_object_at(L, 1));
}

/* event:wait([timeout]) -> true, or false, "timeout", or nil, message, code */
static int event_wait(lua_State *L) {
  struct luashm_handle *event = luashm_open_named(L, CSHM_EVENT);
  luashm_check_wait(L, 2);
  if (luashm_is_fast(event, CSHM_MAY_WAIT) &&
      cshm_event_wait(plain_of(event)) == CSHM_ACQUIRED)
    return luashm_done(L, event, "wait");
  return luashm_named_wait(L, CSHM_EVENT, ACT_WAIT, 2);
}

static void describe(lua_State *L, const struct cshm_named *plain,
                     uint64_t state, bool ours) {
  (void)ours;
  lua_pushfstring(L, "%s%s", plain->limit ? "manual, " : "",
                  state & CSHM_SET ? "set" : "not set");
}

static const luaL_Reg methods[] = {{"set", event_set},
                                   {"reset", event_reset},
                                   {"wait", event_wait},
                                   {NULL, NULL}};

static const struct luashm_synonym synonyms[] = {
    {"signal", "set"},
    {"notify", "set"},
    {"acquire", "wait"},
    {"clear", "reset"},
    {NULL, NULL}};

static const struct luashm_class class = {
    .name = "shm.event",
    .methods = {methods, luashm_named_methods},
    .metamethods = luashm_named_metamethods,
    .synonyms = synonyms};

const struct luashm_waitable luashm_event_kind = {
    .number = CSHM_EVENT,
    LUASHM_NAMED("event"),
    .plural = "events",
    .values = {{"manual", .is_flag = true}, {"set", .is_flag = true}},
    .acts = acts,
    .class = &class,
    .describe = describe};
