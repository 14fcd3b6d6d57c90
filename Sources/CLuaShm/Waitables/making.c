/* shm.event, shm.open_event and so on, for each kind. Upvalue 4 is the kind's
   number. */
#include "waitable.h"

#include "options.h"

enum { UPVALUE_KIND = 4 };

static const struct luashm_waitable *own_kind(lua_State *L) {
  return luashm_waitable(
      (uint32_t)lua_tointeger(L, lua_upvalueindex(UPVALUE_KIND)));
}

static struct luashm_named_options
defaults(const struct luashm_waitable *kind) {
  return (struct luashm_named_options){
      .making.mode.bits = 0600,
      .kind = kind->number,
      .rights = CSHM_MAY_WAIT | CSHM_MAY_MODIFY};
}

/* Pushes an object that is still closed, with the name at stack index 1. */
static struct luashm_object push_new(lua_State *L, uint32_t kind) {
  struct named *named =
      luashm_push_new(L, (enum luashm_type)(TYPE_WAITABLE + kind),
                      sizeof *named,
                      NAMED_NAME + luashm_waitable(kind)->user_values);
  if (luashm_bytes_at(L, 1).length > 0) { /* else it has no name */
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, NAMED_NAME);
  }
  named->head.object = luashm_take(L);
  if (named->head.object.index == 0)
    luaL_error(L, "not enough memory for another object");
  return named->head.object;
}

/* Performs the operation that opens the object at the top of the stack. */
static enum luashm_answer ask(lua_State *L, struct luashm_operation *operation,
                              const struct luashm_named_options *options,
                              struct luashm_failure *failure) {
  operation->named = options;
  operation->failure = failure;
  operation->made = push_new(L, options->kind);
  return luashm_ask_again(L, operation);
}

/* ---- making ---- */

/* Reads the integers after the name; returns the stack index of the options. */
static int read_arguments(lua_State *L, const struct luashm_waitable *kind,
                          struct luashm_named_options *options) {
  int index = 2;
  for (int i = 0; kind->values[i].name; i++)
    if (!kind->values[i].is_flag)
      options->values[i] = luaL_checkinteger(L, index++);
  return index;
}

static const struct luashm_word accesses[] = {
    {"all", CSHM_MAY_WAIT | CSHM_MAY_MODIFY},
    {"wait", CSHM_MAY_WAIT},
    {"modify", CSHM_MAY_MODIFY},
    {NULL, 0}};

static struct luashm_option access_of(const struct luashm_waitable *kind) {
  return (struct luashm_option){
      OPTION("access", struct luashm_named_options, rights), OPTION_WORD,
      .words = kind->accesses ? kind->accesses : accesses};
}

static void read_making(lua_State *L, int index,
                        const struct luashm_waitable *kind,
                        struct luashm_named_options *options) {
  struct luashm_option own[LUASHM_MOST_VALUES + 2] = {{NULL}};
  const struct luashm_option *const groups[] = {own, luashm_making_options,
                                                kind->options, NULL};
  int count = 0;
  for (int i = 0; kind->values[i].name; i++)
    if (kind->values[i].is_flag)
      own[count++] = (struct luashm_option){
          OPTION(kind->values[i].name, struct luashm_named_options, values[i]),
          OPTION_BOOL};
  if (kind->accesses)
    own[count] = access_of(kind);
  luashm_read_options(L, index, groups, options, index);
}

/* shm.event(name [, options]), shm.semaphore(name, initial, maximum [,
   options]) … -> object, existed */
static int create(lua_State *L) {
  const struct luashm_waitable *kind = own_kind(L);
  struct luashm_named_options options = defaults(kind);
  struct luashm_failure failure;
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_CREATE_NAMED, kind->number, (struct luashm_object){0, 0});
  operation.text = luashm_bytes_at(L, 1);
  int index = read_arguments(L, kind, &options);
  read_making(L, index, kind, &options);
  lua_settop(L, index);
  if (ask(L, &operation, &options, &failure) != LUASHM_ANSWER_DONE)
    return luashm_answered(L, &operation);
  lua_pushboolean(L, operation.holds);
  return 2;
}

/* ---- opening ---- */

/* shm.open_event(name [, options]) … -> object */
static int open_named(lua_State *L) {
  const struct luashm_waitable *kind = own_kind(L);
  const struct luashm_option own[] = {access_of(kind), {NULL}};
  const struct luashm_option *const groups[] = {own, kind->options, NULL};
  struct luashm_named_options options = defaults(kind);
  struct luashm_failure failure;
  struct luashm_operation operation = luashm_on_named(
      LUASHM_OP_OPEN_NAMED, kind->number, (struct luashm_object){0, 0});
  operation.text.data = luaL_checklstring(L, 1, &operation.text.length);
  luashm_read_options(L, 2, groups, &options, 2);
  lua_settop(L, 2);
  return ask(L, &operation, &options, &failure) == LUASHM_ANSWER_DONE
             ? 1
             : luashm_answered(L, &operation);
}

/* ---- */

/* `verb`: what the function is called by, "shm.event". */
static void set_function(lua_State *L, lua_CFunction function,
                         const char *verb, int host, int types,
                         uint32_t kind) {
  static const size_t module = sizeof "shm." - 1;
  lua_pushnil(L);
  lua_pushvalue(L, host);
  lua_pushvalue(L, types);
  lua_pushinteger(L, kind);
  lua_pushcclosure(L, function, UPVALUE_KIND);
  lua_setfield(L, -2, verb + module);
}

void luashm_set_waitables(lua_State *L, int host, int types) {
  for (const struct luashm_waitable *const *kind = luashm_all_waitables();
       *kind; kind++) {
    set_function(L, create, (*kind)->create, host, types, (*kind)->number);
    set_function(L, open_named, (*kind)->open, host, types, (*kind)->number);
  }
}
