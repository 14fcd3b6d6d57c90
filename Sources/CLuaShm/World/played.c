/* The played world: performs as the real one does, and before and after each
   operation of an actor's it looks whether a fault is due. */
#include "played.h"

#include "turns.h"

#include "../Plays/log.h"
#include "../module.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct luashm_part *own_part(void) {
  return &luashm_acting.play->parts[luashm_acting.part];
}

static void look_for(bool after, uint64_t count) {
  for (int i = 0; i < luashm_acting.stops; i++) {
    const struct luashm_stop *stop = &luashm_acting.stop[i];
    if (stop->count == count && stop->is_after == after)
      luashm_stand(stop->fault);
  }
}

/* ---- refusing ---- */

static const char *refusal_of(void) {
  if (luashm_acting.generation != cshm_generation())
    return "the process was forked from an actor's; declare it as an actor of "
           "its own";
  switch (luashm_acting.rule) {
  case LUASHM_DECLARES:
    return "the top level only declares, and every process runs it; put this "
           "into setup or an actor";
  case LUASHM_WATCHES:
    return "always only reads; put this into an actor or finally";
  default:
    return NULL;
  }
}

static struct luashm_bytes text_of(const char *text) {
  return (struct luashm_bytes){text, strlen(text)};
}

/* A name of the machine's, where the play has no /dev/shm of its own. */
static bool is_of_machine(const struct luashm_operation *operation) {
  bool names = operation->op == LUASHM_OP_CREATE ||
               operation->op == LUASHM_OP_OPEN ||
               operation->op == LUASHM_OP_UNLINK;
  return luashm_acting.play->is_shared && names && operation->text.length > 0 &&
         operation->text.data[0] == '/';
}

static bool is_machines(struct luashm_operation *operation) {
  static const char why[] = "a POSIX name is the machine's, as no /dev/shm of "
                            "the play's own can be had here";
  const struct luashm_bytes fields[] = {text_of("refused"), text_of(""),
                                        text_of(why)};
  if (!is_of_machine(operation))
    return false;
  luashm_log_add(luashm_acting.play, luashm_acting.part, fields, 3);
  operation->misuse = why;
  return true;
}

static bool is_refused(struct luashm_operation *operation) {
  static char text[160];
  const char *why = refusal_of();
  bool looks = luashm_acting.rule != LUASHM_ACTS_FREELY &&
               !luashm_changes(operation);
  if (!why || looks)
    return false;
  snprintf(text, sizeof text, "%s: %s", luashm_verb(operation), why);
  operation->misuse = text;
  return true;
}

/* ---- counting ---- */

static void note_place(struct luashm_part *part,
                       const struct luashm_operation *operation) {
  struct luashm_call call = {.state = operation->state};
  luashm_where(&call, part->place, sizeof part->place);
  part->inside = 1u + operation->op;
}

/* xorshift: Marsaglia, Xorshift RNGs, 2003. */
static uint64_t next_random(void) {
  luashm_acting.random ^= luashm_acting.random << 13;
  luashm_acting.random ^= luashm_acting.random >> 7;
  luashm_acting.random ^= luashm_acting.random << 17;
  return luashm_acting.random;
}

static void nap(void) {
  if (luashm_acting.delay <= 0)
    return;
  uint64_t part = next_random() % (uint64_t)luashm_acting.delay;
  struct timespec pause = {(time_t)(part / 1000000000),
                           (long)(part % 1000000000)};
  nanosleep(&pause, NULL);
}

/* What a picture shows of it: what was called, where, on what, since when, and
   whether it came about. */
static void trace(const struct luashm_operation *operation,
                  const struct luashm_telling *telling, int64_t begin) {
  char begun[24], at[24];
  /* The rest of the log is for what counts. */
  if (own_part()->told > LUASHM_LOG_OF_TRACE) {
    own_part()->untraced++;
    return;
  }
  struct luashm_bytes name = telling->call.name;
  snprintf(begun, sizeof begun, "%lld", (long long)begin);
  snprintf(at, sizeof at, "%llu", (unsigned long long)operation->at);
  const struct luashm_bytes fields[] = {
      text_of("operation"),
      text_of(own_part()->place),
      text_of(luashm_verb(operation)),
      name.data ? name : text_of(""),
      text_of(at),
      text_of(begun),
      text_of(operation->answer == LUASHM_ANSWER_DONE ? "done" : "no")};
  luashm_log_add(luashm_acting.play, luashm_acting.part, fields, 7);
}

static void perform_traced(struct luashm_operation *operation) {
  struct luashm_telling telling;
  int64_t begin = cshm_now();
  luashm_tell_before(&telling, operation);
  luashm_perform_real(operation);
  trace(operation, &telling, begin);
}

static void perform_counted(struct luashm_operation *operation) {
  struct luashm_part *part = own_part();
  uint64_t count = part->operations + 1;
  fflush(stdout);
  note_place(part, operation);
  nap();
  if (count == part->kill_before)
    luashm_stand(LUASHM_STANDS_FOR_SWEEP);
  look_for(false, count);
  cshm_store64(&part->operations, count);
  if (luashm_acting.play->traces)
    perform_traced(operation);
  else
    luashm_perform_real(operation);
  part->inside = 0;
  look_for(true, count);
}

static void perform_in_replay(struct luashm_operation *operation) {
  if (luashm_goes_by_turns() && luashm_is_step(operation)) {
    fflush(stdout);
    note_place(own_part(), operation);
    own_part()->operations++;
  }
  luashm_perform_in_replay(operation);
  own_part()->inside = 0;
}

/* Of the reading it is told whether the top level did anything. */
static bool is_reading(void) {
  return luashm_acting.play && luashm_acting.play->reads;
}

static void perform(void *context, struct luashm_operation *operation) {
  (void)context;
  if (luashm_acting.play && (is_refused(operation) || is_machines(operation)))
    return;
  if (luashm_acting.play && luashm_turns(luashm_acting.play)->goes_by_turns) {
    perform_in_replay(operation);
    return;
  }
  if (luashm_acting.play && own_part()->phase == LUASHM_ACTS &&
      luashm_is_told(operation))
    perform_counted(operation);
  else {
    if (is_reading())
      own_part()->operations++;
    luashm_perform_real(operation);
  }
}

struct luashm_world *luashm_played_world(void) {
  static struct luashm_world world = {NULL, luashm_goes_by_turns, perform};
  return &world;
}
