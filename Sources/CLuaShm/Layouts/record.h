/*
 * Layouts and records, for the files of that name: what is prepared of a
 * layout's image, the userdata, and what moves values between memory and Lua.
 */
#ifndef LUASHM_RECORD_H
#define LUASHM_RECORD_H

#include "module.h"

#include <COperations.h>
#include <CShmLayout.h>

/* ---- a layout, prepared: layout.c ---- */

/* A field as a script sees it: of anonymous members, which have no name to
   say, the fields count as the record's own. */
struct luashm_member {
  uint64_t offset; /* bytes from the start of the record */
  const struct cshm_type *type;
  const struct cshm_field *field; /* its name, and its bits */
  uint32_t bit_offset, bit_width; /* width 0: no bit-field */
  bool in_unit;  /* the bits may be accessed with all of their unit */
  bool flexible; /* an array that goes on to the end of the view */
};

/* Of a hash table from a name to its member. Lua keeps one copy of a short
   string, so that its address, of lua_topointer, is the key. */
struct luashm_slot {
  const void *name; /* NULL: free */
  const struct luashm_member *member;
};

/* The members of one struct or union among all, and its hash table: a power
   of two of slots, at least half of them free. */
struct luashm_members {
  uint32_t first, count;
  uint32_t first_slot, mask;
};

/* A userdata of its own, in one piece with all that it points to, but for the
   names' strings, whose addresses are compared and never followed. It has no
   metatable and is never changed; `head` names what it is the image of. */
struct luashm_image {
  struct luashm_head head;
  const struct cshm_layout *layout;
  const struct cshm_type *types;
  const struct cshm_field *fields;
  const char *names;
  const struct luashm_members *of_type; /* by type index */
  const struct luashm_member *members;
  const struct luashm_slot *slots;
  /* Places in the order of names: of each range's members, of the constants, of
     each enum's enumerators; and of these in the order of values. */
  uint32_t *members_by_name, *constants_by_name;
  uint32_t *enumerators_by_name, *enumerators_by_value;
};

/* The userdata "shm.layout" is a head alone. Its entry is open while the host
   has the image; then it only tells one layout from all others. */
enum luashm_layout_value {
  LAYOUT_OBJECT = 1, /* the name of its object, or nil */
  LAYOUT_IMAGE,      /* nil: the image is still being made */
  LAYOUT_VALUES = LAYOUT_IMAGE
};

/* An image's user value: a list of the strings whose addresses are used. */
enum { IMAGE_NAMES = 1 };

/* Pushes the user value of the value at an index, where the image of that
   layout should be; NULL: it is not there, as the debug library can take it
   away. It is there while it is on the stack. */
static inline const struct luashm_image *
luashm_push_image(lua_State *L, int index, int value,
                  struct luashm_object layout) {
  lua_getiuservalue(L, index, value);
  const struct luashm_image *image = luashm_marked(L, -1, TYPE_IMAGE);
  return __builtin_expect(image && luashm_same(image->head.object, layout), 1)
             ? image
             : NULL;
}

static inline uint32_t luashm_type_index(const struct luashm_image *image,
                                         const struct cshm_type *type) {
  return (uint32_t)(type - image->types);
}

static inline const struct cshm_type *
luashm_element(const struct luashm_image *image,
               const struct cshm_type *array) {
  return &image->types[array->element];
}

static inline bool luashm_has_fields(const struct cshm_type *type) {
  return type->kind == CSHM_RECORD || type->kind == CSHM_UNION;
}

/* Struct, union, or an array: what is a record for scripts, or a text. */
static inline bool luashm_is_compound(const struct cshm_type *type) {
  return type->kind >= CSHM_ARRAY;
}

/* An array of characters. */
static inline bool luashm_is_text(const struct luashm_image *image,
                                  const struct cshm_type *type) {
  if (type->kind != CSHM_ARRAY)
    return false;
  uint32_t kind = luashm_element(image, type)->kind;
  return kind == CSHM_CHARACTER || kind == CSHM_WIDE;
}

/* How many elements of an array's type there are in so many bytes. */
static inline uint64_t luashm_count(const struct luashm_image *image,
                                    const struct cshm_type *array,
                                    uint64_t room) {
  uint64_t size = luashm_element(image, array)->size;
  return size ? room / size : array->count;
}

/* The members of a struct or union, and how many there are. */
static inline const struct luashm_member *
luashm_members_of(const struct luashm_image *image,
                  const struct cshm_type *type, uint32_t *count) {
  const struct luashm_members *range =
      &image->of_type[luashm_type_index(image, type)];
  *count = range->count;
  return image->members + range->first;
}

static inline uint32_t luashm_hash(const void *name) {
  return (uint32_t)((uintptr_t)name >> 4 ^ (uintptr_t)name >> 12);
}

/* The member whose name is the string at this address; NULL: none, or the name
   is a long one, of which Lua keeps several copies, or the address is NULL, as
   of a number. */
static inline const struct luashm_member *
luashm_member_at(const struct luashm_image *image,
                 const struct luashm_members *range, const void *name) {
  const struct luashm_slot *slots = image->slots + range->first_slot;
  for (uint32_t at = luashm_hash(name) & range->mask; slots[at].name;
       at = (at + 1) & range->mask)
    if (slots[at].name == name)
      return slots[at].member;
  return NULL;
}

/* ---- comparing: layout-alike.c ---- */

/* Are these laid out alike, whatever their layouts? Takes a time that grows
   with the text of the layouts, not with what they describe. */
bool luashm_alike(lua_State *, const struct luashm_image *,
                  const struct cshm_type *, const struct luashm_image *,
                  const struct cshm_type *);

/* ---- options: layout-options.c ---- */

/* Reads the table at the index. Pushes what the options point at; returns
   where the object's name is, or nil. */
int luashm_check_layout(lua_State *, int index, struct luashm_layout_options *);

/* ---- names: layout-names.c ---- */

/* Fills in the orders. */
void luashm_sort_names(const struct luashm_image *);

/* The member of this name, or NULL. */
const struct luashm_member *
luashm_find_member(const struct luashm_image *, const struct cshm_type *,
                   struct luashm_bytes name);

struct luashm_constants {
  const struct cshm_constant *first;
  uint32_t count;
  const uint32_t *by_name, *by_value; /* of enumerators, else NULL */
};

struct luashm_constants luashm_constants_of(const struct luashm_image *);

/* None for what is no enum. */
struct luashm_constants luashm_enumerators_of(const struct luashm_image *,
                                              const struct cshm_type *);

/* The constant of this name, or NULL. */
const struct cshm_constant *luashm_find_constant(const struct luashm_image *,
                                                 struct luashm_constants,
                                                 struct luashm_bytes name);

/* The first enumerator of the value, or NULL. */
const struct cshm_constant *luashm_find_value(struct luashm_constants,
                                              int64_t value);

/* As luashm_push_near. */
void luashm_push_near_field(lua_State *, const struct luashm_image *,
                            const struct cshm_type *, struct luashm_bytes name);
void luashm_push_near_constant(lua_State *, const struct luashm_image *,
                               struct luashm_constants,
                               struct luashm_bytes name);

/* ---- listings: layout-listing.c ---- */

/* Pushes "struct Vec", "float[3]"; what a message calls the type. */
const char *luashm_push_type(lua_State *, const struct luashm_image *,
                             const struct cshm_type *);

/* Pushes the lines of a type's members, each after a newline; `bytes`: a copy
   of a record whose values are shown, `room` bytes of it; or NULL. */
void luashm_push_listing(lua_State *, const struct luashm_image *,
                         const struct cshm_type *,
                         const unsigned char *bytes, uint64_t room);

/* ---- records: record.c ---- */

/* The userdata "shm.record": a struct, a union or an array in a view. */
struct luashm_record_data {
  struct luashm_head head; /* names the view's entry; it may be closed */
  struct luashm_object layout; /* whose image is the user value */
  uint64_t type;               /* its place among that layout's */
  uint64_t offset;             /* bytes from the view's begin */
  uint64_t origin;             /* the same of what view:as made */
  uint64_t room;               /* bytes from there that are its own */
};

/* The same while a function runs, which has the image on its stack. */
struct luashm_record {
  const struct luashm_record_data *data;
  const struct luashm_image *image;
  const struct cshm_type *type;
  const struct luashm_members *members; /* NULL: an array */
};

/* The entry of its view. */
static inline struct luashm_handle *
luashm_view_of(const struct luashm_record *record) {
  return luashm_handle(record->data->head.object);
}

enum luashm_record_value {
  RECORD_NAME = 1, /* the object's, as luashm_name_of wants it */
  RECORD_VIEW,
  RECORD_IMAGE,
  RECORD_VALUES = RECORD_IMAGE
};

/* ---- making: record-parts.c ---- */

/* Raises that the record at an index has lost its layout. */
int luashm_no_layout(lua_State *L, int index);

/* Pushes a record of the type, whose image is at an index, without its other
   values; `data`: but for the layout and the type. */
void luashm_push_record(lua_State *, int at, const struct luashm_image *,
                        const struct cshm_type *, struct luashm_record_data);

/* Pushes the image of the record at an index, which is one. */
static inline __attribute__((always_inline)) void
luashm_push_record_image(lua_State *L, int index,
                         const struct luashm_record_data *data,
                         struct luashm_record *record) {
  const struct luashm_image *image =
      luashm_push_image(L, index, RECORD_IMAGE, data->layout);
  if (__builtin_expect(!image, 0))
    luashm_no_layout(L, index);
  const struct cshm_type *type = &image->types[data->type];
  record->data = data;
  record->image = image;
  record->type = type;
  record->members =
      luashm_has_fields(type) ? &image->of_type[data->type] : NULL;
}

/* The record at index 1 of one of its own methods, whose image it pushes. */
static inline __attribute__((always_inline)) const struct luashm_record *
luashm_own_record(lua_State *L, struct luashm_record *record) {
  luashm_push_record_image(L, 1, luashm_own(L, TYPE_RECORD), record);
  return record;
}

/* Pushes the struct or array that is a member of the record at index 1. */
void luashm_push_part(lua_State *, const struct luashm_record *,
                      const struct luashm_member *);

/* ---- cells: record-cell.c ---- */

/* Pushes an atomic cell of a member of the record at index 1; raises for what
   is no word in this machine's order. */
void luashm_push_member_cell(lua_State *, const struct luashm_record *,
                             const struct luashm_member *);

/* ---- many numbers: record-numbers.c ---- */

int luashm_record_numbers(lua_State *);

/* ---- paths: record-path.c ---- */

/* Pushes "Link.position[1]": the type of what view:as made, and the way from
   there. */
const char *luashm_push_path(lua_State *, const struct luashm_record *);

/* ---- access: record-access.c ---- */

/* Pushes a member of the record at index 1, or writes the value at index 3 to
   it; members without a field are elements of an array. */
int luashm_get(lua_State *, const struct luashm_record *,
               const struct luashm_member *);
int luashm_set(lua_State *, const struct luashm_record *,
               const struct luashm_member *);

/* Is its value an integer, which a listener may show? */
static inline bool luashm_is_integer(const struct luashm_member *member) {
  return member->type->kind != CSHM_FLOATING &&
         member->type->kind < CSHM_OPAQUE;
}

/* Writes the value at an index to the record at index 1. */
void luashm_set_all(lua_State *, const struct luashm_record *, int index);

/* ---- reading: record-copy.c ---- */

/* An operation on a member of the record; NULL: on all of it. */
struct luashm_operation luashm_on_record(enum luashm_op,
                                         const struct luashm_record *,
                                         const struct luashm_member *);

/* Pushes a copy of the record's bytes as a userdata, read at once; `index`:
   the record's. */
const unsigned char *luashm_push_snapshot(lua_State *, int index,
                                          const struct luashm_record *);

/* The bytes of the member of a record that has so much room. */
static inline uint64_t luashm_member_room(const struct luashm_image *image,
                                          const struct luashm_member *member,
                                          uint64_t room) {
  if (!member->flexible)
    return member->type->size;
  uint64_t rest = room > member->offset ? room - member->offset : 0;
  uint64_t size = luashm_element(image, member->type)->size;
  return size ? rest - rest % size : 0;
}

/* ---- byte order ---- */

/* A scalar's bits, between the order of its memory and the machine's. */
static inline uint64_t luashm_ordered(const struct cshm_type *type,
                                      uint64_t raw) {
  return __builtin_expect(type->flags & CSHM_BIG_ENDIAN, 0)
             ? __builtin_bswap64(raw) >> (64 - 8 * type->size)
             : raw;
}

static inline uint64_t luashm_load_scalar(const struct cshm_type *type,
                                          const void *at) {
  return luashm_ordered(type, cshm_load_scalar(at, type->size));
}

static inline void luashm_store_scalar(const struct cshm_type *type, void *at,
                                       uint64_t raw) {
  cshm_store_scalar(at, type->size, luashm_ordered(type, raw));
}

/* ---- bit-fields ---- */

static inline struct cops_bits
luashm_bits_of(const struct luashm_member *member) {
  return (struct cops_bits){
      .unit = member->type->size,
      .offset = member->bit_offset,
      .width = member->bit_width,
      .in_unit = member->in_unit,
      .big_endian = (member->type->flags & CSHM_BIG_ENDIAN) != 0};
}

/* `base`: where the record begins. */
static inline uint64_t luashm_load_bits(const unsigned char *base,
                                        const struct luashm_member *member) {
  return cops_load_bits(base + member->offset, luashm_bits_of(member));
}

static inline void luashm_store_bits(unsigned char *base,
                                     const struct luashm_member *member,
                                     uint64_t value) {
  cops_store_bits(base + member->offset, luashm_bits_of(member), value);
}

/* ---- values: record-values.c ---- */

/* Pushes the value of a type that is no compound; width 0: all of its bits. */
void luashm_push_scalar(lua_State *, const struct cshm_type *, uint64_t raw,
                        uint32_t width);

/* Pushes the value of private bytes: a scalar, a text, or a plain table. */
void luashm_push_value(lua_State *, const struct luashm_image *,
                       const struct cshm_type *, const unsigned char *bytes,
                       uint64_t room);
void luashm_push_member(lua_State *, const struct luashm_image *,
                        const struct luashm_member *,
                        const unsigned char *record, uint64_t room);

/* A number of the record that begins at `base`, which may be shared. */
static inline uint64_t luashm_load_member(const unsigned char *base,
                                          const struct luashm_member *member) {
  return __builtin_expect(member->bit_width == 0, 1)
             ? luashm_load_scalar(member->type, base + member->offset)
             : luashm_load_bits(base, member);
}

static inline void luashm_store_member(unsigned char *base,
                                       const struct luashm_member *member,
                                       uint64_t raw) {
  if (member->bit_width == 0)
    luashm_store_scalar(member->type, base + member->offset, raw);
  else
    luashm_store_bits(base, member, raw);
}

/* ---- writing: record-stage.c ---- */

/* Where in a record a value is, for messages; a list in callers' frames. */
struct luashm_place {
  const struct luashm_place *parent; /* NULL: in the record itself */
  const struct cshm_field *field;    /* NULL: an element */
  uint64_t index;
};

/* One piece to be written, from the staged bytes. */
struct luashm_write {
  uint64_t offset;
  uint64_t size;  /* of one access; 0: plain bytes */
  uint64_t count; /* accesses, or bytes */
  const struct luashm_member *bits; /* NULL: no bit-field */
  uint64_t base;  /* of bit-fields: where their record begins */
};

/* What is checked and shall be written: bytes at the same offsets as in the
   record, and which of them. Everything is in userdata on the stack. */
struct luashm_stage {
  lua_State *L;
  const struct luashm_image *image;
  const struct luashm_record *record; /* for messages */
  unsigned char *bytes;
  struct luashm_write *writes;
  size_t count, capacity;
  int slot; /* of the writes' userdata on the stack */
};

/* Pushes two userdata, for so many bytes of a record. */
void luashm_stage_begin(lua_State *, struct luashm_stage *,
                        const struct luashm_record *, uint64_t room);

/* Checks the value at index and stages it; raises if it does not fit. */
void luashm_stage_member(struct luashm_stage *, const struct luashm_place *,
                         const struct luashm_member *, uint64_t offset,
                         uint64_t room, int index);
void luashm_stage_value(struct luashm_stage *, const struct luashm_place *,
                        const struct cshm_type *, uint64_t offset,
                        uint64_t room, int index);

/* The scalar's bits of the value at index; raises if it does not fit. */
uint64_t luashm_check_scalar(const struct luashm_stage *,
                             const struct luashm_place *,
                             const struct cshm_type *, uint32_t width,
                             int index);

/* ---- record-writes.c ---- */

/* Writes what is staged, until the memory is gone; neither raises nor
   allocates. `base`: the record's begin, in the window. */
void luashm_stage_write(const struct luashm_stage *, unsigned char *base,
                        const struct cshm_window *);

#endif
