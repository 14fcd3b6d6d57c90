/* An operation as the script's call, for a listener. Neither raises nor
   allocates; it looks at the arguments, which are still on the stack. */
#include "perform.h"

#include "../Views/dump.h"
#include "../Views/numbers.h"
#include "../module.h"

#include <stdio.h>

static const uint8_t kinds[] = {
#define OPERATION(id, verb, kind, waits) LUASHM_##kind,
#include "operations.def"
#undef OPERATION
};

enum luashm_kind luashm_told_as(const struct luashm_operation *operation) {
  if (operation->op == LUASHM_OP_ACT_ON_NAMED)
    return luashm_waitable(operation->waitable)->acts[operation->act].told;
  return (enum luashm_kind)kinds[operation->op];
}

bool luashm_changes(const struct luashm_operation *operation) {
  switch (luashm_told_as(operation)) {
  case LUASHM_WRITE:
  case LUASHM_STORE:
  case LUASHM_ATOMIC:
  case LUASHM_WAIT:
  case LUASHM_SLEEP:
  case LUASHM_WAKE:
  case LUASHM_RELEASE:
  case LUASHM_UNLINK:
  case LUASHM_OFFER:
    return true;
  case LUASHM_ACQUIRE: /* but for a look at what was published last */
    return operation->op != LUASHM_OP_RING_POP ||
           operation->ring->act != LUASHM_RING_NEWEST;
  default:
    return operation->op == LUASHM_OP_DRAFT;
  }
}

bool luashm_is_told(const struct luashm_operation *operation) {
  return luashm_told_as(operation) != LUASHM_UNTOLD;
}

bool luashm_is_step(const struct luashm_operation *operation) {
  return luashm_is_told(operation) ||
         operation->op == LUASHM_OP_NAMED_STATE;
}

static bool is_cell(const struct luashm_operation *operation) {
  return operation->op >= LUASHM_OP_CELL_LOAD &&
         operation->op <= LUASHM_OP_CELL_WAKE;
}

/* A copy into a draft, which is private, counts as a load from its source. */
static bool is_from_source(const struct luashm_operation *operation) {
  return operation->op == LUASHM_OP_COPY &&
         !luashm_handle(operation->object)->world;
}

static void tell_float(struct luashm_telling *telling, lua_Number number) {
  int length = snprintf(telling->number, sizeof telling->number,
                        LUA_NUMBER_FMT, number);
  telling->call.data = (struct luashm_bytes){telling->number, (size_t)length};
}

/* ---- the arguments ---- */

/* Tells an argument that the script gave: an integer, a float or the text. */
static void tell_argument(lua_State *L, struct luashm_telling *telling,
                          int index) {
  struct luashm_call *call = &telling->call;
  if (lua_isinteger(L, index)) {
    if (call->is_cut || call->argument_count == LUASHM_ARGUMENTS)
      call->is_cut = true;
    else
      call->arguments[call->argument_count++] = lua_tointeger(L, index);
  } else if (call->data.data)
    call->is_cut = true;
  else if (lua_type(L, index) == LUA_TNUMBER)
    tell_float(telling, lua_tonumber(L, index));
  else if (lua_type(L, index) == LUA_TSTRING)
    call->data.data = lua_tolstring(L, index, &call->data.length);
}

static void tell_all(lua_State *L, struct luashm_telling *telling) {
  for (int index = 2; index <= lua_gettop(L); index++)
    tell_argument(L, telling, index);
}

static void tell_integers(struct luashm_call *call, int count, int64_t first,
                          int64_t second) {
  call->arguments[0] = first;
  call->arguments[1] = second;
  call->argument_count = count;
}

static void tell_cell(struct luashm_call *call,
                      const struct luashm_operation *operation) {
  switch (operation->op) {
  case LUASHM_OP_CELL_LOAD:
    return;
  case LUASHM_OP_CELL_CAS:
    tell_integers(call, 2, lua_tointeger(operation->state, 2),
                  lua_tointeger(operation->state, 3));
    return;
  case LUASHM_OP_CELL_WAKE: /* the number may be missing */
    tell_integers(call, 1, operation->a, 0);
    return;
  default:
    tell_integers(call, 1, lua_tointeger(operation->state, 2), 0);
  }
}

static void tell_arguments(struct luashm_telling *telling,
                           const struct luashm_operation *operation) {
  if (luashm_is_of_record(operation)) {
    luashm_tell_record(telling, operation);
    return;
  }
  if (luashm_is_of_named(operation)) {
    luashm_tell_named(telling, operation);
    return;
  }
  switch (operation->op) {
  case LUASHM_OP_OFFER:
  case LUASHM_OP_SLEEP:
  case LUASHM_OP_LIST:
  case LUASHM_OP_WHO:
    return;
  case LUASHM_OP_NOW:
    telling->call.waitable = operation->waitable;
    return;
  case LUASHM_OP_OPEN_PROCESS:
    tell_integers(&telling->call, 1, operation->a, 0);
    return;
  case LUASHM_OP_SNAPSHOT:
  case LUASHM_OP_DRAFT:
  case LUASHM_OP_PUBLISH:
    tell_integers(&telling->call, 2, (int64_t)operation->at,
                  (int64_t)operation->length);
    return;
  default:
    if (is_cell(operation))
      tell_cell(&telling->call, operation);
    else if (telling->call.kind >= LUASHM_LOAD)
      tell_all(operation->state, telling);
  }
}

/* ---- before ---- */

static struct luashm_bytes name_of(const struct luashm_operation *operation) {
  if (operation->object.index == 0 || operation->op == LUASHM_OP_OFFER)
    return operation->text;
  return luashm_name_of(operation->state, is_from_source(operation)
                                              ? 3
                                              : operation->subject);
}

static struct luashm_bytes bytes_of(const struct luashm_operation *operation) {
  return (struct luashm_bytes){(const char *)operation->bytes,
                               (size_t)operation->length};
}

static bool is_written_as_it_is(const struct luashm_operation *operation) {
  return operation->op == LUASHM_OP_WRITE ||
         operation->op == LUASHM_OP_PUBLISH ||
         operation->op == LUASHM_OP_MESSAGE_BOX;
}

static bool may_time_out(const struct luashm_operation *operation) {
  return operation->op == LUASHM_OP_CELL_WAIT ||
         operation->op == LUASHM_OP_SNAPSHOT ||
         operation->op == LUASHM_OP_SLEEP;
}

void luashm_tell_before(struct luashm_telling *telling,
                        const struct luashm_operation *operation) {
  bool swapped = is_from_source(operation);
  struct luashm_object object = swapped ? operation->source : operation->object;
  enum luashm_kind kind = swapped ? LUASHM_LOAD : luashm_told_as(operation);
  telling->call = (struct luashm_call){
      .kind = kind,
      .name = name_of(operation),
      .key = luashm_handle(object)->key,
      .offset = swapped ? (uint64_t)operation->a : operation->at,
      .length = operation->length,
      .options = operation->options,
      .state = operation->state,
      .verb = kind >= LUASHM_LOAD ? luashm_verb(operation) : NULL,
      .timeout = may_time_out(operation) ? operation->seconds : -1};
  if (is_written_as_it_is(operation))
    telling->call.data = bytes_of(operation);
  tell_arguments(telling, operation);
}

/* ---- after ---- */

static void tell_number(struct luashm_telling *telling,
                        const struct luashm_operation *operation) {
  uint64_t bits = (uint64_t)operation->result;
  const struct luashm_number number = luashm_numbers[operation->type];
  telling->call.result = 0;
  if (number.form == NUMBER_FLOATING)
    tell_float(telling, luashm_floating_of(bits, number));
  else
    telling->call.result = luashm_integer_of(bits, number);
}

/* The time; of a kind that asked for it, how long ago it was by then. */
static void tell_time(struct luashm_telling *telling,
                      const struct luashm_operation *operation) {
  int64_t since = operation->a, now = operation->result;
  if (operation->waitable && since == 0)
    telling->call.data = (struct luashm_bytes){"nil", 3};
  else
    tell_float(telling, now > since ? (lua_Number)(now - since) / 1e9 : 0);
}

/* Tells as much of the dump as is shown: its first row. */
static void tell_dump(struct luashm_telling *telling,
                      const struct luashm_operation *operation) {
  struct luashm_dump dump = {.to = telling->number};
  size_t length = (size_t)operation->length;
  size_t count = length < LUASHM_ROW ? length : LUASHM_ROW;
  luashm_dump_rows(&dump, operation->bytes, count, (size_t)operation->at);
  if (length == 0)
    luashm_dump_end(&dump, (size_t)operation->at);
  telling->call.result = dump.to - telling->number;
  telling->call.data = (struct luashm_bytes){telling->number,
                                             (size_t)telling->call.result};
}

static void tell_loaded(struct luashm_telling *telling,
                        const struct luashm_operation *operation) {
  struct luashm_call *call = &telling->call;
  switch (operation->op) {
  case LUASHM_OP_LOAD:
    tell_number(telling, operation);
    return;
  case LUASHM_OP_HEX:
    tell_dump(telling, operation);
    return;
  case LUASHM_OP_READ_TEXT:
  case LUASHM_OP_LOAD_TEXT:
    call->data = (struct luashm_bytes){(const char *)operation->bytes,
                                       (size_t)operation->result};
    return;
  case LUASHM_OP_UNPACK:
  case LUASHM_OP_LOAD_NUMBERS:
  case LUASHM_OP_STORE_NUMBERS:
    call->data = (struct luashm_bytes){NULL, 0};
    return;
  case LUASHM_OP_NOW:
    tell_time(telling, operation);
    return;
  case LUASHM_OP_READ:
  case LUASHM_OP_DRAFT:
  case LUASHM_OP_SNAPSHOT:
    call->data = bytes_of(operation);
  }
}

/* Is this an operation that is told without an outcome? */
static bool has_no_outcome(const struct luashm_operation *operation) {
  return operation->op == LUASHM_OP_UNLINK ||
         operation->op == LUASHM_OP_MESSAGE_BOX ||
         operation->op == LUASHM_OP_OFFER;
}

void luashm_tell_after(struct luashm_telling *telling,
                       const struct luashm_operation *operation) {
  struct luashm_call *call = &telling->call;
  telling->holds = operation->holds && !has_no_outcome(operation);
  if (luashm_is_of_record(operation)) {
    luashm_tell_record_after(telling, operation);
    return;
  }
  if (luashm_is_of_named(operation)) {
    luashm_tell_named_after(telling, operation);
    return;
  }
  if (call->kind != LUASHM_STORE || is_cell(operation) ||
      operation->op == LUASHM_OP_PACK)
    call->result = operation->result;
  if (!is_from_source(operation))
    call->length = operation->length;
  tell_loaded(telling, operation);
}
