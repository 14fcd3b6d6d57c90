/* shm.event, shm.mutex, shm.semaphore, and shm.open_event and so on. */
#include "named.h"

#include <string.h>

static uint32_t access_value(lua_State *L, int index) {
  static const char *const names[] = {"all", "wait", "modify"};
  static const uint32_t rights[] = {CSHM_MAY_WAIT | CSHM_MAY_MODIFY,
                                    CSHM_MAY_WAIT, CSHM_MAY_MODIFY};
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  for (int i = 0; i < 3; i++)
    if (strcmp(text, names[i]) == 0)
      return rights[i];
  return (uint32_t)luaL_argerror(
      L, index, "option 'access' must be \"all\", \"wait\" or \"modify\"");
}

static int unknown(lua_State *L, int index, const char *key,
                   const char *known) {
  return luaL_argerror(
      L, index,
      lua_pushfstring(L, "unknown option '%s' (known: %s)",
                      luashm_push_shown_word(L, key), known));
}

/* The value is at the top of the stack. */
static void creating(lua_State *L, int index, const char *key,
                     struct luashm_named_options *options) {
  bool event = options->kind == CSHM_EVENT;
  if (strcmp(key, "mode") == 0)
    options->mode = luashm_mode_option(L, index, &options->mode_as_integer);
  else if (strcmp(key, "exclusive") == 0)
    options->exclusive = luashm_bool_option(L, index, key);
  else if (event && strcmp(key, "manual") == 0)
    options->manual = luashm_bool_option(L, index, key);
  else if (event && strcmp(key, "set") == 0)
    options->set = luashm_bool_option(L, index, key);
  else
    unknown(L, index, key,
            event ? "manual, set, mode, exclusive" : "mode, exclusive");
}

static void opening(lua_State *L, int index, const char *key,
                    struct luashm_named_options *options) {
  if (strcmp(key, "access") != 0)
    unknown(L, index, key, "access");
  options->rights = access_value(L, index);
}

typedef void (*reader)(lua_State *L, int index, const char *key,
                       struct luashm_named_options *);

static void read_options(lua_State *L, int index, reader read,
                         struct luashm_named_options *options) {
  for (const char *key = luashm_first_option(L, index); key;
       key = luashm_next_option(L, index))
    read(L, index, key, options);
}

static struct luashm_named_options defaults(int64_t kind) {
  return (struct luashm_named_options){
      .kind = kind,
      .mode = 0600,
      .rights = CSHM_MAY_WAIT | CSHM_MAY_MODIFY};
}

/* Pushes an object that is still closed, for the name at index 1. */
static struct luashm_object push_new(lua_State *L, int64_t kind) {
  static const enum luashm_type types[] = {[CSHM_EVENT] = TYPE_EVENT,
                                           [CSHM_MUTEX] = TYPE_MUTEX,
                                           [CSHM_SEMAPHORE] = TYPE_SEMAPHORE};
  struct luashm_head *head =
      luashm_push_new(L, types[kind], sizeof *head, NAMED_NAME);
  if (luashm_bytes_at(L, 1).length > 0) { /* else it has none */
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, NAMED_NAME);
  }
  head->object = luashm_take_handle();
  if (head->object.index == 0)
    luaL_error(L, "not enough memory for another object");
  return head->object;
}

/* The operation of a kind, of three that follow each other. */
static enum luashm_op op_of(enum luashm_op first, int64_t kind) {
  return (enum luashm_op)((int64_t)first + kind - CSHM_EVENT);
}

/* Asks for what is at the top of the stack. */
static enum luashm_answer ask(lua_State *L, struct luashm_operation *operation,
                              const struct luashm_named_options *options,
                              struct luashm_failure *failure) {
  operation->named = options;
  operation->failure = failure;
  operation->made = push_new(L, options->kind);
  return luashm_ask_again(L, operation);
}

/* The options are at index `last`. */
static int create(lua_State *L, int last,
                  struct luashm_named_options *options) {
  struct luashm_failure failure;
  struct luashm_operation operation = {
      .op = op_of(LUASHM_OP_CREATE_EVENT, options->kind),
      .text = luashm_bytes_at(L, 1),
      .seconds = -1};
  read_options(L, last, creating, options);
  lua_settop(L, last);
  if (ask(L, &operation, options, &failure) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, operation.holds);
  return 2;
}

static int create_event(lua_State *L) {
  struct luashm_named_options options = defaults(CSHM_EVENT);
  return create(L, 2, &options);
}

static int create_mutex(lua_State *L) {
  struct luashm_named_options options = defaults(CSHM_MUTEX);
  return create(L, 2, &options);
}

static int create_semaphore(lua_State *L) {
  struct luashm_named_options options = defaults(CSHM_SEMAPHORE);
  luashm_bytes_at(L, 1); /* complains in the order of the arguments */
  options.initial = luaL_checkinteger(L, 2);
  options.maximum = luaL_checkinteger(L, 3);
  return create(L, 4, &options);
}

static int open_named(lua_State *L, int64_t kind) {
  struct luashm_named_options options = defaults(kind);
  struct luashm_failure failure;
  struct luashm_bytes name;
  name.data = luaL_checklstring(L, 1, &name.length);
  read_options(L, 2, opening, &options);
  lua_settop(L, 2);
  struct luashm_operation operation = {
      .op = op_of(LUASHM_OP_OPEN_EVENT, kind), .text = name, .seconds = -1};
  return ask(L, &operation, &options, &failure) == LUASHM_ANSWER_DONE
             ? 1
             : luashm_answered(L, &operation);
}

static int open_event(lua_State *L) { return open_named(L, CSHM_EVENT); }
static int open_mutex(lua_State *L) { return open_named(L, CSHM_MUTEX); }
static int open_semaphore(lua_State *L) {
  return open_named(L, CSHM_SEMAPHORE);
}

const luaL_Reg luashm_named_functions[] = {
    {"event", create_event},           {"mutex", create_mutex},
    {"semaphore", create_semaphore},   {"open_event", open_event},
    {"open_mutex", open_mutex},        {"open_semaphore", open_semaphore},
    {"wait", luashm_wait_for_several}, {NULL, NULL}};
