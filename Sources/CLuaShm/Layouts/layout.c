/* The userdata "shm.layout": what C declarations say about memory. */
#include "record.h"

#include <stdalign.h>
#include <string.h>

/* ---- making a layout ---- */

static bool is_anonymous(const struct luashm_image *image,
                         const struct cshm_field *field) {
  return field->name_length == 0 &&
         luashm_has_fields(&image->types[field->type]);
}

/* How many members a struct has, with those of anonymous members counted as its
   own. */
static size_t count_members(const struct luashm_image *image,
                            const struct cshm_type *type) {
  size_t count = 0;
  const struct cshm_field *field = image->fields + type->first_field;
  for (uint32_t i = 0; i < type->field_count; i++, field++)
    if (is_anonymous(image, field))
      count += count_members(image, &image->types[field->type]);
    else
      count += field->name_length > 0;
  return count;
}

static struct luashm_member member_of(const struct luashm_image *image,
                                      const struct cshm_field *field,
                                      const struct cshm_type *owner,
                                      uint64_t base, bool last) {
  const struct cshm_type *type = &image->types[field->type];
  return (struct luashm_member){
      .offset = base + field->offset,
      .type = type,
      .field = field,
      .bit_offset = field->bit_offset,
      .bit_width = field->bit_width,
      .in_unit = cshm_field_in_unit(field, type, owner),
      .flexible = last && type->kind == CSHM_ARRAY && type->count == 0};
}

/* Returns the end of the members that it wrote. `last`: nothing follows the
   type in its parent. */
static struct luashm_member *fill_members(const struct luashm_image *image,
                                          const struct cshm_type *type,
                                          uint64_t base, bool last,
                                          struct luashm_member *to) {
  const struct cshm_field *field = image->fields + type->first_field;
  for (uint32_t i = 0; i < type->field_count; i++, field++) {
    bool final = last && type->kind == CSHM_RECORD &&
                 i + 1 == type->field_count;
    if (is_anonymous(image, field))
      to = fill_members(image, &image->types[field->type],
                        base + field->offset, final, to);
    else if (field->name_length > 0)
      *to++ = member_of(image, field, type, base, final);
  }
  return to;
}

/* How many slots this many members need, as a power of two. */
static uint32_t slots_for(uint32_t count) {
  uint32_t slots = 2;
  while (slots < 2 * count)
    slots *= 2;
  return slots;
}

/* Counts the members and slots of all types; fills in the ranges unless they
   are NULL. */
static struct luashm_members measure(const struct luashm_image *image,
                                     struct luashm_members *of_type) {
  struct luashm_members all = {0};
  for (uint32_t i = 0; i < image->layout->types; i++) {
    const struct cshm_type *type = &image->types[i];
    uint32_t count = luashm_has_fields(type)
                         ? (uint32_t)count_members(image, type)
                         : 0;
    uint32_t slots = slots_for(count);
    if (of_type)
      of_type[i] = (struct luashm_members){all.count, count, all.first_slot,
                                           slots - 1};
    all.count += count;
    all.first_slot += slots;
  }
  return all;
}

static void set_declared(struct luashm_image *image,
                         const struct cshm_layout *declared) {
  image->layout = declared;
  image->types = cshm_layout_types(declared);
  image->fields = cshm_layout_fields(declared);
  image->names = cshm_layout_names(declared);
}

/* Pushes an image with room for all its arrays, one behind the other. The last
   is a copy of the bytes that the host made. */
static struct luashm_image *push_arrays(lua_State *L,
                                        const struct cshm_layout *declared,
                                        size_t length) {
  enum { ALIGNMENT = alignof(uint64_t) };
  struct luashm_image image = {0};
  set_declared(&image, declared);
  const struct luashm_members all = measure(&image, NULL);
  size_t orders = all.count + declared->constants +
                  2 * (size_t)declared->enumerators;
  size_t types = declared->types;
  size_t padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  struct luashm_image *made = lua_newuserdatauv(
      L,
      sizeof image + types * sizeof *made->of_type +
          all.first_slot * sizeof *made->slots +
          all.count * sizeof *made->members + padded +
          orders * sizeof *made->members_by_name,
      IMAGE_NAMES);
  struct luashm_members *of_type = (struct luashm_members *)(made + 1);
  struct luashm_slot *slots = (struct luashm_slot *)(of_type + types);
  struct luashm_member *members =
      (struct luashm_member *)(slots + all.first_slot);
  void *copy = members + all.count;
  memset(made, 0, sizeof *made);
  memset(slots, 0, all.first_slot * sizeof *slots);
  set_declared(made, memcpy(copy, declared, length));
  measure(made, of_type);
  made->of_type = of_type;
  made->slots = slots;
  made->members = members;
  made->members_by_name = (uint32_t *)(void *)((char *)copy + padded);
  made->constants_by_name = made->members_by_name + all.count;
  made->enumerators_by_name = made->constants_by_name + declared->constants;
  made->enumerators_by_value =
      made->enumerators_by_name + declared->enumerators;
  return made;
}

_Static_assert(alignof(struct luashm_members) <= alignof(uint64_t) &&
                   alignof(struct luashm_slot) <= alignof(uint64_t) &&
                   alignof(struct luashm_member) <= alignof(uint64_t) &&
                   alignof(struct cshm_layout) <= alignof(uint64_t),
               "the arrays follow each other");

/* Pushes the image for the layout, made from the host's bytes. */
static struct luashm_image *push_prepared(lua_State *L,
                                          const struct cshm_layout *declared,
                                          size_t length,
                                          struct luashm_object layout) {
  struct luashm_image *image = push_arrays(L, declared, length);
  struct luashm_member *member = (struct luashm_member *)image->members;
  for (uint32_t i = 0; i < image->layout->types; i++)
    if (luashm_has_fields(&image->types[i]))
      member = fill_members(image, &image->types[i], 0, true, member);
  luashm_sort_names(image);
  image->head.object = layout;
  image->head.mark = LUASHM_MARK | TYPE_IMAGE;
  return image;
}

/* Enters a member under the address of its name's string, which is at the top
   of the stack. */
static void enter(lua_State *L, const struct luashm_image *image,
                  const struct luashm_members *range,
                  const struct luashm_member *member) {
  struct luashm_slot *slots =
      (struct luashm_slot *)image->slots + range->first_slot;
  const void *name = lua_topointer(L, -1);
  uint32_t at = luashm_hash(name) & range->mask;
  while (slots[at].name)
    at = (at + 1) & range->mask;
  slots[at] = (struct luashm_slot){name, member};
}

/* Pushes the list of names. It contains each string that was entered, as Lua
   keeps no single copy of long ones: when a string is gone, its address might
   become another name's. */
static void push_names(lua_State *L, const struct luashm_image *image) {
  lua_Integer entered = 0;
  lua_newtable(L);
  for (uint32_t i = 0; i < image->layout->types; i++) {
    const struct luashm_members *range = &image->of_type[i];
    const struct luashm_member *member = image->members + range->first;
    for (uint32_t count = range->count; count > 0; count--, member++) {
      lua_pushlstring(L, image->names + member->field->name,
                      member->field->name_length);
      enter(L, image, range, member);
      lua_rawseti(L, -2, ++entered);
    }
  }
}

/* Takes the image from the host; with NULL, makes the host forget it. */
static void end_making(struct luashm_host *host, struct luashm_object layout,
                       void *buffer) {
  host->layout_take(host->context, luashm_handle(layout)->key, buffer);
  luashm_give_handle(layout);
}

/* Pushes the bytes of the image, which the host makes. */
static void push_declared(lua_State *L, struct luashm_bytes text,
                          const struct luashm_layout_options *options,
                          struct luashm_object layout) {
  struct luashm_host *host = host_of(L);
  struct luashm_failure failure;
  size_t length = 0;
  if (host->layout(host->context, text, options, &luashm_handle(layout)->key,
                   &length, &failure) != 0)
    luaL_error(L, "layout: %s", failure.message);
  end_making(host, layout, lua_newuserdatauv(L, length, 0));
}

/* shm.layout(text [, options]), shm.layout{ file = name, … } -> layout */
static int layout_new(lua_State *L) {
  struct luashm_layout_options options;
  struct luashm_bytes text = {NULL, 0};
  bool by_file = lua_type(L, 1) == LUA_TTABLE;
  if (!by_file)
    text.data = luaL_checklstring(L, 1, &text.length);
  else if (lua_rawgeti(L, 1, 1) == LUA_TSTRING)
    return luaL_argerror(L, 1, "a text stands before its options: "
                               "shm.layout(text, { abi = \"windows\" })");
  lua_settop(L, by_file ? 1 : 2);
  int object = luashm_check_layout(L, by_file ? 1 : 2, &options);
  if (by_file && !options.file.data)
    return luaL_argerror(L, 1, "declarations, or { file = \"name.h\" }");
  struct luashm_head *layout =
      luashm_push_new(L, TYPE_LAYOUT, sizeof *layout, LAYOUT_VALUES);
  int self = lua_gettop(L);
  lua_pushvalue(L, object);
  lua_setiuservalue(L, self, LAYOUT_OBJECT);
  layout->object = luashm_take(L);
  if (layout->object.index == 0)
    return luaL_error(L, "not enough memory for another layout");
  push_declared(L, text, &options, layout->object);
  struct luashm_image *image = push_prepared(
      L, lua_touserdata(L, -1), lua_rawlen(L, -1), layout->object);
  push_names(L, image);
  lua_setiuservalue(L, -2, IMAGE_NAMES);
  lua_setiuservalue(L, self, LAYOUT_IMAGE);
  lua_settop(L, self);
  return 1;
}

/* __gc: if the making was interrupted, the host still has the image. */
static int layout_end(lua_State *L) {
  const struct luashm_head *layout = luashm_marked(L, 1, TYPE_LAYOUT);
  if (layout && luashm_handle(layout->object)->key != 0)
    end_making(host_of(L), layout->object, NULL);
  else if (layout)
    luashm_give_handle(layout->object);
  return 0;
}

/* ---- methods ---- */

/* The image of the method's layout, which replaces the layout at stack index 1.
   Nobody meets an image that is half made: a finalizer could not reach it. */
static const struct luashm_image *image_of(lua_State *L) {
  const struct luashm_head *layout = luashm_own(L, TYPE_LAYOUT);
  const struct luashm_image *image =
      luashm_push_image(L, 1, LAYOUT_IMAGE, layout->object);
  if (!image)
    luaL_error(L, "attempt to use a layout that was not made");
  lua_replace(L, 1);
  return image;
}

static const struct cshm_type *root_of(const struct luashm_image *image) {
  return &image->types[image->layout->root];
}

/* T:alignment() -> bytes */
static int layout_alignment(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)root_of(image_of(L))->alignment);
  return 1;
}

/* T:object() -> string, or nil */
static int layout_object(lua_State *L) {
  luashm_own(L, TYPE_LAYOUT);
  lua_getiuservalue(L, 1, LAYOUT_OBJECT);
  return 1;
}

/* T:constants() -> a table from name to integer */
static int layout_constants(lua_State *L) {
  const struct luashm_image *image = image_of(L);
  const struct cshm_constant *constant = cshm_layout_constants(image->layout);
  uint32_t count = image->layout->constants;
  lua_createtable(L, 0, (int)count);
  for (; count > 0; count--, constant++) {
    lua_pushlstring(L, image->names + constant->name, constant->name_length);
    lua_pushinteger(L, constant->value);
    lua_rawset(L, -3);
  }
  return 1;
}

/* T:value(name) -> integer */
static int layout_value(lua_State *L) {
  const struct luashm_image *image = image_of(L);
  struct luashm_bytes name;
  name.data = luaL_checklstring(L, 2, &name.length);
  struct luashm_constants all = luashm_constants_of(image);
  const struct cshm_constant *found = luashm_find_constant(image, all, name);
  if (!found) {
    const char *word = luashm_push_shown(L, name, LUASHM_LINE);
    luashm_push_near_constant(L, image, all, name);
    luaL_argerror(L, 2, lua_pushfstring(L, "no constant '%s'%s", word,
                                        lua_tostring(L, -1)));
  }
  lua_pushinteger(L, found->value);
  return 1;
}

/* How far a path has been followed. */
struct step {
  const struct cshm_type *type;
  const struct luashm_member *member; /* NULL: an element, or the beginning */
  uint64_t offset;
};

/* `text` follows a "["; returns what follows the "]". */
static const char *step_in(lua_State *L, const struct luashm_image *image,
                           const char *text, struct step *at) {
  uint64_t index = 0;
  const char *digit = text;
  for (; *digit >= '0' && *digit <= '9' && index < UINT32_MAX; digit++)
    index = index * 10 + (uint64_t)(*digit - '0');
  if (digit == text || *digit != ']')
    luaL_argerror(L, 2, "between [ and ] stands a number");
  const char *shown = luashm_push_type(L, image, at->type);
  if (at->type->kind != CSHM_ARRAY)
    luaL_argerror(L, 2, lua_pushfstring(L, "%s is no array", shown));
  bool flexible = at->member && at->member->flexible;
  if (index >= at->type->count && !flexible)
    luaL_argerror(L, 2, lua_pushfstring(L, "index %I is outside of %s",
                                        (lua_Integer)index, shown));
  lua_pop(L, 1);
  const struct cshm_type *element = luashm_element(image, at->type);
  *at = (struct step){element, NULL, at->offset + index * element->size};
  return digit + 1;
}

/* `text` begins with a field's name; returns what follows it. */
static const char *step_to(lua_State *L, const struct luashm_image *image,
                           const char *text, struct step *at) {
  struct luashm_bytes name = {text, strcspn(text, ".[")};
  const char *shown = luashm_push_type(L, image, at->type);
  if (!luashm_has_fields(at->type))
    luaL_argerror(L, 2, lua_pushfstring(L, "%s has no fields", shown));
  const struct luashm_member *member =
      luashm_find_member(image, at->type, name);
  if (!member) {
    luashm_push_shown(L, name, LUASHM_LINE);
    luashm_push_near_field(L, image, at->type, name);
    luaL_argerror(L, 2, lua_pushfstring(L, "%s has no field '%s'%s", shown,
                                        lua_tostring(L, -2),
                                        lua_tostring(L, -1)));
  }
  lua_pop(L, 1);
  *at = (struct step){member->type, member, at->offset + member->offset};
  return text + name.length;
}

/* Follows the path that is argument 2. */
static struct step follow(lua_State *L, const struct luashm_image *image) {
  const char *text = luaL_checkstring(L, 2);
  struct step at = {root_of(image), NULL, 0};
  if (*text != '[')
    text = step_to(L, image, text, &at);
  while (*text)
    if (*text == '[')
      text = step_in(L, image, text + 1, &at);
    else
      text = step_to(L, image, text + 1, &at);
  return at;
}

/* Each of these three returns one value: a second one would become an argument
   if the call stands among another call's arguments. */

/* T:offset(path) -> bytes from the start of the whole */
static int layout_offset(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)follow(L, image_of(L)).offset);
  return 1;
}

/* T:size([path]) -> bytes */
static int layout_size(lua_State *L) {
  const struct luashm_image *image = image_of(L);
  const struct cshm_type *type =
      lua_isnoneornil(L, 2) ? root_of(image) : follow(L, image).type;
  lua_pushinteger(L, (lua_Integer)type->size);
  return 1;
}

/* T:bits(path) -> lowest bit, width; nil: no bit-field */
static int layout_bits(lua_State *L) {
  struct step at = follow(L, image_of(L));
  if (!at.member || at.member->bit_width == 0) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, at.member->bit_offset);
  lua_pushinteger(L, at.member->bit_width);
  return 2;
}

static int layout_tostring(lua_State *L) {
  const struct luashm_image *image = image_of(L);
  const struct cshm_type *root = root_of(image);
  const char *shown = luashm_push_type(L, image, root);
  lua_pushfstring(L, "%s (%I bytes, aligned to %d)", shown,
                  (lua_Integer)root->size, (int)root->alignment);
  luashm_push_listing(L, image, root, NULL, 0);
  if (image->layout->undefined_length == 0) {
    lua_concat(L, 2);
    return 1;
  }
  lua_pushliteral(L, "\ntaken as undefined: ");
  lua_pushlstring(L, image->names + image->layout->undefined,
                  image->layout->undefined_length);
  lua_concat(L, 4);
  return 1;
}

static const luaL_Reg methods[] = {
    {"size", layout_size},     {"alignment", layout_alignment},
    {"offset", layout_offset}, {"bits", layout_bits},
    {"object", layout_object}, {"constants", layout_constants},
    {"value", layout_value},   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", layout_end},
                                       {"__tostring", layout_tostring},
                                       {NULL, NULL}};

const struct luashm_class luashm_layouts = {
    .name = "shm.layout", .methods = {methods}, .metamethods = metamethods};

const luaL_Reg luashm_layout_functions[] = {{"layout", layout_new},
                                            {NULL, NULL}};
