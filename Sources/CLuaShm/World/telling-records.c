/* What a listener is told about the records of layouts. */
#include "perform.h"

#include "../Layouts/record.h"

#include <inttypes.h>
#include <stdio.h>

/* Stack index of the value that a script assigns. */
enum { VALUE = 3 };

/* Tells the field's name, or "[3]". */
static void tell_field(struct luashm_telling *telling,
                       const struct luashm_operation *operation) {
  const struct luashm_member *member = operation->member;
  const struct cshm_field *field = member->field;
  if (field) {
    telling->call.data =
        (struct luashm_bytes){operation->record->image->names + field->name,
                              field->name_length};
    return;
  }
  uint64_t size = member->type->size ? member->type->size : 1;
  int length = snprintf(telling->number, sizeof telling->number,
                        "[%" PRIu64 "]", member->offset / size);
  telling->call.data = (struct luashm_bytes){telling->number, (size_t)length};
}

/* Tells a float's value, which is on the stack. */
static void tell_float(struct luashm_telling *telling, lua_State *L,
                       int index) {
  int length = snprintf(telling->value, sizeof telling->value, LUA_NUMBER_FMT,
                        lua_tonumber(L, index));
  telling->call.value = (struct luashm_bytes){telling->value, (size_t)length};
}

static void tell_stored(struct luashm_telling *telling,
                        const struct luashm_operation *operation) {
  struct luashm_call *call = &telling->call;
  call->arguments[0] = operation->a;
  call->argument_count = luashm_is_integer(operation->member);
  if (operation->member->type->kind == CSHM_FLOATING)
    tell_float(telling, operation->state, VALUE);
}

static void tell_written(struct luashm_telling *telling, lua_State *L) {
  if (lua_type(L, VALUE) != LUA_TSTRING)
    return;
  struct luashm_bytes *text = &telling->call.value;
  text->data = lua_tolstring(L, VALUE, &text->length);
  telling->call.is_text = true;
}

void luashm_tell_record(struct luashm_telling *telling,
                        const struct luashm_operation *operation) {
  if (operation->member)
    tell_field(telling, operation);
  if (operation->op == LUASHM_OP_FIELD_STORE)
    tell_stored(telling, operation);
  if (operation->op == LUASHM_OP_FIELD_WRITE)
    tell_written(telling, operation->state);
}

static void tell_loaded(struct luashm_telling *telling,
                        const struct luashm_operation *operation) {
  const struct luashm_member *member = operation->member;
  lua_State *L = operation->state;
  uint64_t raw = (uint64_t)operation->result;
  luashm_push_scalar(L, member->type, raw, member->bit_width);
  telling->call.result =
      lua_isinteger(L, -1) ? lua_tointeger(L, -1) : raw != 0;
  if (member->type->kind == CSHM_FLOATING)
    tell_float(telling, L, -1);
  lua_pop(L, 1);
}

/* Tells a text, or the bytes of a type without a value in Lua. A text in UTF-16
   or UTF-32 is decoded only as far as it is shown. */
static void tell_bytes(struct luashm_telling *telling,
                       const struct luashm_operation *operation) {
  enum { SHOWN = sizeof telling->value / 4 };
  const struct cshm_type *type = operation->member->type;
  size_t unit = type->kind == CSHM_OPAQUE
                    ? 0
                    : luashm_element(operation->record->image, type)->size;
  struct luashm_bytes value = {(const char *)operation->bytes,
                               (size_t)operation->length};
  if (unit > 0)
    value.length =
        cops_text_units(operation->bytes, value.length / unit, unit);
  if (unit > 1) {
    size_t units = value.length < SHOWN ? value.length : SHOWN;
    value.length =
        cops_decode(telling->value, operation->bytes, units, unit);
    value.data = telling->value;
  }
  telling->call.value = value;
  telling->call.is_text = true;
}

void luashm_tell_record_after(struct luashm_telling *telling,
                              const struct luashm_operation *operation) {
  telling->holds = operation->op == LUASHM_OP_FIELD_LOAD &&
                   luashm_is_integer(operation->member);
  if (operation->op == LUASHM_OP_FIELD_LOAD)
    tell_loaded(telling, operation);
  if (operation->op == LUASHM_OP_FIELD_READ &&
      operation->answer == LUASHM_ANSWER_DONE)
    tell_bytes(telling, operation);
}
