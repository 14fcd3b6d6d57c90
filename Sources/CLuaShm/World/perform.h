/* The one way to shared memory, names and waits, for the bindings. */
#ifndef LUASHM_PERFORM_H
#define LUASHM_PERFORM_H

#include "../types.h"

/* What unpack may meet in the memory. */
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

/* The same of a function that is none of the module's, and has no host. */
enum luashm_answer luashm_ask_host(lua_State *, struct luashm_host *,
                                   struct luashm_operation *);

/* The same of what needs descriptors or memory: where these ran out, perhaps
   because handles that nobody can reach any more wait for the collector, it
   collects and asks once more. */
enum luashm_answer luashm_ask_again(lua_State *, struct luashm_operation *);

/* As luashm_ask, and raises for what was refused, is closed or gone. */
enum luashm_answer luashm_perform(lua_State *, struct luashm_operation *);

/* What the function returns for such an answer: of what was refused nil,
   message, code; of what was interrupted as luashm_stop; or it raises. */
int luashm_answered(lua_State *, const struct luashm_operation *);

/* real-views.c: those on the bytes of a view that is open; real-bytes.c: those
   on many of them; real-records.c: those of records; real-named.c: those of
   what can be waited for, and of its names. */
void luashm_perform_view(struct luashm_operation *, struct luashm_handle *);
void luashm_perform_bytes(struct luashm_operation *, struct luashm_handle *);
void luashm_perform_record(struct luashm_operation *, struct luashm_handle *);
void luashm_perform_named(struct luashm_operation *);

static inline bool
luashm_is_of_named(const struct luashm_operation *operation) {
  return operation->op >= LUASHM_OP_CREATE_NAMED;
}

/* Has the world another one perform it; NULL: the real one. */
static inline void luashm_pass_on(struct luashm_world *world,
                                  struct luashm_operation *operation) {
  if (world)
    world->perform(world->context, operation);
  else
    luashm_perform_real(operation);
}

/* telling.c: the operation as the script's call, before and after. The call's
   texts are the operation's, or in here. */
struct luashm_telling {
  struct luashm_call call;
  bool holds;      /* as the listener is told */
  char number[96]; /* a float, the begin of a dump, an index */
  char value[256]; /* of a record's field: a float, or a text's begin */
};

void luashm_tell_before(struct luashm_telling *,
                        const struct luashm_operation *);
void luashm_tell_after(struct luashm_telling *,
                       const struct luashm_operation *);

/* telling-named.c: of what can be waited for. */
void luashm_tell_named(struct luashm_telling *,
                       const struct luashm_operation *);
void luashm_tell_named_after(struct luashm_telling *,
                             const struct luashm_operation *);

/* telling-records.c: of records' operations. */
void luashm_tell_record(struct luashm_telling *,
                        const struct luashm_operation *);
void luashm_tell_record_after(struct luashm_telling *,
                              const struct luashm_operation *);

static inline bool
luashm_is_of_record(const struct luashm_operation *operation) {
  return operation->op >= LUASHM_OP_FIELD_LOAD &&
         operation->op <= LUASHM_OP_RECORD_WRITE;
}

/* What a listener is told that it is; of an operation of a kind's own that
   says so. */
enum luashm_kind luashm_told_as(const struct luashm_operation *);

/* Whether the listener is told of it. */
bool luashm_is_told(const struct luashm_operation *);

#endif
