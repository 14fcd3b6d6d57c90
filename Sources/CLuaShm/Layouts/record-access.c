/* Fields and elements: reads and writes a record's memory. */
#include "byte-order.h"

#include <string.h>

/* Texts of at most this many bytes are copied to the C stack. */
enum { SHORT = 512 };

/* ---- what may be wrong with the view ---- */

static void check_open(lua_State *L, const struct luashm_record *record) {
  if (__builtin_expect(!luashm_view_of(record)->base, 0))
    luashm_closed_view(L, 1);
}

static void check_writable(lua_State *L, const struct luashm_record *record) {
  check_open(L, record);
  if (luashm_view_of(record)->access == LUASHM_READ)
    luaL_error(L, "write: the view of %s is read-only",
               luashm_shown_name(L, 1));
}

/* ---- reading ---- */

static __attribute__((noinline)) uint64_t
load_in_world(lua_State *L, const struct luashm_record *record,
              const struct luashm_member *member) {
  struct luashm_operation operation =
      luashm_on_record(LUASHM_OP_FIELD_LOAD, record, member);
  luashm_perform(L, &operation);
  return (uint64_t)operation.result;
}

static inline int get_scalar(lua_State *L, const struct luashm_record *record,
                             const struct luashm_member *member,
                             const struct luashm_handle *view) {
  uint64_t raw;
  if (__builtin_expect(view->world != NULL, 0))
    raw = load_in_world(L, record, member);
  else {
    raw = luashm_load_member(view->base + record->data->offset, member);
    if (__builtin_expect(cshm_lost(view->guard), 0))
      return luashm_lost(L, 1, "read");
  }
  if (member->type->kind == CSHM_UNSIGNED)
    lua_pushinteger(L, (lua_Integer)raw);
  else
    luashm_push_scalar(L, member->type, raw, member->bit_width);
  return 1;
}

static __attribute__((noinline)) void
read_in_world(lua_State *L, const struct luashm_record *record,
              const struct luashm_member *member, unsigned char *bytes) {
  struct luashm_operation operation =
      luashm_on_record(LUASHM_OP_FIELD_READ, record, member);
  operation.bytes = bytes;
  luashm_perform(L, &operation);
}

/* Raises if the view is closed: allocating memory for the bytes may have run a
   finalizer that closed it. */
static void read_bytes(lua_State *L, const struct luashm_record *record,
                       const struct luashm_member *member,
                       unsigned char *bytes, uint64_t room) {
  const struct luashm_handle *view = luashm_view_of(record);
  if (__builtin_expect(view->world != NULL || !view->base, 0)) {
    read_in_world(L, record, member, bytes);
    return;
  }
  const unsigned char *from =
      view->base + record->data->offset + member->offset;
  if (cshm_reaches(view->guard, from, room))
    memcpy(bytes, from, room);
  if (__builtin_expect(cshm_lost(view->guard), 0))
    luashm_lost(L, 1, "read");
}

/* Reads a text, or the bytes of a type that has no value in Lua. */
static int get_bytes(lua_State *L, const struct luashm_record *record,
                     const struct luashm_member *member) {
  unsigned char few[SHORT];
  uint64_t room = luashm_member_room(record->image, member, record->data->room);
  unsigned char *bytes = room <= SHORT ? few : luashm_push_scratch(L, room);
  read_bytes(L, record, member, bytes, room);
  luashm_push_value(L, record->image, member->type, bytes, room);
  return 1;
}

int luashm_get(lua_State *L, const struct luashm_record *record,
               const struct luashm_member *member) {
  const struct luashm_handle *view = luashm_view_of(record);
  if (__builtin_expect(!view->base, 0))
    return luashm_closed_view(L, 1);
  if (member->type->kind < CSHM_OPAQUE)
    return get_scalar(L, record, member, view);
  if (member->type->kind == CSHM_OPAQUE ||
      luashm_is_text(record->image, member->type))
    return get_bytes(L, record, member);
  luashm_push_part(L, record, member);
  return 1;
}

/* ---- writing ---- */

static int set_scalar(lua_State *L, const struct luashm_record *record,
                      const struct luashm_member *member, uint64_t raw) {
  const struct luashm_handle *view = luashm_view_of(record);
  if (__builtin_expect(view->world != NULL, 0)) {
    struct luashm_operation operation =
        luashm_on_record(LUASHM_OP_FIELD_STORE, record, member);
    operation.a = (int64_t)raw;
    luashm_perform(L, &operation);
    return 0;
  }
  luashm_store_member(view->base + record->data->offset, member, raw);
  return __builtin_expect(cshm_lost(view->guard), 0)
             ? luashm_lost(L, 1, "write")
             : 0;
}

/* Writes what was staged for the record or for one of its members. */
static void write_staged(lua_State *L, const struct luashm_stage *stage,
                         const struct luashm_record *record,
                         const struct luashm_member *member) {
  check_writable(L, record); /* a finalizer may have closed it */
  struct luashm_operation operation =
      luashm_on_record(member ? LUASHM_OP_FIELD_WRITE : LUASHM_OP_RECORD_WRITE,
                record, member);
  operation.stage = stage;
  luashm_perform(L, &operation);
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
  uint64_t room = luashm_member_room(record->image, member, record->data->room);
  luashm_stage_begin(L, &stage, record, room);
  luashm_stage_value(&stage, &place, member->type, 0, room, 3);
  write_staged(L, &stage, record, member);
  return 0;
}

void luashm_set_all(lua_State *L, const struct luashm_record *record,
                    int index) {
  struct luashm_stage stage;
  check_writable(L, record);
  luashm_stage_begin(L, &stage, record, record->data->room);
  luashm_stage_value(&stage, NULL, record->type, 0, record->data->room, index);
  write_staged(L, &stage, record, NULL);
}
