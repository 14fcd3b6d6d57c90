/* Writes the values that a script gives. All of them are first checked and
   converted into private bytes, so that a value which does not fit leaves
   nothing half written. */
#include "../waiting.h"
#include "byte-order.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- messages ---- */

/* Appends ".name" or "[index]" for each place to the string at the top. */
static void add_place(const struct luashm_stage *stage,
                      const struct luashm_place *place) {
  lua_State *L = stage->L;
  if (!place)
    return;
  luaL_checkstack(L, 4, "a record is nested too deeply");
  add_place(stage, place->parent);
  if (place->field) {
    lua_pushliteral(L, ".");
    lua_pushlstring(L, stage->image->names + place->field->name,
                    place->field->name_length);
    lua_concat(L, 3);
  } else {
    lua_pushfstring(L, "[%I]", (lua_Integer)place->index);
    lua_concat(L, 2);
  }
}

/* Raises "Link.position[1]: " followed by what is at the top of the stack. */
static int misfit(const struct luashm_stage *stage,
                  const struct luashm_place *place) {
  lua_State *L = stage->L;
  luashm_push_path(L, stage->record);
  add_place(stage, place);
  return luaL_error(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, -2));
}

static int wrong_type(const struct luashm_stage *stage,
                      const struct luashm_place *place, const char *wanted,
                      int index) {
  lua_pushfstring(stage->L, "%s is needed, not %s", wanted,
                  lua_isnil(stage->L, index)
                      ? "nil"
                      : lua_pushfstring(stage->L, "a %s",
                                        luaL_typename(stage->L, index)));
  return misfit(stage, place);
}

static int out_of_range(const struct luashm_stage *stage,
                        const struct luashm_place *place,
                        const struct cshm_type *type, uint32_t width,
                        lua_Integer value, const char *range) {
  lua_State *L = stage->L;
  const char *in = width > 0
                       ? lua_pushfstring(L, "%d bits", (int)width)
                       : luashm_push_type(L, stage->image, type);
  lua_pushfstring(L, "%I does not fit into %s (%s)", value, in, range);
  return misfit(stage, place);
}

/* ---- scalars ---- */

/* Is the value a text of one byte that stands for a character? */
static bool is_character(lua_State *L, const struct cshm_type *type,
                         int index) {
  return type->kind == CSHM_CHARACTER && lua_type(L, index) == LUA_TSTRING &&
         lua_rawlen(L, index) == 1;
}

/* The value of an enumerator given by its name. */
static lua_Integer check_enumerator(const struct luashm_stage *stage,
                                    const struct luashm_place *place,
                                    const struct cshm_type *type, int index) {
  lua_State *L = stage->L;
  struct luashm_bytes name;
  name.data = lua_tolstring(L, index, &name.length);
  struct luashm_constants all = luashm_enumerators_of(stage->image, type);
  const struct cshm_constant *found =
      luashm_find_constant(stage->image, all, name);
  if (found)
    return found->value;
  const char *shown = luashm_push_type(L, stage->image, type);
  const char *word = luashm_push_shown(L, name, LUASHM_LINE);
  luashm_push_near_constant(L, stage->image, all, name);
  lua_pushfstring(L, "%s has no enumerator '%s'%s", shown, word,
                  lua_tostring(L, -1));
  return misfit(stage, place);
}

static lua_Integer check_integer(const struct luashm_stage *stage,
                                 const struct luashm_place *place,
                                 const struct cshm_type *type, int index) {
  lua_State *L = stage->L;
  if (type->enumerator_count > 0 && lua_type(L, index) == LUA_TSTRING)
    return check_enumerator(stage, place, type, index);
  if (is_character(L, type, index))
    return (signed char)lua_tostring(L, index)[0];
  if (lua_type(L, index) != LUA_TNUMBER)
    wrong_type(stage, place,
               type->enumerator_count > 0
                   ? "an integer or an enumerator's name"
                   : "an integer",
               index);
  int whole;
  lua_Integer value = lua_tointegerx(L, index, &whole);
  if (!whole) {
    lua_pushfstring(L, "%f is no integer", lua_tonumber(L, index));
    misfit(stage, place);
  }
  return value;
}

static uint64_t check_whole(const struct luashm_stage *stage,
                            const struct luashm_place *place,
                            const struct cshm_type *type, uint32_t width,
                            int index) {
  lua_Integer value = check_integer(stage, place, type, index);
  uint32_t bits = width ? width : 8 * (uint32_t)type->size;
  if (bits == 64)
    return (uint64_t)value;
  char range[64];
  uint64_t half = (uint64_t)1 << (bits - 1);
  if (type->kind == CSHM_SIGNED || type->kind == CSHM_CHARACTER) {
    if ((uint64_t)value + half < 2 * half)
      return (uint64_t)value;
    snprintf(range, sizeof range, "-%" PRIu64 " to %" PRIu64, half, half - 1);
  } else {
    if ((uint64_t)value < 2 * half)
      return (uint64_t)value;
    snprintf(range, sizeof range, "0 to %" PRIu64, 2 * half - 1);
  }
  return (uint64_t)out_of_range(stage, place, type, width, value, range);
}

static uint64_t check_floating(const struct luashm_stage *stage,
                               const struct luashm_place *place,
                               const struct cshm_type *type, int index) {
  lua_State *L = stage->L;
  if (lua_type(L, index) != LUA_TNUMBER)
    wrong_type(stage, place, "a number", index);
  double value = lua_tonumber(L, index);
  float narrow = (float)value;
  uint32_t low = 0;
  uint64_t raw = 0;
  memcpy(&low, &narrow, sizeof low);
  memcpy(&raw, &value, sizeof raw);
  if (type->size == sizeof raw)
    return raw;
  if (isinf(narrow) && !isinf(value)) {
    lua_pushfstring(L, "%f does not fit into %s", value,
                    luashm_push_type(L, stage->image, type));
    misfit(stage, place);
  }
  return low;
}

/* Accepts true and false, and 0 and 1, as C does. */
static uint64_t check_boolean(const struct luashm_stage *stage,
                              const struct luashm_place *place, int index) {
  lua_State *L = stage->L;
  if (lua_isboolean(L, index))
    return (uint64_t)lua_toboolean(L, index);
  if (lua_isinteger(L, index) && (lua_Unsigned)lua_tointeger(L, index) <= 1)
    return (uint64_t)lua_tointeger(L, index);
  return (uint64_t)wrong_type(stage, place, "true or false", index);
}

uint64_t luashm_check_scalar(const struct luashm_stage *stage,
                             const struct luashm_place *place,
                             const struct cshm_type *type, uint32_t width,
                             int index) {
  if (type->kind == CSHM_FLOATING)
    return check_floating(stage, place, type, index);
  if (type->kind == CSHM_BOOLEAN)
    return check_boolean(stage, place, index);
  return check_whole(stage, place, type, width, index);
}

/* ---- the list of writes ---- */

void luashm_stage_begin(lua_State *L, struct luashm_stage *stage,
                        const struct luashm_record *record, uint64_t room) {
  enum { FIRST = 16 };
  *stage = (struct luashm_stage){
      .L = L, .image = record->image, .record = record, .capacity = FIRST};
  stage->bytes = luashm_push_scratch(L, room);
  stage->writes =
      lua_newuserdatauv(L, FIRST * sizeof(struct luashm_write), 0);
  stage->slot = lua_gettop(L);
}

static void grow(struct luashm_stage *stage) {
  size_t size = stage->capacity * sizeof(struct luashm_write);
  void *more = lua_newuserdatauv(stage->L, 2 * size, 0);
  memcpy(more, stage->writes, size);
  lua_replace(stage->L, stage->slot);
  stage->writes = more;
  stage->capacity *= 2;
}

/* Adds a write. If it continues the last one, it becomes part of that, so that
   a list of numbers is a single entry. */
static void add(struct luashm_stage *stage, struct luashm_write write) {
  if (stage->count > 0 && !write.bits) {
    struct luashm_write *last = &stage->writes[stage->count - 1];
    uint64_t end = last->offset + last->count * (last->size ? last->size : 1);
    if (!last->bits && last->size == write.size && end == write.offset) {
      last->count += write.count;
      return;
    }
  }
  if (stage->count == stage->capacity)
    grow(stage);
  stage->writes[stage->count++] = write;
}

static void add_bytes(struct luashm_stage *stage, uint64_t offset,
                      uint64_t length) {
  add(stage, (struct luashm_write){.offset = offset, .count = length});
}

/* ---- texts, bytes, records ---- */

static int too_long(const struct luashm_stage *stage,
                    const struct luashm_place *place,
                    const struct cshm_type *type, uint64_t length,
                    uint64_t room) {
  lua_State *L = stage->L;
  lua_pushfstring(L, "a text of %I bytes does not fit into %s (%I bytes)",
                  (lua_Integer)length, luashm_push_type(L, stage->image, type),
                  (lua_Integer)room);
  return misfit(stage, place);
}

/* Fills the rest of the array with NULs; a text may fill it without any. */
static void stage_text(struct luashm_stage *stage,
                       const struct luashm_place *place,
                       const struct cshm_type *type, uint64_t offset,
                       uint64_t room, int index) {
  uint64_t width = luashm_element(stage->image, type)->size;
  struct luashm_bytes text;
  text.data = lua_tolstring(stage->L, index, &text.length);
  if (memchr(text.data, 0, text.length)) {
    lua_pushliteral(stage->L, "the text contains zeros");
    misfit(stage, place);
  }
  size_t bad;
  size_t length = width * cops_units_of(text.data, text.length, width, &bad);
  if (bad > 0) {
    lua_pushfstring(stage->L, "the text is not UTF-8 (byte %I)",
                    (lua_Integer)bad);
    misfit(stage, place);
  }
  if (length > room)
    too_long(stage, place, type, length, room);
  unsigned char *to = stage->bytes + offset;
  if (width == 1)
    memcpy(to, text.data, text.length);
  else
    cops_encode(to, text.data, text.length, width);
  memset(to + length, 0, room - length);
  add_bytes(stage, offset, room);
}

/* A string for a type that is no text holds its bytes. */
static void stage_bytes(struct luashm_stage *stage,
                        const struct luashm_place *place,
                        const struct cshm_type *type, uint64_t offset,
                        uint64_t room, int index) {
  lua_State *L = stage->L;
  size_t length;
  const char *data = lua_tolstring(L, index, &length);
  if (length != room) {
    lua_pushfstring(L, "a string of %I bytes is not the %I bytes of %s",
                    (lua_Integer)length, (lua_Integer)room,
                    luashm_push_type(L, stage->image, type));
    misfit(stage, place);
  }
  memcpy(stage->bytes + offset, data, room);
  add_bytes(stage, offset, room);
}

/* Stages the bytes of a record that is laid out alike; of two flexible ones as
   many bytes as both have. */
static void stage_record(struct luashm_stage *stage,
                         const struct luashm_place *place,
                         const struct cshm_type *type, uint64_t offset,
                         uint64_t room, int index) {
  lua_State *L = stage->L;
  struct luashm_record other;
  luashm_push_record_image(L, index, lua_touserdata(L, index), &other);
  if (!luashm_alike(L, stage->image, type, other.image, other.type)) {
    const char *from = luashm_push_type(L, other.image, other.type);
    const char *to = luashm_push_type(L, stage->image, type);
    lua_pushfstring(L, "a record of %s is not laid out as %s", from, to);
    misfit(stage, place);
  }
  uint64_t length = other.data->room < room ? other.data->room : room;
  memcpy(stage->bytes + offset, luashm_push_snapshot(L, index, &other), length);
  lua_pop(L, 2);
  add_bytes(stage, offset, length);
}

/* ---- tables ---- */

/* The member for the key at the stack index; NULL: there is none. */
static const struct luashm_member *
member_of(const struct luashm_stage *stage, const struct cshm_type *type,
          int index) {
  if (lua_type(stage->L, index) != LUA_TSTRING)
    return NULL;
  const struct luashm_image *image = stage->image;
  const struct luashm_member *member = luashm_member_at(
      image, &image->of_type[luashm_type_index(image, type)],
      lua_topointer(stage->L, index));
  if (member)
    return member;
  struct luashm_bytes name;
  name.data = lua_tolstring(stage->L, index, &name.length);
  return luashm_find_member(image, type, name);
}

static void no_such_field(const struct luashm_stage *stage,
                          const struct luashm_place *place,
                          const struct cshm_type *type) {
  lua_State *L = stage->L;
  if (lua_type(L, -2) != LUA_TSTRING) {
    lua_pushliteral(L, "the fields of a struct are given by name");
    misfit(stage, place);
  }
  struct luashm_bytes name;
  name.data = lua_tolstring(L, -2, &name.length);
  const char *word = luashm_push_shown(L, name, LUASHM_LINE);
  luashm_push_near_field(L, stage->image, type, name);
  lua_pushfstring(L, "there is no field '%s'%s", word,
                  lua_tostring(L, -1));
  misfit(stage, place);
}

static void stage_fields(struct luashm_stage *stage,
                         const struct luashm_place *place,
                         const struct cshm_type *type, uint64_t offset,
                         uint64_t room, int index) {
  lua_State *L = stage->L;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    const struct luashm_member *member = member_of(stage, type, -2);
    if (!member)
      no_such_field(stage, place, type);
    const struct luashm_place inner = {place, member->field, 0};
    luashm_stage_member(stage, &inner, member, offset, room, lua_gettop(L));
    lua_pop(L, 1);
  }
}

/* Elements count from 0 if the table has one at 0, otherwise from 1, as Lua
   writes lists. */
static void stage_elements(struct luashm_stage *stage,
                           const struct luashm_place *place,
                           const struct cshm_type *array, uint64_t offset,
                           uint64_t room, int index) {
  lua_State *L = stage->L;
  const struct cshm_type *element = luashm_element(stage->image, array);
  uint64_t count = luashm_count(stage->image, array, room);
  uint64_t first = lua_rawgeti(L, index, 0) == LUA_TNIL;
  lua_pop(L, 1);
  lua_pushnil(L);
  for (uint64_t done = 0; lua_next(L, index); done++) {
    luashm_look_up(L, done);
    if (!lua_isinteger(L, -2)) {
      lua_pushliteral(L, "the elements of an array are given by number");
      misfit(stage, place);
    }
    lua_Integer key = lua_tointeger(L, -2);
    uint64_t at = (uint64_t)key - first;
    if (at >= count) {
      const char *shown = luashm_push_type(L, stage->image, array);
      lua_pushfstring(L, "element %I is outside of %s", key, shown);
      misfit(stage, place);
    }
    const struct luashm_place inner = {place, NULL, at};
    luashm_stage_value(stage, &inner, element, offset + at * element->size,
                       element->size, lua_gettop(L));
    lua_pop(L, 1);
  }
}

/* ---- any value ---- */

static void stage_scalar(struct luashm_stage *stage,
                         const struct luashm_place *place,
                         const struct cshm_type *type, uint64_t offset,
                         int index) {
  uint64_t raw = luashm_check_scalar(stage, place, type, 0, index);
  luashm_store_scalar(type, stage->bytes + offset, raw);
  add(stage, (struct luashm_write){
                 .offset = offset, .size = type->size, .count = 1});
}

static void stage_compound(struct luashm_stage *stage,
                           const struct luashm_place *place,
                           const struct cshm_type *type, uint64_t offset,
                           uint64_t room, int index) {
  lua_State *L = stage->L;
  int given = lua_type(L, index);
  bool text = luashm_is_text(stage->image, type);
  luaL_checkstack(L, 8, "a record is nested too deeply");
  if (given == LUA_TSTRING && text)
    stage_text(stage, place, type, offset, room, index);
  else if (given == LUA_TSTRING)
    stage_bytes(stage, place, type, offset, room, index);
  else if (luashm_test(L, index, TYPE_RECORD))
    stage_record(stage, place, type, offset, room, index);
  else if (given == LUA_TTABLE && luashm_has_fields(type))
    stage_fields(stage, place, type, offset, room, index);
  else if (given == LUA_TTABLE && type->kind == CSHM_ARRAY)
    stage_elements(stage, place, type, offset, room, index);
  else
    wrong_type(stage, place,
               text                        ? "a string"
               : type->kind == CSHM_OPAQUE ? "a string of bytes"
                                           : "a table or a record",
               index);
}

void luashm_stage_value(struct luashm_stage *stage,
                        const struct luashm_place *place,
                        const struct cshm_type *type, uint64_t offset,
                        uint64_t room, int index) {
  if (luashm_is_compound(type) || type->kind == CSHM_OPAQUE)
    stage_compound(stage, place, type, offset, room, index);
  else
    stage_scalar(stage, place, type, offset, index);
}

void luashm_stage_member(struct luashm_stage *stage,
                         const struct luashm_place *place,
                         const struct luashm_member *member, uint64_t offset,
                         uint64_t room, int index) {
  if (member->bit_width == 0) {
    luashm_stage_value(stage, place, member->type, offset + member->offset,
                       luashm_member_room(stage->image, member, room), index);
    return;
  }
  uint64_t raw = luashm_check_scalar(stage, place, member->type,
                                     member->bit_width, index);
  luashm_store_bits(stage->bytes + offset, member, raw);
  add(stage,
      (struct luashm_write){.offset = offset, .bits = member, .base = offset});
}
