/*
 * What the files of all kinds with a ring share: operations that may wait, and
 * what was popped.
 */
#ifndef LUASHM_RING_H
#define LUASHM_RING_H

#include "outgoing.h"
#include "waitable.h"

/* ---- ring.c ---- */

/* Asks for an operation on the ring of the object at stack index 1, whose
   `call` is filled in but for its word; `act`: which of its kind's operations
   it is; `timeout`: the stack index of the timeout, 0: does not wait. What it
   moved is in the call. */
struct luashm_ring_asking {
  struct luashm_operation operation;
  struct luashm_failure failure;
  struct luashm_waiting waiting;
  struct luashm_ring_call call;
};

/* Where a world goes by steps, so does this: the handle becomes a producer or a
   consumer, and each message of a batch goes, in a step of its own. */
enum luashm_answer luashm_ask_ring(lua_State *L, struct luashm_ring_asking *,
                                   enum luashm_op op, uint32_t kind, int act,
                                   int timeout);

bool luashm_ring_goes_by_steps(const struct luashm_handle *);

/* What its binding returns then, if it moved nothing. */
int luashm_ring_answered(lua_State *L, const struct luashm_operation *);

/* object:messages([timeout]) -> iterator, object. Upvalues 1 to 3 of the caller
   become those of `next`, whose fourth is the timeout. */
int luashm_push_messages(lua_State *L, lua_CFunction next);

/* What such an iterator returns for the `results` at the top, which are no
   message: nil at the end (109) and when the time is over; raises the rest. */
int luashm_end_messages(lua_State *L, int results);

/* ---- ring-popped.c: out of the ring ---- */

/* Private memory of a handle: what was popped and is not handed out yet. While
   its bytes become a value, which may raise for want of memory, the message
   stays here and is the next one; a job's goes back to the queue. */
struct luashm_popped {
  size_t capacity;
  uint64_t at;   /* of the next message */
  uint32_t left; /* messages */
  bool is_read;  /* one becomes a value, or became none */
  bool is_taken; /* it is a job's, which gives it back */
  _Alignas(8) unsigned char bytes[];
};

enum { LUASHM_FIRST_ROOM = 4096 - sizeof(struct luashm_popped) };

static inline struct luashm_popped *
luashm_popped_by(const struct luashm_handle *handle) {
  return handle->block;
}

/* The messages that are to be popped from it: a pop before ran out of memory
   while it made their values. */
static inline uint32_t luashm_popped_left(const struct luashm_handle *handle) {
  const struct luashm_popped *popped = luashm_popped_by(handle);
  return popped && !popped->is_taken ? popped->left : 0;
}

/* Slowly: it grows, or somebody reads it, or ran out of memory. `readers`: the
   functions that read it, NULL at the end. */
struct luashm_popped *luashm_prepare_again(lua_State *L, struct luashm_handle *,
                                           size_t capacity,
                                           const lua_CFunction *readers);

/* The handle's private memory, with at least so many bytes. Raises in a
   finalizer that runs while the object at stack index 1 is read. */
static inline struct luashm_popped *
luashm_prepare(lua_State *L, struct luashm_handle *handle, size_t capacity,
               const lua_CFunction *readers) {
  struct luashm_popped *popped = luashm_popped_by(handle);
  if (__builtin_expect(popped && !popped->is_read &&
                           popped->capacity >= capacity,
                       1))
    return popped;
  return luashm_prepare_again(L, handle, capacity, readers);
}

/* Does a call of the module below this one, of one of these functions, read
   what the object at stack index 1 holds? Then this is a finalizer that ran
   meanwhile. */
bool luashm_is_nested(lua_State *L, const lua_CFunction *readers);

/* Of the handle of the object at stack index 1, which is being closed, or was:
   how many messages are lost with it. In a finalizer, while a call below reads
   it, it becomes the userdata's: that call gives it back, or raises, and then
   the userdata's end does. */
uint32_t luashm_give_popped(lua_State *L, struct luashm_handle *,
                            const lua_CFunction *readers);

/* Pushes the value of the next message; false: pushes nil, why, 13. `word` is
   the operation's, for messages: "pop". */
bool luashm_push_popped(lua_State *L, struct luashm_object, const char *word);

/* The same of a message that was taken, by a protected call: pushes the value
   and returns LUA_OK, or pushes an error and returns its status. *problem: why
   it is no value; NULL: it is one. */
int luashm_call_push_taken(lua_State *L, struct luashm_object,
                           const char **problem);

/* Pushes nil, why the bytes are no value, 13. */
int luashm_refuse_popped(lua_State *L, const char *word, const char *problem);

/* A list of messages that is being made, with up to `most` values. */
struct luashm_listing {
  lua_Integer most;
  lua_Integer met;     /* messages so far */
  lua_Integer bad;     /* of them no values, which are left out */
  lua_Integer first;   /* of those, from 1 */
  const char *problem; /* of that one; "" if there is none yet */
  bool is_cut; /* perhaps there were more than the last batch has room for */
  bool is_stopped; /* by a hook, such as Ctrl-C's */
};

/* Moves what is held to the list at stack index 4. If memory runs out in the
   midst this raises, and all of it is held still. */
void luashm_list_popped(lua_State *L, struct luashm_listing *);

/* Returns the list at the top, followed by a message and 13 if some were left
   out; nil in its place if it is empty. */
int luashm_listed(lua_State *L, const struct luashm_listing *,
                  const char *word);

#endif
