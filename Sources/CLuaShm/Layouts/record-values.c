/* Converts bytes to Lua's values: numbers, texts, plain tables. */
#include "../waiting.h"
#include "byte-order.h"

#include <string.h>

/* Extends the sign of a number of `bits` bits. */
static int64_t extended(uint64_t raw, uint32_t bits) {
  uint32_t unused = 64 - bits;
  return (int64_t)(raw << unused) >> unused;
}

static double floating(uint64_t raw, uint64_t size) {
  float narrow;
  double broad;
  uint32_t low = (uint32_t)raw;
  memcpy(&narrow, &low, sizeof narrow);
  memcpy(&broad, &raw, sizeof broad);
  return size == sizeof narrow ? (double)narrow : broad;
}

void luashm_push_scalar(lua_State *L, const struct cshm_type *type,
                        uint64_t raw, uint32_t width) {
  uint32_t bits = width ? width : 8 * (uint32_t)type->size;
  switch (type->kind) {
  case CSHM_FLOATING:
    lua_pushnumber(L, floating(raw, type->size));
    return;
  case CSHM_BOOLEAN:
    lua_pushboolean(L, raw != 0);
    return;
  case CSHM_SIGNED:
  case CSHM_CHARACTER: /* signed on x86-64 (System V ABI, 3.1.2) */
    lua_pushinteger(L, extended(raw, bits));
    return;
  default:
    lua_pushinteger(L, (lua_Integer)raw);
  }
}

/* Pushes a text of characters of 1, 2 or 4 bytes, up to the first NUL. */
static void push_text(lua_State *L, size_t width, const unsigned char *bytes,
                      uint64_t room) {
  size_t units = cops_text_units(bytes, room / width, width);
  if (width == 1) {
    lua_pushlstring(L, (const char *)bytes, units);
    return;
  }
  luaL_Buffer text;
  char *to = luaL_buffinitsize(L, &text, units * cops_most_utf8(width));
  luaL_pushresultsize(&text, cops_decode(to, bytes, units, width));
}

static void push_elements(lua_State *L, const struct luashm_image *image,
                          const struct cshm_type *array,
                          const unsigned char *bytes, uint64_t room) {
  const struct cshm_type *element = luashm_element(image, array);
  uint64_t count = luashm_count(image, array, room);
  lua_createtable(L, count > 0 && count < INT32_MAX ? (int)count - 1 : 0, 1);
  for (uint64_t i = 0; i < count; i++) {
    luashm_push_value(L, image, element, bytes + i * element->size,
                      element->size);
    lua_rawseti(L, -2, (lua_Integer)i);
    luashm_look_up(L, i);
  }
}

static void push_fields(lua_State *L, const struct luashm_image *image,
                        const struct cshm_type *type,
                        const unsigned char *bytes, uint64_t room) {
  uint32_t count;
  const struct luashm_member *member = luashm_members_of(image, type, &count);
  lua_createtable(L, 0, (int)count);
  for (; count > 0; count--, member++) {
    lua_pushlstring(L, image->names + member->field->name,
                    member->field->name_length);
    luashm_push_member(L, image, member, bytes, room);
    lua_rawset(L, -3);
  }
}

void luashm_push_value(lua_State *L, const struct luashm_image *image,
                       const struct cshm_type *type,
                       const unsigned char *bytes, uint64_t room) {
  luaL_checkstack(L, 4, "a record is nested too deeply");
  if (luashm_is_text(image, type))
    push_text(L, luashm_element(image, type)->size, bytes, room);
  else if (type->kind == CSHM_ARRAY)
    push_elements(L, image, type, bytes, room);
  else if (luashm_has_fields(type))
    push_fields(L, image, type, bytes, room);
  else if (type->kind == CSHM_OPAQUE)
    lua_pushlstring(L, (const char *)bytes, room);
  else
    luashm_push_scalar(L, type, luashm_load_scalar(type, bytes), 0);
}

void luashm_push_member(lua_State *L, const struct luashm_image *image,
                        const struct luashm_member *member,
                        const unsigned char *record, uint64_t room) {
  if (member->bit_width > 0)
    luashm_push_scalar(L, member->type, luashm_load_bits(record, member),
                       member->bit_width);
  else
    luashm_push_value(L, image, member->type, record + member->offset,
                      luashm_member_room(image, member, room));
}
