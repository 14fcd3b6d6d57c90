/* The only way for bindings to shared memory, names and waits. */
#ifndef LUASHM_PERFORM_H
#define LUASHM_PERFORM_H

#include "../types.h"

/* What unpack may find in memory. */
enum luashm_problem {
  PROBLEM_NONE,
  PROBLEM_GONE,     /* its memory was lost */
  PROBLEM_PAST_END, /* it needs `length` bytes at `at` */
  PROBLEM_NO_END,   /* a text without a NUL at `at` */
  PROBLEM_TOO_WIDE  /* an integer of `length` bytes at `at` */
};

/* Performs the operation in the world of its object, or of the host where it
   has none. Raises only what a world says is misuse. */
enum luashm_answer luashm_ask(lua_State *, struct luashm_operation *);

/* The same for a function outside of the module, which has no host. */
enum luashm_answer luashm_ask_host(lua_State *, struct luashm_host *,
                                   struct luashm_operation *);

/* The same for operations that need descriptors or memory. If these ran out,
   perhaps because unreachable handles wait for the collector, it collects and
   asks once more. */
enum luashm_answer luashm_ask_again(lua_State *, struct luashm_operation *);

/* Like luashm_ask, but raises if the operation was refused or its object is
   closed or gone. */
enum luashm_answer luashm_perform(lua_State *, struct luashm_operation *);

/* What a function returns for an answer other than DONE: nil, message, code if
   it was refused; as luashm_stop if it was interrupted; or it raises. */
int luashm_answered(lua_State *, const struct luashm_operation *);

/* Operations on the bytes of an open view (real-views.c), on many of them
   (real-bytes.c), on records (real-records.c), and on named objects that can be
   waited for (real-named.c). */
void luashm_perform_view(struct luashm_operation *, struct luashm_handle *);
void luashm_perform_bytes(struct luashm_operation *, struct luashm_handle *);
void luashm_perform_record(struct luashm_operation *, struct luashm_handle *);
void luashm_perform_named(struct luashm_operation *);

static inline bool
luashm_is_of_named(const struct luashm_operation *operation) {
  return operation->op >= LUASHM_OP_CREATE_NAMED;
}

/* Lets another world perform the operation; NULL: the real one. */
static inline void luashm_pass_on(struct luashm_world *world,
                                  struct luashm_operation *operation) {
  if (world)
    world->perform(world->context, operation);
  else
    luashm_perform_real(operation);
}

/* telling.c: the operation as the script's call, before and after it. The
   call's texts belong to the operation, or are in here. */
struct luashm_telling {
  struct luashm_call call;
  bool holds;      /* for the listener */
  char number[96]; /* a float, a dump's first row, an index */
  char value[256]; /* of a field: a float, or a text's start */
};

void luashm_tell_before(struct luashm_telling *,
                        const struct luashm_operation *);
void luashm_tell_after(struct luashm_telling *,
                       const struct luashm_operation *);

/* telling-named.c: for named objects that can be waited for. */
void luashm_tell_named(struct luashm_telling *,
                       const struct luashm_operation *);
void luashm_tell_named_after(struct luashm_telling *,
                             const struct luashm_operation *);

/* telling-records.c: for records. */
void luashm_tell_record(struct luashm_telling *,
                        const struct luashm_operation *);
void luashm_tell_record_after(struct luashm_telling *,
                              const struct luashm_operation *);

static inline bool
luashm_is_of_view(const struct luashm_operation *operation) {
  return operation->op >= LUASHM_OP_WRITE &&
         operation->op < LUASHM_OP_CREATE_NAMED;
}

static inline bool
luashm_is_of_record(const struct luashm_operation *operation) {
  return operation->op >= LUASHM_OP_FIELD_LOAD &&
         operation->op <= LUASHM_OP_RECORD_WRITE;
}

/* What a listener is told that it is; of an operation of a kind's own that
   says so. */
enum luashm_kind luashm_told_as(const struct luashm_operation *);

/* Whether it changes anything, or waits: the top level, and what always holds,
   only look. An update is refused before its function runs. */
bool luashm_changes(const struct luashm_operation *);

/* Whether the listener is told of it. */
bool luashm_is_told(const struct luashm_operation *);

/* Whether it is a step of a schedule: all that is told, and the look at an
   object's state that tostring takes. */
bool luashm_is_step(const struct luashm_operation *);

#endif
