/* What was popped from a ring, until it is a Lua value. */
#include "ring.h"

#include "../Messages/messages.h"

#include <string.h>

static void resize(lua_State *L, struct luashm_handle *handle,
                   size_t capacity) {
  void *context;
  lua_Alloc allocate = lua_getallocf(L, &context);
  struct luashm_popped *popped = handle->block;
  size_t size = capacity ? sizeof *popped + capacity : 0;
  struct luashm_popped *resized =
      allocate(context, popped, handle->block_size, size);
  if (size != 0 && !resized)
    luaL_error(L, "not enough memory for a message of %I bytes",
               (lua_Integer)capacity);
  handle->block = resized;
  handle->block_size = size;
  if (!resized)
    return;
  if (!popped)
    *resized = (struct luashm_popped){0};
  resized->capacity = capacity;
}

static bool reads(lua_CFunction function, const lua_CFunction *readers) {
  for (; *readers; readers++)
    if (*readers == function)
      return true;
  return false;
}

/* Does a call of the module below this one read what the object at stack index
   1 holds? Then this is a finalizer that ran meanwhile. */
static bool is_nested(lua_State *L, const lua_CFunction *readers) {
  lua_Debug call;
  bool found = false;
  for (int level = 1; !found && lua_getstack(L, level, &call); level++) {
    lua_getinfo(L, "f", &call);
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    if (reads(function, readers) && lua_getlocal(L, &call, 1)) {
      found = lua_rawequal(L, -1, 1);
      lua_pop(L, 1);
    }
  }
  return found;
}

struct luashm_popped *luashm_prepare_again(lua_State *L,
                                           struct luashm_handle *handle,
                                           size_t capacity,
                                           const lua_CFunction *readers) {
  struct luashm_popped *popped = luashm_popped_by(handle);
  if (popped && popped->is_read) {
    if (is_nested(L, readers))
      luaL_error(L, "attempt to pop in a finalizer, in the midst of a pop of "
                    "the same queue");
    popped->is_read = false; /* memory ran out then */
    if (popped->is_taken)
      popped->left = 0;
  }
  if (!popped || popped->capacity < capacity)
    resize(L, handle, capacity);
  return luashm_popped_by(handle);
}

void luashm_give_popped(lua_State *L, struct luashm_handle *handle,
                        const lua_CFunction *readers) {
  const struct luashm_popped *popped = luashm_popped_by(handle);
  if (!popped)
    return;
  if (popped->is_read && is_nested(L, readers)) /* its reader gives it back */
    handle->block = NULL;
  else
    resize(L, handle, 0);
}

static void refuse(lua_State *L, const char *problem) {
  struct luashm_failure failure = {.code = 13};
  lua_pushfstring(L, "pop %s: ERROR_INVALID_DATA (13): not a value: %s",
                  luashm_shown_name(L, 1), problem);
  strncpy(failure.message, lua_tostring(L, -1), sizeof failure.message - 1);
  lua_pop(L, 2);
  luashm_refuse(L, &failure);
}

/* The next message of the object's, which has some. Either this pushes its
   value, or it is none: *problem, and nothing is pushed. */
static inline __attribute__((always_inline)) void
push_next(lua_State *L, struct luashm_object object, const char **problem) {
  struct luashm_popped *popped = luashm_popped_by(luashm_handle(object));
  const unsigned char *at = popped->bytes + popped->at;
  const struct cops_popped message =
      *(const struct cops_popped *)(const void *)at;
  const unsigned char *bytes = at + sizeof message;
  *problem = NULL;
  popped->is_read = true;
  if (message.kind == CSHM_BYTES)
    lua_pushlstring(L, (const char *)bytes, message.length);
  else if (message.kind == CSHM_VALUE)
    *problem = luashm_push_message(L, bytes, message.length);
  else
    *problem = "it is of a kind that this version does not know";
  popped->is_read = false;
  popped->at += (sizeof message + message.length + 7) & ~(uint64_t)7;
  popped->left--;
  if (luashm_handle(object)->block != popped) { /* it was closed meanwhile */
    void *context;
    lua_Alloc allocate = lua_getallocf(L, &context);
    allocate(context, popped, sizeof *popped + popped->capacity, 0);
  }
}

bool luashm_push_popped(lua_State *L, struct luashm_object object) {
  const char *problem;
  push_next(L, object, &problem);
  if (problem)
    refuse(L, problem);
  return !problem;
}

bool luashm_list_popped(lua_State *L, lua_Integer most) {
  struct luashm_object object = luashm_object_at(L, 1);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 4);
  for (; count < most; count++) {
    struct luashm_popped *popped = luashm_popped_by(luashm_handle(object));
    if (!popped || popped->left == 0)
      break;
    const uint64_t at = popped->at;
    const char *problem;
    push_next(L, object, &problem);
    if (problem && count == 0) {
      refuse(L, problem);
      return false;
    }
    if (problem) { /* it is the next call's, unless it was closed meanwhile */
      if (luashm_popped_by(luashm_handle(object)) == popped) {
        popped->at = at;
        popped->left++;
      }
      break;
    }
    lua_rawseti(L, 4, count + 1);
  }
  return true;
}
