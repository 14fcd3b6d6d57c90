/* Fields and elements: where the memory of a record is read and written. */
#include "../Views/encoding.h"
#include "record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Texts up to this many bytes are copied onto the C stack. */
enum { SHORT = 512 };

/* So many characters of a text in UTF-16 or UTF-32 are decoded for a
   listener. */
enum { TOLD = 64 };

/* ---- what is wrong with the view ---- */

int luashm_record_closed(lua_State *L, int index) {
  return luaL_error(L, "attempt to use a closed view (of %s)",
                    luashm_shown_name(L, index));
}

/* luashm_lost names the object of the value at index 1. */
static int lost(lua_State *L, int index, const char *verb) {
  lua_copy(L, index, 1);
  return luashm_lost(L, verb);
}

static inline bool is_open(const struct luashm_record *record) {
  return __builtin_expect(record->view->base != NULL, 1);
}

static void check_writable(lua_State *L, const struct luashm_record *record) {
  if (!is_open(record))
    luashm_record_closed(L, 1);
  if (record->view->access == LUASHM_READ)
    luaL_error(L, "write: the view of %s is read-only",
               luashm_shown_name(L, 1));
}

static inline unsigned char *base_of(const struct luashm_record *record) {
  return record->view->base + record->offset;
}

/* ---- the gate ---- */

struct told {
  struct luashm_operation operation;
  char index[24]; /* "[3]" */
  char value[4 * TOLD];
};

/* `member`: NULL for all of the record, which is at `index` on the stack. Its
   name is the operation's data. */
static void enter(lua_State *L, struct told *told, int kind, const char *verb,
                  int index, const struct luashm_record *record,
                  const struct luashm_member *member) {
  struct luashm_operation *operation = &told->operation;
  *operation = (struct luashm_operation){.kind = kind,
                                         .name = luashm_name_of(L, index),
                                         .key = record->view->key,
                                         .offset = record->offset,
                                         .length = record->room,
                                         .state = L,
                                         .verb = verb,
                                         .timeout = -1};
  if (member) {
    operation->offset += member->offset;
    operation->length =
        luashm_member_room(record->image, member, record->room);
  }
  if (member && member->field)
    operation->data =
        (struct luashm_bytes){record->image->names + member->field->name,
                              member->field->name_length};
  else if (member) {
    uint64_t size = member->type->size ? member->type->size : 1;
    int length = snprintf(told->index, sizeof told->index, "[%" PRIu64 "]",
                          member->offset / size);
    operation->data = (struct luashm_bytes){told->index, (size_t)length};
  }
}

/* Is its value an integer, which a listener may show? */
static bool is_integer(const struct luashm_member *member) {
  return member->type->kind != CSHM_FLOATING &&
         member->type->kind < CSHM_OPAQUE;
}

/* The value of a float, which is on the stack. */
static void tell_float(lua_State *L, int index, struct told *told) {
  int length = snprintf(told->value, sizeof told->value, LUA_NUMBER_FMT,
                        lua_tonumber(L, index));
  told->operation.value = (struct luashm_bytes){told->value, (size_t)length};
}

/* A text, or the bytes of what has no value in Lua. */
static void tell_bytes(struct told *told, const struct luashm_image *image,
                       const struct cshm_type *type,
                       const unsigned char *bytes, uint64_t room) {
  size_t unit = type->kind == CSHM_OPAQUE
                    ? 0
                    : luashm_element(image, type)->size;
  struct luashm_bytes value = {(const char *)bytes, room};
  if (unit > 0)
    value.length = luashm_text_units(bytes, room / unit, unit);
  if (unit > 1) {
    size_t units = value.length < TOLD ? value.length : TOLD;
    value.length = luashm_decode(told->value, bytes, units, unit);
    value.data = told->value;
  }
  told->operation.value = value;
  told->operation.is_text = true;
}

/* ---- reading ---- */

static inline uint64_t load(const struct luashm_record *record,
                            const struct luashm_member *member) {
  const unsigned char *base = base_of(record);
  return __builtin_expect(member->bit_width == 0, 1)
             ? luashm_load_scalar(member->type, base + member->offset)
             : luashm_load_bits(base, member);
}

static __attribute__((noinline)) uint64_t
load_heard(lua_State *L, const struct luashm_record *record,
           const struct luashm_member *member) {
  struct luashm_host *host = record->view->host;
  struct told told;
  enter(L, &told, LUASHM_LOAD, "record:get", 1, record, member);
  luashm_enter(host, &told.operation);
  uint64_t raw = load(record, member);
  bool gone = cshm_lost(record->view->guard);
  luashm_push_scalar(L, member->type, raw, member->bit_width);
  told.operation.result =
      lua_isinteger(L, -1) ? lua_tointeger(L, -1) : raw != 0;
  if (member->type->kind == CSHM_FLOATING)
    tell_float(L, -1, &told);
  lua_pop(L, 1);
  luashm_leave(host, &told.operation, gone ? -1 : 0, record->view,
               is_integer(member));
  return raw;
}

static inline int get_scalar(lua_State *L, const struct luashm_record *record,
                             const struct luashm_member *member) {
  uint64_t raw = luashm_heard(record->view->host)
                     ? load_heard(L, record, member)
                     : load(record, member);
  if (__builtin_expect(cshm_lost(record->view->guard), 0))
    return lost(L, 1, "read");
  if (member->type->kind == CSHM_UNSIGNED)
    lua_pushinteger(L, (lua_Integer)raw);
  else
    luashm_push_scalar(L, member->type, raw, member->bit_width);
  return 1;
}

/* Copies a text or bytes into private memory; false: the memory is gone. */
static bool copy(lua_State *L, const struct luashm_record *record,
                 const struct luashm_member *member, unsigned char *to,
                 uint64_t room) {
  struct luashm_host *host = record->view->host;
  struct told told;
  bool listening = luashm_heard(host);
  if (listening) {
    enter(L, &told, LUASHM_LOAD, "record:get", 1, record, member);
    luashm_enter(host, &told.operation);
  }
  const unsigned char *from = base_of(record) + member->offset;
  if (cshm_reaches(record->view->guard, from, room))
    memcpy(to, from, room);
  bool gone = cshm_lost(record->view->guard);
  if (listening && !gone)
    tell_bytes(&told, record->image, member->type, to, room);
  if (listening)
    luashm_leave(host, &told.operation, gone ? -1 : 0, record->view, false);
  return !gone;
}

/* A text, or the bytes of what has no value in Lua. */
static int get_bytes(lua_State *L, const struct luashm_record *record,
                     const struct luashm_member *member) {
  unsigned char few[SHORT];
  uint64_t room = luashm_member_room(record->image, member, record->room);
  unsigned char *bytes =
      room <= SHORT ? few : lua_newuserdatauv(L, room, 0);
  if (!is_open(record)) /* a finalizer may have closed it just now */
    return luashm_record_closed(L, 1);
  if (!copy(L, record, member, bytes, room))
    return lost(L, 1, "read");
  luashm_push_value(L, record->image, member->type, bytes, room);
  return 1;
}

int luashm_get(lua_State *L, const struct luashm_record *record,
               const struct luashm_member *member) {
  if (!is_open(record))
    return luashm_record_closed(L, 1);
  if (member->type->kind < CSHM_OPAQUE)
    return get_scalar(L, record, member);
  if (member->type->kind == CSHM_OPAQUE ||
      luashm_is_text(record->image, member->type))
    return get_bytes(L, record, member);
  luashm_push_part(L, record, member);
  return 1;
}

const unsigned char *luashm_push_snapshot(lua_State *L, int index) {
  const struct luashm_record *record = lua_touserdata(L, index);
  struct told told;
  if (!is_open(record))
    luashm_record_closed(L, index);
  unsigned char *bytes = lua_newuserdatauv(L, record->room, 0);
  if (!is_open(record)) /* as above */
    luashm_record_closed(L, index);
  struct luashm_host *host = record->view->host;
  bool listening = luashm_heard(host);
  if (listening) {
    enter(L, &told, LUASHM_LOAD, "record:read", index, record, NULL);
    luashm_enter(host, &told.operation);
  }
  if (cshm_reaches(record->view->guard, base_of(record), record->room))
    memcpy(bytes, base_of(record), record->room);
  bool gone = cshm_lost(record->view->guard);
  if (listening)
    luashm_leave(host, &told.operation, gone ? -1 : 0, record->view, false);
  if (gone)
    lost(L, index, "read");
  return bytes;
}

/* ---- writing ---- */

static int set_scalar(lua_State *L, const struct luashm_record *record,
                      const struct luashm_member *member, uint64_t raw) {
  struct luashm_host *host = record->view->host;
  struct told told;
  bool listening = luashm_heard(host);
  if (listening) {
    enter(L, &told, LUASHM_STORE, "record:set", 1, record, member);
    told.operation.arguments[0] = (int64_t)raw;
    told.operation.argument_count = is_integer(member);
    if (member->type->kind == CSHM_FLOATING)
      tell_float(L, 3, &told);
    luashm_enter(host, &told.operation);
  }
  unsigned char *base = base_of(record);
  if (member->bit_width == 0)
    luashm_store_scalar(member->type, base + member->offset, raw);
  else
    luashm_store_bits(base, member, raw);
  bool gone = cshm_lost(record->view->guard);
  if (listening)
    luashm_leave(host, &told.operation, gone ? -1 : 0, record->view, false);
  return __builtin_expect(gone, 0) ? lost(L, 1, "write") : 0;
}

/* Writes what was staged for the record, or for a member of it. */
static void write_staged(lua_State *L, const struct luashm_stage *stage,
                         const struct luashm_record *record,
                         const struct luashm_member *member) {
  check_writable(L, record); /* or a finalizer has closed it meanwhile */
  struct luashm_host *host = record->view->host;
  struct told told;
  bool listening = luashm_heard(host);
  if (listening) {
    enter(L, &told, LUASHM_STORE, member ? "record:set" : "record:write", 1,
          record, member);
    if (member && lua_type(L, 3) == LUA_TSTRING) {
      struct luashm_bytes *text = &told.operation.value;
      text->data = lua_tolstring(L, 3, &text->length);
      told.operation.is_text = true;
    }
    luashm_enter(host, &told.operation);
  }
  luashm_stage_write(stage, base_of(record) + (member ? member->offset : 0),
                     record->view->guard);
  bool gone = cshm_lost(record->view->guard);
  if (listening)
    luashm_leave(host, &told.operation, gone ? -1 : 0, record->view, false);
  if (gone)
    lost(L, 1, "write");
}

int luashm_set(lua_State *L, const struct luashm_record *record,
               const struct luashm_member *member) {
  struct luashm_stage stage = {
      .L = L, .image = record->image, .record = record};
  uint64_t size = member->type->size ? member->type->size : 1;
  const struct luashm_place place = {NULL, member->field,
                                     member->offset / size};
  check_writable(L, record);
  if (member->type->kind < CSHM_OPAQUE)
    return set_scalar(L, record, member,
                      luashm_check_scalar(&stage, &place, member->type,
                                          member->bit_width, 3));
  uint64_t room = luashm_member_room(record->image, member, record->room);
  luashm_stage_begin(L, &stage, record, room);
  luashm_stage_value(&stage, &place, member->type, 0, room, 3);
  write_staged(L, &stage, record, member);
  return 0;
}

void luashm_set_all(lua_State *L, const struct luashm_record *record,
                    int index) {
  struct luashm_stage stage;
  check_writable(L, record);
  luashm_stage_begin(L, &stage, record, record->room);
  luashm_stage_value(&stage, NULL, record->type, 0, record->room, index);
  write_staged(L, &stage, record, NULL);
}
