/* What was popped from a ring, until it is a Lua value. */
#include "ring.h"

#include "../Messages/messages.h"

#include <stdio.h>

static void discard(lua_State *L, struct luashm_popped *popped) {
  void *context;
  lua_Alloc allocate = lua_getallocf(L, &context);
  allocate(context, popped, sizeof *popped + popped->capacity, 0);
}

static void resize(lua_State *L, struct luashm_handle *handle,
                   size_t capacity) {
  void *context;
  lua_Alloc allocate = lua_getallocf(L, &context);
  struct luashm_popped *popped = handle->block;
  size_t size = sizeof *popped + capacity;
  struct luashm_popped *resized =
      allocate(context, popped, handle->block_size, size);
  if (!resized)
    luaL_error(L, "not enough memory for a message of %I bytes",
               (lua_Integer)capacity);
  handle->block = resized;
  handle->block_size = size;
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

bool luashm_is_nested(lua_State *L, const lua_CFunction *readers) {
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
    if (luashm_is_nested(L, readers))
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

uint32_t luashm_give_popped(lua_State *L, struct luashm_handle *handle,
                            const lua_CFunction *readers) {
  struct named *named = lua_touserdata(L, 1);
  struct luashm_popped *popped =
      named->orphan ? named->orphan : luashm_popped_by(handle);
  bool is_needed = popped && popped->is_read && luashm_is_nested(L, readers);
  uint32_t lost = !popped || is_needed || popped->is_taken ? 0 : popped->left;
  named->orphan = is_needed ? popped : NULL;
  if (handle->block)
    handle->block = NULL;
  if (popped && !is_needed)
    discard(L, popped);
  return lost;
}

/* Pushes nil, why the bytes are no value, 13. `place`: more about where. */
static int refuse(lua_State *L, const char *word, const char *problem,
                  const char *place) {
  struct luashm_failure failure = {.code = 13};
  snprintf(failure.message, sizeof failure.message,
           "%s %s: ERROR_INVALID_DATA (13): not a value: %s%s", word,
           luashm_shown_name(L, 1), problem, place);
  lua_pop(L, 1);
  return luashm_refuse(L, &failure);
}

int luashm_refuse_popped(lua_State *L, const char *word, const char *problem) {
  return refuse(L, word, problem, "");
}

static inline const struct cops_popped *message_at(
    const struct luashm_popped *popped, uint64_t at) {
  return (const struct cops_popped *)(const void *)(popped->bytes + at);
}

static inline uint64_t behind(uint64_t at, const struct cops_popped *message) {
  return at + ((sizeof *message + message->length + 7) & ~(uint64_t)7);
}

/* Pushes the message's value; or pushes nothing, and returns why it is none. */
static inline __attribute__((always_inline)) const char *
push_value(lua_State *L, const struct cops_popped *message) {
  const unsigned char *bytes = (const unsigned char *)(message + 1);
  if (message->kind == CSHM_VALUE)
    return luashm_push_message(L, bytes, message->length);
  if (message->kind != CSHM_BYTES)
    return "it is of a kind that this version does not know";
  lua_pushlstring(L, (const char *)bytes, message->length);
  return NULL;
}

/* So many messages of the object at stack index 1 are values, or none; what is
   held goes on at `at`. */
static inline void have_read(lua_State *L, struct luashm_popped *popped,
                             uint64_t at, uint32_t count) {
  popped->is_read = false;
  popped->at = at;
  popped->left -= count;
  struct named *named = lua_touserdata(L, 1);
  if (__builtin_expect(named->orphan != NULL, 0) && popped->left == 0) {
    named->orphan = NULL; /* it was closed meanwhile */
    discard(L, popped);
  }
}

bool luashm_push_popped(lua_State *L, struct luashm_object object,
                        const char *word) {
  struct luashm_popped *popped = luashm_popped_by(luashm_handle(object));
  const struct cops_popped *message = message_at(popped, popped->at);
  uint64_t next = behind(popped->at, message);
  popped->is_read = true;
  const char *problem = push_value(L, message);
  have_read(L, popped, next, 1);
  if (problem)
    refuse(L, word, problem, "");
  return !problem;
}

/* A message, and why it is no value. */
struct becoming {
  const struct cops_popped *message;
  const char *problem;
};

static int become_value(lua_State *L) {
  struct becoming *becoming = lua_touserdata(L, 1);
  becoming->problem = push_value(L, becoming->message);
  return becoming->problem ? 0 : 1;
}

int luashm_call_push_taken(lua_State *L, struct luashm_object object,
                           const char **problem) {
  struct luashm_popped *popped = luashm_popped_by(luashm_handle(object));
  struct becoming becoming = {message_at(popped, popped->at), NULL};
  uint64_t next = behind(popped->at, becoming.message);
  popped->is_read = true;
  lua_pushcfunction(L, become_value);
  lua_pushlightuserdata(L, &becoming);
  int status = lua_pcall(L, 1, 1, 0);
  have_read(L, popped, next, 1);
  *problem = becoming.problem;
  return status;
}

void luashm_list_popped(lua_State *L, struct luashm_listing *listing) {
  struct luashm_object object = luashm_object_at(L, 1);
  struct luashm_popped *popped = luashm_popped_by(luashm_handle(object));
  struct luashm_listing so_far = *listing;
  lua_Integer count = (lua_Integer)lua_rawlen(L, 4);
  uint64_t at = popped->at;
  uint32_t read = 0;
  popped->is_read = true;
  for (; read < popped->left && count < listing->most; read++) {
    const struct cops_popped *message = message_at(popped, at);
    const char *problem = push_value(L, message);
    so_far.met++;
    at = behind(at, message);
    if (!problem)
      lua_rawseti(L, 4, ++count);
    else if (so_far.bad++ == 0) {
      so_far.first = so_far.met;
      so_far.problem = problem;
    }
  }
  have_read(L, popped, at, read);
  *listing = so_far;
}

int luashm_listed(lua_State *L, const struct luashm_listing *listing,
                  const char *word) {
  char place[80] = "";
  if (listing->bad == 0)
    return 1;
  if (listing->bad == 1)
    snprintf(place, sizeof place, " (message %lld of %lld)",
             (long long)listing->first, (long long)listing->met);
  else
    snprintf(place, sizeof place, " (message %lld of %lld, and %lld more)",
             (long long)listing->first, (long long)listing->met,
             (long long)listing->bad - 1);
  bool is_empty = listing->bad == listing->met;
  int results = refuse(L, word, listing->problem, place);
  if (!is_empty) {
    lua_pushvalue(L, -results - 1);
    lua_replace(L, -results - 1);
  }
  return results;
}
