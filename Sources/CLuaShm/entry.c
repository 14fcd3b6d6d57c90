/* "shm" as a C module for another program's Lua: shm.so. */
#include "module.h"

#include <stdio.h>
#include <unistd.h>

/* The host's record is a userdata that every function has as an upvalue, so it
   exists as long as a function can be called, even in the finalizers of a
   closing state. By then the host itself has ended, and the functions below
   replace its calls. Views are closed before that: they are younger, and
   finalizers run from the youngest to the oldest. If a finalizer has made
   another view meanwhile, its host stays, and exit(3) gives up its names. */
static int32_t refuse(struct luashm_failure *failure) {
  enum { INVALID_HANDLE = 6 };
  failure->code = INVALID_HANDLE;
  snprintf(failure->message, sizeof failure->message,
           "shm: ERROR_INVALID_HANDLE (6): the Lua state is closing");
  return INVALID_HANDLE;
}

static int32_t refuse_create(void *context, struct luashm_bytes name,
                             int64_t size,
                             const struct luashm_options *options,
                             struct luashm_handle *view, bool *existed,
                             struct luashm_failure *failure) {
  (void)context, (void)name, (void)size, (void)options, (void)view;
  (void)existed;
  return refuse(failure);
}

static int32_t refuse_open(void *context, struct luashm_bytes name,
                           const struct luashm_options *options,
                           struct luashm_handle *view,
                           struct luashm_failure *failure) {
  (void)context, (void)name, (void)options, (void)view;
  return refuse(failure);
}

static int32_t refuse_unlink(void *context, struct luashm_bytes name,
                             struct luashm_failure *failure) {
  (void)context, (void)name;
  return refuse(failure);
}

static int32_t refuse_path(void *context, struct luashm_bytes name, char *path,
                           size_t *length, struct luashm_failure *failure) {
  (void)context, (void)name, (void)path, (void)length;
  return refuse(failure);
}

static int32_t refuse_named_create(void *context, struct luashm_bytes name,
                                   const struct luashm_named_options *options,
                                   struct luashm_named *object, bool *existed,
                                   struct luashm_failure *failure) {
  (void)context, (void)name, (void)options, (void)object, (void)existed;
  return refuse(failure);
}

static int32_t refuse_named_open(void *context, struct luashm_bytes name,
                                 const struct luashm_named_options *options,
                                 struct luashm_named *object,
                                 struct luashm_failure *failure) {
  (void)context, (void)name, (void)options, (void)object;
  return refuse(failure);
}

static int32_t refuse_wait(void *context, struct luashm_named_wait *wait,
                           struct luashm_failure *failure) {
  (void)context, (void)wait;
  return refuse(failure);
}

static int32_t refuse_ring(void *context, uint64_t key,
                           struct luashm_ring_call *call,
                           struct luashm_failure *failure) {
  (void)context, (void)key, (void)call;
  return refuse(failure);
}

static int32_t refuse_list(void *context, bool posix, char *buffer,
                           size_t capacity, size_t *length,
                           struct luashm_failure *failure) {
  (void)context, (void)posix, (void)buffer, (void)capacity, (void)length;
  return refuse(failure);
}

static int32_t refuse_who(void *context, struct luashm_bytes name, char *buffer,
                          size_t capacity, size_t *length,
                          struct luashm_failure *failure) {
  (void)context, (void)name, (void)buffer, (void)capacity, (void)length;
  return refuse(failure);
}

static int32_t refuse_process(void *context, int64_t number,
                              int32_t *descriptor,
                              struct luashm_failure *failure) {
  (void)context, (void)number, (void)descriptor;
  return refuse(failure);
}

/* One that was opened before may still be closed. */
static void close_process(void *context, int32_t descriptor) {
  (void)context;
  close(descriptor);
}

static int32_t refuse_layout(void *context, struct luashm_bytes text,
                             const struct luashm_layout_options *options,
                             uint64_t *key, size_t *length,
                             struct luashm_failure *failure) {
  (void)context, (void)text, (void)options, (void)key, (void)length;
  return refuse(failure);
}

static void take_no_layout(void *context, uint64_t key, void *buffer) {
  (void)context, (void)key, (void)buffer;
}

/* Used until the host exists; nothing is shown. */
static size_t show_nothing(struct luashm_bytes text, enum luashm_manner manner,
                           char *buffer) {
  (void)text, (void)manner, (void)buffer;
  return 0;
}

static const struct luashm_host ended = {.create = refuse_create,
                                         .open = refuse_open,
                                         .unlink = refuse_unlink,
                                         .show = show_nothing,
                                         .path = refuse_path,
                                         .named_create = refuse_named_create,
                                         .named_open = refuse_named_open,
                                         .named_wait = refuse_wait,
                                         .named_ring = refuse_ring,
                                         .list = refuse_list,
                                         .who = refuse_who,
                                         .open_process = refuse_process,
                                         .close_process = close_process,
                                         .layout = refuse_layout,
                                         .layout_take = take_no_layout};

static int end(lua_State *L) {
  struct luashm_host *host = lua_touserdata(L, 1);
  if (!host->context || luashm_module_end(host)) {
    struct luashm_host last = ended;
    last.show = host->show; /* it needs nothing of what has ended */
    *host = last;
  }
  return 0;
}

/* Pushes a new host. Each state has one of its own, which ends with it. */
static struct luashm_host *push_host(lua_State *L) {
  struct luashm_host *host = lua_newuserdatauv(L, sizeof *host, 0);
  *host = ended;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, end);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return host;
}

int luaopen_shm(lua_State *L) {
  luaL_checkversion(L);
  luashm_module_begin(push_host(L));
  int host = lua_gettop(L);
  luashm_push_types(L, host);
  luashm_push_shm(L, host, host + 1);
  return 1;
}
