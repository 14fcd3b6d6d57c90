/* The userdata "shm.record": a layout's struct, union or array in a view. */
#include "record.h"

/* ---- making ---- */

/* Does it extend to the end of the view? */
static bool is_flexible(const struct luashm_image *image,
                        const struct cshm_type *type) {
  if (!luashm_has_fields(type))
    return type->kind == CSHM_ARRAY && type->count == 0;
  uint32_t count;
  const struct luashm_member *member = luashm_members_of(image, type, &count);
  for (; count > 0; count--, member++)
    if (member->flexible)
      return true;
  return false;
}

/* Pushes the image of the layout at the stack index. */
static const struct luashm_image *push_image(lua_State *L, int index) {
  const struct luashm_head *layout = luashm_check(L, index, TYPE_LAYOUT);
  const struct luashm_image *image =
      luashm_push_image(L, index, LAYOUT_IMAGE, layout->object);
  if (!image)
    luaL_argerror(L, index, "the layout was not made");
  return image;
}

/* The type of the layout at the stack index; raises if it is no record. */
static const struct cshm_type *root_of(lua_State *L, int index,
                                       const struct luashm_image *image) {
  const struct cshm_type *root = &image->types[image->layout->root];
  if (!luashm_is_compound(root))
    luaL_argerror(L, index,
                  lua_pushfstring(L, "%s is no struct, union or array",
                                  luashm_push_type(L, image, root)));
  return root;
}

/* view:as(layout [, offset]) -> record */
static int view_as(lua_State *L) {
  enum { IMAGE = 4 };
  const struct luashm_handle *view = luashm_open_view(L);
  lua_settop(L, 3);
  const struct luashm_image *image = push_image(L, 2);
  const struct cshm_type *root = root_of(L, 2, image);
  lua_Integer offset = luaL_optinteger(L, 3, 0);
  if (offset < 0 || (size_t)offset > view->size ||
      root->size > view->size - (size_t)offset)
    return luashm_past_end(L, luashm_push_type(L, image, root),
                           (lua_Integer)root->size, offset);
  bool flexible = is_flexible(image, root);
  luashm_push_record(L, IMAGE, image, root,
                     (struct luashm_record_data){
                         .head.object = luashm_object_at(L, 1),
                         .offset = (uint64_t)offset,
                         .origin = (uint64_t)offset,
                         .room = flexible ? view->size - (size_t)offset
                                          : root->size});
  lua_getiuservalue(L, 1, RECORD_NAME);
  lua_setiuservalue(L, -2, RECORD_NAME);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, RECORD_VIEW);
  return 1;
}

/* ---- fields by name, elements by number ---- */

/* An array's element, described as a member. */
static struct luashm_member element_at(const struct luashm_record *array,
                                       uint64_t index) {
  const struct cshm_type *element = luashm_element(array->image, array->type);
  return (struct luashm_member){.offset = index * element->size,
                                .type = element};
}

static uint64_t count_of(const struct luashm_record *array) {
  return luashm_count(array->image, array->type, array->data->room);
}

/* Raises with a position. A metamethod may be called by ipairs, table.concat or
   string.format, which have no line, so the nearest Lua function's is used. */
static int raise(lua_State *L, const char *message) {
  lua_Debug at;
  int level = 1;
  while (lua_getstack(L, level, &at) && lua_getinfo(L, "l", &at) &&
         at.currentline < 0)
    level++;
  luaL_where(L, level);
  lua_pushstring(L, message);
  lua_concat(L, 2);
  return lua_error(L);
}

/* A script that counts from 1 to #array meets this error at the end; it says
   how to go through all elements. */
static int no_such_index(lua_State *L, const struct luashm_record *array,
                         lua_Integer index) {
  const char *shown = luashm_push_path(L, array);
  uint64_t count = count_of(array);
  if (count == 0)
    return raise(L, lua_pushfstring(L, "index %I is outside of %s, which is "
                                       "empty",
                                    index, shown));
  return raise(
      L, lua_pushfstring(L, "index %I is outside of %s (0 to %I)%s", index,
                         shown, (lua_Integer)count - 1,
                         (uint64_t)index == count
                             ? ": for i = 0, #a - 1, or pairs(a)"
                             : ""));
}

static int no_such_field(lua_State *L, const struct luashm_record *record) {
  const char *shown = luashm_push_path(L, record);
  if (lua_type(L, 2) != LUA_TSTRING)
    return raise(L, lua_pushfstring(L, "%s has no field that is a %s", shown,
                                    luaL_typename(L, 2)));
  struct luashm_bytes name;
  name.data = lua_tolstring(L, 2, &name.length);
  const char *word = luashm_push_shown(L, name, LUASHM_LINE);
  if (!luashm_has_fields(record->type))
    return raise(L, lua_pushfstring(L, "%s has no field '%s'; its elements "
                                       "have numbers from 0",
                                    shown, word));
  luashm_push_near_field(L, record->image, record->type, name);
  return raise(L, lua_pushfstring(L, "%s has no field '%s'%s", shown,
                                  word, lua_tostring(L, -1)));
}

/* The member for a key that is not in the hash table: a long name, or no
   name. */
static __attribute__((noinline)) const struct luashm_member *
search(lua_State *L, const struct luashm_record *record) {
  struct luashm_bytes name;
  if (lua_type(L, 2) != LUA_TSTRING)
    return NULL;
  name.data = lua_tolstring(L, 2, &name.length);
  return luashm_find_member(record->image, record->type, name);
}

static __attribute__((noinline)) const struct luashm_member *
element_of(lua_State *L, const struct luashm_record *array,
           struct luashm_member *element) {
  int whole;
  lua_Integer index = lua_tointegerx(L, 2, &whole);
  if (!whole || lua_type(L, 2) != LUA_TNUMBER)
    return NULL;
  if (index < 0 || (uint64_t)index >= count_of(array))
    no_such_index(L, array, index);
  *element = element_at(array, (uint64_t)index);
  return element;
}

/* The member for the key at stack index 2: a field, or *element, which is
   filled in. NULL: there is none, and the key is no number of an array. */
static inline const struct luashm_member *
member_at(lua_State *L, const struct luashm_record *record,
          struct luashm_member *element) {
  const struct luashm_members *range = record->members;
  if (!range)
    return element_of(L, record, element);
  const struct luashm_member *member =
      luashm_member_at(record->image, range, lua_topointer(L, 2));
  return __builtin_expect(member != NULL, 1) ? member : search(L, record);
}

/* record.field, array[index]; and methods whose name no field has */
static int record_index(lua_State *L) {
  struct luashm_record self;
  const struct luashm_record *record = luashm_own_record(L, &self);
  struct luashm_member element;
  const struct luashm_member *member = member_at(L, record, &element);
  if (__builtin_expect(member != NULL, 1))
    return luashm_get(L, record, member);
  /* A script can reach the metatable and change its entries. */
  if (lua_getfield(L, lua_upvalueindex(UPVALUE_OWN), "__methods") ==
      LUA_TTABLE) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
      return 1;
  }
  return no_such_field(L, record);
}

static int record_newindex(lua_State *L) {
  struct luashm_record self;
  const struct luashm_record *record = luashm_own_record(L, &self);
  struct luashm_member element;
  const struct luashm_member *member = member_at(L, record, &element);
  return member ? luashm_set(L, record, member) : no_such_field(L, record);
}

/* ---- methods ---- */

/* record:read() -> a plain table */
static int record_read(lua_State *L) {
  struct luashm_record record;
  luashm_own_record(L, &record);
  const unsigned char *bytes = luashm_push_snapshot(L, 1, &record);
  luashm_push_value(L, record.image, record.type, bytes, record.data->room);
  return 1;
}

/* record:write(values) -> record */
static int record_write(lua_State *L) {
  struct luashm_record record;
  lua_settop(L, 2);
  luashm_own_record(L, &record);
  luashm_set_all(L, &record, 2);
  lua_settop(L, 1);
  return 1;
}

/* record:atomic(field), array:atomic(index) -> cell */
static int record_atomic(lua_State *L) {
  struct luashm_record self;
  lua_settop(L, 2);
  const struct luashm_record *record = luashm_own_record(L, &self);
  struct luashm_member element;
  const struct luashm_member *member = member_at(L, record, &element);
  if (!member)
    return no_such_field(L, record);
  luashm_push_member_cell(L, record, member);
  return 1;
}

static int record_length(lua_State *L) {
  struct luashm_record self;
  const struct luashm_record *record = luashm_own_record(L, &self);
  if (!luashm_view_of(record)->base)
    return luashm_closed_view(L, 1);
  if (luashm_has_fields(record->type))
    return raise(L, lua_pushfstring(L, "%s is no array and has no length",
                                    luashm_push_path(L, record)));
  lua_pushinteger(L, (lua_Integer)count_of(record));
  return 1;
}

enum { POSITION = UPVALUE_TYPES + 1 };

/* Leaves the key, which is at the top of the stack, and adds the member's
   value. */
static int key_and_value(lua_State *L, const struct luashm_record *record,
                         const struct luashm_member *member) {
  int key = lua_gettop(L);
  luashm_get(L, record, member);
  lua_pushvalue(L, key);
  lua_insert(L, -2);
  return 2;
}

static int next_element(lua_State *L, const struct luashm_record *array,
                        uint64_t position) {
  if (position >= count_of(array))
    return 0;
  struct luashm_member element = element_at(array, position);
  lua_pushinteger(L, (lua_Integer)position);
  return key_and_value(L, array, &element);
}

static int next_field(lua_State *L, const struct luashm_record *record,
                      uint64_t position) {
  uint32_t count;
  const struct luashm_member *member =
      luashm_members_of(record->image, record->type, &count);
  if (position >= count)
    return 0;
  member += position;
  lua_pushlstring(L, record->image->names + member->field->name,
                  member->field->name_length);
  return key_and_value(L, record, member);
}

/* The iterator. Its position is an upvalue, as Lua knows no order of fields. */
static int record_next(lua_State *L) {
  struct luashm_record self;
  const struct luashm_record *record = luashm_own_record(L, &self);
  lua_Integer position = lua_tointeger(L, lua_upvalueindex(POSITION));
  lua_pushinteger(L, position + 1);
  lua_replace(L, lua_upvalueindex(POSITION));
  if (!luashm_view_of(record)->base)
    return luashm_closed_view(L, 1);
  return luashm_has_fields(record->type)
             ? next_field(L, record, (uint64_t)position)
             : next_element(L, record, (uint64_t)position);
}

static int record_pairs(lua_State *L) {
  luashm_own(L, TYPE_RECORD);
  for (int upvalue = UPVALUE_OWN; upvalue <= UPVALUE_TYPES; upvalue++)
    lua_pushvalue(L, lua_upvalueindex(upvalue));
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, record_next, POSITION);
  lua_pushvalue(L, 1);
  return 2;
}

/* Two records are equal if they are the same bytes, laid out alike: each access
   to a part makes a new record. */
static int record_equal(lua_State *L) {
  const struct luashm_record_data *one = luashm_test(L, 1, TYPE_RECORD);
  const struct luashm_record_data *two = luashm_test(L, 2, TYPE_RECORD);
  bool same = one && two &&
              luashm_same(one->head.object, two->head.object) &&
              one->offset == two->offset && one->room == two->room;
  if (same) {
    struct luashm_record first, second;
    luashm_push_record_image(L, 1, one, &first);
    luashm_push_record_image(L, 2, two, &second);
    same = luashm_alike(L, first.image, first.type, second.image, second.type);
  }
  lua_pushboolean(L, same);
  return 1;
}

static int record_tostring(lua_State *L) {
  struct luashm_record self;
  const struct luashm_record *record = luashm_own_record(L, &self);
  const char *type = luashm_push_type(L, record->image, record->type);
  const char *name = luashm_shown_name(L, 1);
  if (!luashm_view_of(record)->base) {
    lua_pushfstring(L, "%s of %s (closed)", type, name);
    return 1;
  }
  const unsigned char *bytes = luashm_push_snapshot(L, 1, record);
  lua_pushfstring(L, "%s at offset %I of %s (%I bytes)", type,
                  (lua_Integer)record->data->offset, name,
                  (lua_Integer)record->data->room);
  luashm_push_listing(L, record->image, record->type, bytes,
                      record->data->room);
  lua_concat(L, 2);
  return 1;
}

/* For the prompt's completion. __fields(record) -> its names;
   __fields(record, key) -> the struct or array at this key. Reads no shared
   memory. */
static int record_fields(lua_State *L) {
  struct luashm_record self;
  luashm_own(L, TYPE_RECORD);
  lua_settop(L, 2);
  const struct luashm_record *record = luashm_own_record(L, &self);
  uint32_t count = 0;
  if (lua_isnil(L, 2)) {
    lua_newtable(L);
    if (!luashm_has_fields(record->type))
      return 1;
    const struct luashm_member *member =
        luashm_members_of(record->image, record->type, &count);
    for (uint32_t i = 0; i < count; i++, member++) {
      lua_pushlstring(L, record->image->names + member->field->name,
                      member->field->name_length);
      lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
  }
  struct luashm_member element;
  const struct luashm_member *member = member_at(L, record, &element);
  if (!member || !luashm_is_compound(member->type) ||
      luashm_is_text(record->image, member->type))
    return 0;
  luashm_push_part(L, record, member);
  return 1;
}

static const luaL_Reg methods[] = {
    {"read", record_read},
    {"write", record_write},
    {"atomic", record_atomic},
    {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__newindex", record_newindex},
                                       {"__len", record_length},
                                       {"__pairs", record_pairs},
                                       {"__eq", record_equal},
                                       {"__tostring", record_tostring},
                                       {"__fields", record_fields},
                                       {NULL, NULL}};

const struct luashm_class luashm_records = {.name = "shm.record",
                                            .methods = {methods},
                                            .metamethods = metamethods,
                                            .index = record_index};

const luaL_Reg luashm_record_view_methods[] = {{"as", view_as}, {NULL, NULL}};
