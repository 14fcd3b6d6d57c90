/* The userdata "shm.latch". */
#include "Latch.h"

#include "Waitables/waitable.h"

enum { ACT_WAIT, ACT_COUNT_DOWN };

static const struct luashm_act acts[] = {
    [ACT_WAIT] = {"latch:wait", LUASHM_ACQUIRE},
    [ACT_COUNT_DOWN] = {"latch:count_down", LUASHM_RELEASE,
                        .takes_number = true},
    {NULL}};

/* latch:wait([timeout]) -> true, or false, "timeout", or nil, message, code */
static int latch_wait(lua_State *L) {
  luashm_open_named(L, LATCH);
  luashm_check_wait(L, 2);
  return luashm_named_wait(L, LATCH, ACT_WAIT, 2);
}

/* latch:count_down([n]) -> the count before, or nil, message, code */
static int latch_count_down(lua_State *L) {
  luashm_open_named(L, LATCH);
  return luashm_named_number(L, LATCH, ACT_COUNT_DOWN, luashm_object_at(L, 1),
                             luaL_optinteger(L, 2, 1));
}

static void describe(lua_State *L, const struct cshm_named *plain,
                     uint64_t state, bool ours) {
  (void)ours;
  lua_pushfstring(L, "%I of %I to come", (lua_Integer)(state & CSHM_COUNT),
                  (lua_Integer)plain->limit);
}

static const luaL_Reg methods[] = {{"wait", latch_wait},
                                   {"count_down", latch_count_down},
                                   {NULL, NULL}};

static const struct luashm_class class = {
    .name = "shm.latch",
    .methods = {methods, luashm_named_methods},
    .metamethods = luashm_named_metamethods};

static const struct luashm_waitable kind = {
    .number = LATCH,
    LUASHM_NAMED("latch"),
    .plural = "latches",
    .values = {{"count"}, {"half", .is_flag = true}},
    .acts = acts,
    .class = &class,
    .describe = describe};

const struct luashm_waitable *latch(void) { return &kind; }
