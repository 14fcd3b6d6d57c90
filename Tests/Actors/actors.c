#define _GNU_SOURCE
#include "Actors.h"
#include "arena.h"
#include "shadow.h"

#include <CLuaShm.h>
#include <CShm.h>

#include <lauxlib.h>
#include <lua.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, ACTORS = 2, RESULT = 512 };

/* ---- a host with one object of each kind, in private memory ---- */

struct objects {
  _Alignas(64) unsigned char bytes[PAGE], words[PAGE];
  struct cshm_named mutex;
  struct cshm_claim claim;
};

static struct cshm_window never_lost;

static int32_t create(void *context, struct luashm_bytes name, int64_t size,
                      const struct luashm_options *options,
                      struct luashm_handle *view, bool *existed,
                      struct luashm_failure *failure) {
  (void)name, (void)size, (void)options, (void)failure;
  struct objects *objects = context;
  view->size = PAGE;
  view->guard = &never_lost;
  view->key = 1;
  view->base = objects->bytes;
  *existed = false;
  return 0;
}

/* A mutex that its owner has claimed, as after its first lock. */
static int32_t create_mutex(void *context, struct luashm_bytes name,
                            const struct luashm_named_options *options,
                            struct luashm_named *made, bool *existed,
                            struct luashm_failure *failure) {
  struct objects *objects = context;
  (void)name, (void)failure;
  objects->claim.token = (uint64_t)1 << 32 | CSHM_HELD;
  objects->mutex =
      (struct cshm_named){.words = objects->words,
                          .guard = &never_lost,
                          .claim = &objects->claim,
                          .kind = options->kind,
                          .rights = CSHM_MAY_WAIT | CSHM_MAY_MODIFY};
  *made = (struct luashm_named){&objects->mutex, 1};
  *existed = false;
  return 0;
}

static int32_t lock_mutex(void *context, struct luashm_named_wait *wait,
                          struct luashm_failure *failure) {
  struct objects *objects = context;
  (void)failure;
  wait->outcome = cshm_mutex_lock(&objects->mutex);
  return 0;
}

static int32_t unlock_mutex(void *context, uint64_t key, const char *verb,
                            int64_t number, int64_t *result,
                            struct luashm_failure *failure) {
  struct objects *objects = context;
  (void)key, (void)verb, (void)number, (void)failure;
  *result = cshm_mutex_unlock(&objects->mutex);
  return 0;
}

/* struct s { uint32_t number; }; */
static const struct {
  struct cshm_layout layout;
  struct cshm_type types[2];
  struct cshm_field fields[1];
  char names[16];
} declared = {{.magic = CSHM_LAYOUT_MAGIC,
               .length = sizeof declared,
               .root = 1,
               .types = 2,
               .fields = 1,
               .names = sizeof declared.names},
              {{.kind = CSHM_UNSIGNED,
                .alignment = 4,
                .size = 4,
                .name = 7,
                .name_length = 8},
               {.kind = CSHM_RECORD,
                .alignment = 4,
                .size = 4,
                .field_count = 1,
                .name = 6,
                .name_length = 1}},
              {{.name_length = 6}},
              "numbersuint32_t"};

static int32_t layout(void *context, struct luashm_bytes text,
                      const struct luashm_layout_options *options,
                      uint64_t *key, size_t *length,
                      struct luashm_failure *failure) {
  (void)context, (void)text, (void)options, (void)failure;
  *key = 1;
  *length = sizeof declared;
  return 0;
}

static void take_layout(void *context, uint64_t key, void *buffer) {
  (void)context, (void)key;
  if (buffer)
    memcpy(buffer, &declared, sizeof declared);
}

static int32_t close_view(void *context, uint64_t key,
                          struct luashm_failure *failure) {
  (void)context, (void)key, (void)failure;
  return 0;
}

static struct luashm_bytes no_module(void *context, struct luashm_bytes name) {
  (void)context, (void)name;
  return (struct luashm_bytes){NULL, 0};
}

static size_t show(struct luashm_bytes text, enum luashm_manner manner,
                   char *buffer) {
  (void)manner;
  memcpy(buffer, text.data, text.length);
  return text.length;
}

/* ---- an actor ---- */

struct actor {
  struct luashm_stack stack;
  struct luashm_stack *scheduler;
  struct luashm_world world;
  struct luashm_host host;
  struct arena *arena;
  lua_State *state;
  const char *script;
  char *result; /* RESULT bytes */
  int operations;
  bool ended;
};

/* Says "later": it is the scheduler's turn first. */
static void perform(void *context, struct luashm_operation *operation) {
  struct actor *actor = context;
  if (!actor->ended) {
    actor->operations++;
    luashm_stack_switch(&actor->stack, actor->scheduler);
  }
  luashm_perform_real(operation);
}

static const char begin[] = "v = shm.create(nil, 4096); c = v:atomic(0)";

static void run_text(lua_State *L, const char *text, int results) {
  if (luaL_loadbuffer(L, text, strlen(text), "=s") != LUA_OK)
    lua_error(L);
  lua_call(L, 0, results);
}

static int run_script(lua_State *L) {
  const struct actor *actor = lua_touserdata(L, 1);
  lua_settop(L, 0);
  run_text(L, begin, 0);
  run_text(L, actor->script, 1);
  luaL_tolstring(L, -1, NULL);
  return 1;
}

static void run(struct actor *actor) {
  lua_State *L = actor->state;
  lua_pushcfunction(L, run_script);
  lua_pushlightuserdata(L, actor);
  lua_pcall(L, 1, 1, 0);
  const char *text = lua_tostring(L, -1);
  snprintf(actor->result, RESULT, "%s", text ? text : "(no text)");
  lua_settop(L, 0);
}

static void run_on_stack(void *argument) {
  struct actor *actor = argument;
  run(actor);
  actor->ended = true;
  for (;;)
    luashm_stack_switch(&actor->stack, actor->scheduler);
}

static bool make_actor(struct actor *actor, const char *script, void *address,
                       struct objects *objects, char *result) {
  actor->script = script;
  actor->result = result;
  actor->host = (struct luashm_host){.context = objects,
                                     .create = create,
                                     .close = close_view,
                                     .named_create = create_mutex,
                                     .named_close = close_view,
                                     .named_wait = lock_mutex,
                                     .named_act = unlock_mutex,
                                     .layout = layout,
                                     .layout_take = take_layout,
                                     .module = no_module,
                                     .show = show};
  actor->arena = arena_make(address);
  if (!actor->arena)
    return false;
  actor->state = lua_newstate(arena_allocate, actor->arena);
  return actor->state && luashm_open(actor->state, &actor->host);
}

/* All that it does passes the scheduler from now on. */
static void put_on_stack(struct actor *actor, struct luashm_stack *scheduler) {
  actor->scheduler = scheduler;
  actor->world = (struct luashm_world){actor, NULL, perform};
  actor->host.world = &actor->world;
  luashm_stack_begin(&actor->stack, arena_stack(actor->arena), ARENA_STACK,
                     run_on_stack, actor);
}

static void end_actor(struct actor *actor) {
  actor->ended = true; /* what is closed now is nobody's turn */
  if (actor->state)
    lua_close(actor->state);
  if (actor->arena)
    arena_end(actor->arena);
}

/* ---- turns ---- */

static void take_turns(struct actor *actors, struct actors_outcome *outcome,
                       struct luashm_stack *scheduler) {
  for (int turn = 0, last = -1; !actors[0].ended || !actors[1].ended;
       turn = 1 - turn) {
    struct actor *actor = &actors[turn];
    if (actor->ended)
      continue;
    outcome->switches += last != turn;
    last = turn;
    luashm_stack_switch(scheduler, &actor->stack);
  }
}

bool actors_run(const char *script, bool alone,
                struct actors_outcome *outcome) {
  struct objects objects = {0};
  struct luashm_stack scheduler = {0};
  struct actor actors[ACTORS] = {0};
  bool made = true;
  int count = alone ? 1 : ACTORS;
  *outcome = (struct actors_outcome){0};
  for (int i = 0; i < count; i++)
    made = made && make_actor(&actors[i], script, NULL, &objects,
                              outcome->result[i]);
  if (made && alone)
    run(&actors[0]);
  else if (made) {
    for (int i = 0; i < count; i++)
      put_on_stack(&actors[i], &scheduler);
    take_turns(actors, outcome, &scheduler);
  }
  for (int i = 0; i < count; i++) {
    outcome->operations += actors[i].operations;
    end_actor(&actors[i]);
  }
  outcome->sum = (int64_t)cshm_load32(objects.bytes);
  return made;
}

/* ---- images ---- */

struct image {
  struct actor actor;
  struct objects objects;
  unsigned char *arena, *table, *shadow;
  size_t used, stack; /* bytes of the arena's two parts */
};

static char *stack_of(const struct actor *actor) {
  return actor->stack.standing;
}

static size_t stack_size(const struct actor *actor) {
  return (size_t)((char *)actor->arena + ARENA_SIZE - stack_of(actor));
}

static bool save(struct image *image, const struct actor *actor,
                 const struct objects *objects) {
  image->actor = *actor;
  image->objects = *objects;
  image->used = actor->arena->used;
  image->stack = stack_size(actor);
  image->arena = malloc(image->used + image->stack);
  image->table = malloc(luashm_table_size());
  image->shadow = malloc(shadow_size() + 1);
  if (!image->arena || !image->table || !image->shadow)
    return false;
  memcpy(image->arena, actor->arena, image->used);
  stack_copy(image->arena + image->used, stack_of(actor), image->stack);
  shadow_save(image->shadow, arena_stack(actor->arena));
  luashm_save_table(image->table);
  return true;
}

/* What was allocated since is as fresh as it was: Lua does not set all of its
   bytes. */
static void put_back(const struct image *image, struct actor *actor,
                     struct objects *objects) {
  memset((char *)actor->arena + image->used, 0,
         actor->arena->used - image->used);
  *actor = image->actor;
  *objects = image->objects;
  memcpy(actor->arena, image->arena, image->used);
  shadow_put_back(arena_stack(actor->arena), image->shadow);
  stack_copy(stack_of(actor), image->arena + image->used, image->stack);
  luashm_restore_table(image->table);
}

static void go_on(struct actor *actor, struct luashm_stack *scheduler,
                  int operations) {
  while (!actor->ended && actor->operations < operations)
    luashm_stack_switch(scheduler, &actor->stack);
}

/* The end as it was the first time? Of the stack nothing is left then but what
   nobody has set. */
static bool is_same(const struct image *end, const struct actor *actor,
                    const struct objects *objects) {
  return end->actor.operations == actor->operations &&
         end->used == actor->arena->used &&
         end->stack == stack_size(actor) &&
         memcmp(&end->objects, objects, sizeof *objects) == 0 &&
         memcmp(end->arena, actor->arena, end->used) == 0;
}

bool actors_stacks_are_whole(void) { return stack_is_whole(); }

bool actors_put_back(const char *script, int at, long times,
                     struct image_outcome *outcome) {
  struct objects objects = {0};
  enum { ADDRESS = 0x2000, TERA = 32 };
  void *address = (void *)((uintptr_t)ADDRESS << TERA);
  struct luashm_stack scheduler = {0};
  struct actor actor = {0};
  struct image image = {0}, end = {0};
  char first[RESULT];
  *outcome = (struct image_outcome){0};
  if (!make_actor(&actor, script, address, &objects, outcome->result))
    return false;
  put_on_stack(&actor, &scheduler);
  go_on(&actor, &scheduler, at);
  if (actor.ended || !save(&image, &actor, &objects))
    return false;
  outcome->image = image.used + image.stack;
  go_on(&actor, &scheduler, INT32_MAX);
  if (!save(&end, &actor, &objects))
    return false;
  memcpy(first, outcome->result, sizeof first);
  for (; outcome->restored < times; outcome->restored++) {
    put_back(&image, &actor, &objects);
    memset(outcome->result, 0, RESULT);
    go_on(&actor, &scheduler, INT32_MAX);
    outcome->differences += !is_same(&end, &actor, &objects) ||
                            strcmp(first, outcome->result) != 0;
  }
  free(image.arena), free(image.table), free(image.shadow);
  free(end.arena), free(end.table), free(end.shadow);
  end_actor(&actor);
  return true;
}
