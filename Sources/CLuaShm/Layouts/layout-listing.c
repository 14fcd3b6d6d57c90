/* Layouts and records as indented lines: offset, type, name, value. */
#include "byte-order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Only the beginning of long arrays and texts is listed, and only so many
   lines: a struct of structs of structs may have more fields than anybody
   reads. */
enum {
  LISTED = 8,
  LISTED_NUMBERS = 16,
  LISTED_BYTES = 64,
  LISTED_LINES = 10000
};

static const char *word_of(const struct cshm_type *type) {
  return type->kind == CSHM_RECORD  ? "struct"
         : type->kind == CSHM_UNION ? "union"
         : type->enumerator_count   ? "enum"
                                    : "?";
}

const char *luashm_push_type(lua_State *L, const struct luashm_image *image,
                             const struct cshm_type *type) {
  const struct cshm_type *innermost = type;
  while (innermost->kind == CSHM_ARRAY)
    innermost = luashm_element(image, innermost);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  if (innermost->name_length > 0)
    luaL_addlstring(&text, image->names + innermost->name,
                    innermost->name_length);
  else
    luaL_addstring(&text, word_of(innermost));
  for (; type->kind == CSHM_ARRAY; type = luashm_element(image, type)) {
    char count[32];
    snprintf(count, sizeof count, "[%" PRIu64 "]", type->count);
    luaL_addstring(&text, type->count ? count : "[]");
  }
  luaL_pushresult(&text);
  return lua_tostring(L, -1);
}

/* A listing in progress: the current line is at the top of the stack, earlier
   lines are in a table, as a luaL_Buffer cannot stay open while other values
   are pushed. */
struct listing {
  lua_State *L;
  const struct luashm_image *image;
  const unsigned char *bytes; /* NULL: no values */
  int digits;                 /* of an offset */
  int lines;                  /* stack index of the table of lines */
  lua_Integer count;          /* how many lines are in it */
};

/* Appends the piece at the top of the stack to the line below it. */
static void join(struct listing *list) { lua_concat(list->L, 2); }

static void add(struct listing *list, const char *text) {
  lua_pushstring(list->L, text);
  join(list);
}

/* Puts the line into the table and begins an empty one. */
static void end_line(struct listing *list) {
  lua_rawseti(list->L, list->lines, ++list->count);
  lua_pushliteral(list->L, "");
}

/* Replaces the table and the line by the whole text. */
static void push_whole(struct listing *list) {
  lua_State *L = list->L;
  end_line(list);
  lua_pop(L, 1);
  if (list->count >= LISTED_LINES) {
    lua_pushliteral(L, "\n…");
    lua_rawseti(L, list->lines, ++list->count);
  }
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (lua_Integer i = 1; i <= list->count; i++) {
    lua_rawgeti(L, list->lines, i);
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
  lua_remove(L, list->lines);
}

/* Puts the text at the top of the stack into quotes and cuts it if it is long,
   but never inside a UTF-8 character. */
static void quote(lua_State *L) {
  size_t length;
  const char *from = lua_tolstring(L, -1, &length);
  size_t shown = length < LISTED_BYTES ? length : LISTED_BYTES;
  while (shown < length && shown > 0 && ((unsigned char)from[shown] >> 6) == 2)
    shown--;
  luashm_push_shown(L, (struct luashm_bytes){from, shown}, LUASHM_QUOTED);
  lua_pushfstring(L, "\"%s\"%s", lua_tostring(L, -1),
                  shown < length ? "…" : "");
  lua_replace(L, -3);
  lua_pop(L, 1);
}

/* Replaces the value at the top by its text, for an enum "2 (BUSY)". */
static void describe(struct listing *list, const struct cshm_type *type) {
  lua_State *L = list->L;
  if (lua_type(L, -1) == LUA_TSTRING) {
    quote(L);
    return;
  }
  const struct cshm_constant *named =
      lua_isinteger(L, -1)
          ? luashm_find_value(luashm_enumerators_of(list->image, type),
                              lua_tointeger(L, -1))
          : NULL;
  luaL_tolstring(L, -1, NULL);
  lua_remove(L, -2);
  if (!named)
    return;
  lua_pushliteral(L, " (");
  lua_pushlstring(L, list->image->names + named->name, named->name_length);
  lua_pushliteral(L, ")");
  lua_concat(L, 4);
}

/* How many bytes of a text are needed to show its beginning, and that it goes
   on: a union may have a thousand texts of a gigabyte. */
static uint64_t shown_room(const struct luashm_image *image,
                           const struct cshm_type *type, uint64_t room) {
  uint64_t most = (LISTED_BYTES + 1) * sizeof(uint32_t);
  return luashm_is_text(image, type) && room > most ? most : room;
}

/* Adds " = value" for a value that takes one line. */
static void add_value(struct listing *list, const struct cshm_type *type,
                      const struct luashm_member *member,
                      const unsigned char *at, uint64_t room) {
  lua_State *L = list->L;
  if (member && member->bit_width > 0)
    luashm_push_scalar(L, type,
                       luashm_load_bits(at - member->offset, member),
                       member->bit_width);
  else
    luashm_push_value(L, list->image, type, at,
                      shown_room(list->image, type, room));
  describe(list, type);
  join(list);
}

/* Adds numbers side by side. */
static void add_numbers(struct listing *list,
                        const struct cshm_type *array, const unsigned char *at,
                        uint64_t room) {
  const struct cshm_type *element = luashm_element(list->image, array);
  uint64_t count = luashm_count(list->image, array, room);
  for (uint64_t i = 0; i < count && i < LISTED_NUMBERS; i++) {
    if (i > 0)
      add(list, ", ");
    add_value(list, element, NULL, at + i * element->size, element->size);
  }
  if (count > LISTED_NUMBERS)
    add(list, ", …");
}

/* Begins a line with `first` in the column of offsets, then indentation. */
static void begin_margin(struct listing *list, const char *first, int depth) {
  char margin[64];
  snprintf(margin, sizeof margin, "\n%*s  ", list->digits, first);
  end_line(list);
  add(list, margin);
  for (int i = 0; i < depth; i++)
    add(list, "  ");
}

/* The same with an offset, followed by the type. */
static void begin_line(struct listing *list, uint64_t offset, int depth,
                       const struct cshm_type *type) {
  char digits[24];
  snprintf(digits, sizeof digits, "%" PRIu64, offset);
  begin_margin(list, digits, depth);
  luashm_push_type(list->L, list->image, type);
  join(list);
}

static void add_members(struct listing *list,
                        const struct cshm_type *type, uint64_t offset,
                        uint64_t room, int depth);

static bool is_compound_inside(struct listing *list,
                               const struct cshm_type *array) {
  return luashm_is_compound(luashm_element(list->image, array));
}

static void add_contents(struct listing *list,
                         const struct cshm_type *type,
                         const struct luashm_member *member, uint64_t offset,
                         uint64_t room, int depth);

/* The elements of an array of structs or arrays, one per line. Only to show
   values: without them all elements look alike. */
static void add_elements(struct listing *list,
                         const struct cshm_type *array, uint64_t offset,
                         uint64_t room, int depth) {
  const struct cshm_type *element = luashm_element(list->image, array);
  uint64_t count = luashm_count(list->image, array, room);
  for (uint64_t i = 0;
       i < count && i < LISTED && list->count < LISTED_LINES; i++) {
    char name[32];
    uint64_t at = offset + i * element->size;
    begin_line(list, at, depth, element);
    snprintf(name, sizeof name, " [%" PRIu64 "]", i);
    add(list, name);
    add_contents(list, element, NULL, at, element->size, depth);
  }
  if (count > LISTED) {
    char more[64];
    begin_margin(list, "", depth);
    snprintf(more, sizeof more, "… %" PRIu64 " more", count - LISTED);
    add(list, more);
  }
}

/* What follows the name: the value on the same line, or lines below it. */
static void add_contents(struct listing *list,
                         const struct cshm_type *type,
                         const struct luashm_member *member, uint64_t offset,
                         uint64_t room, int depth) {
  bool text = luashm_is_text(list->image, type);
  if (luashm_has_fields(type))
    add_members(list, type, offset, room, depth + 1);
  else if (type->kind == CSHM_ARRAY && !text &&
           is_compound_inside(list, type)) {
    const struct cshm_type *element = luashm_element(list->image, type);
    if (list->bytes)
      add_elements(list, type, offset, room, depth + 1);
    else if (luashm_has_fields(element))
      add_members(list, element, offset, element->size, depth + 1);
  } else if (list->bytes) {
    add(list, " = ");
    if (type->kind == CSHM_ARRAY && !text)
      add_numbers(list, type, list->bytes + offset, room);
    else
      add_value(list, type, member, list->bytes + offset, room);
  }
}

static void add_member(struct listing *list,
                       const struct luashm_member *member, uint64_t offset,
                       uint64_t room, int depth) {
  const char *name = list->image->names + member->field->name;
  char bits[64] = "";
  if (member->bit_width > 0)
    snprintf(bits, sizeof bits, ":%" PRIu32 " (from bit %" PRIu32 ")",
             member->bit_width, member->bit_offset);
  begin_line(list, offset + member->offset, depth, member->type);
  add(list, " ");
  lua_pushlstring(list->L, name, member->field->name_length);
  join(list);
  add(list, bits);
  add_contents(list, member->type, member, offset + member->offset,
               luashm_member_room(list->image, member, room), depth);
}

static void add_members(struct listing *list,
                        const struct cshm_type *type, uint64_t offset,
                        uint64_t room, int depth) {
  uint32_t count;
  const struct luashm_member *member =
      luashm_members_of(list->image, type, &count);
  luaL_checkstack(list->L, 8, "a record is nested too deeply");
  for (; count > 0 && list->count < LISTED_LINES; count--, member++)
    add_member(list, member, offset, room, depth);
}

void luashm_push_listing(lua_State *L, const struct luashm_image *image,
                         const struct cshm_type *type,
                         const unsigned char *bytes, uint64_t room) {
  lua_newtable(L);
  struct listing list = {L, image, bytes, 2, lua_gettop(L), 0};
  for (uint64_t size = room > type->size ? room : type->size; size > 9;
       size /= 10)
    list.digits++;
  lua_pushliteral(L, "");
  if (luashm_has_fields(type))
    add_members(&list, type, 0, room, 0);
  else
    add_elements(&list, type, 0, room, 0);
  push_whole(&list);
}
