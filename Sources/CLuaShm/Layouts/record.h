/*
 * Layouts and records, for the files with these names.
 *
 * How the parts play together. Swift parses C declarations into an image
 * (CShmLayout.h). layout.c copies it once into a userdata and adds what lookups
 * need: members by name, in sorted orders (layout-names.c). view:as makes a
 * record (record.c): a small userdata that names a view, an offset and a type
 * of the image. Reading a field (record-access.c) asks the world for its bytes
 * and turns them into a value (record-values.c). Writing goes the other way in
 * two steps: everything is checked and staged in private bytes
 * (record-stage.c), then copied (record-writes.c), and nothing fails in
 * between.
 */
#ifndef LUASHM_RECORD_H
#define LUASHM_RECORD_H

#include "module.h"

#include <COperations.h>
#include <CShmLayout.h>

/* ---- a prepared layout: layout.c ---- */

/* A field as scripts see it. An anonymous member has no name to write, so its
   fields count as the record's own. */
struct luashm_member {
  uint64_t offset; /* bytes from the start of the record */
  const struct cshm_type *type;
  const struct cshm_field *field; /* has its name and its bits */
  uint32_t bit_offset, bit_width; /* width 0: not a bit-field */
  bool in_unit;  /* the whole unit of the bits may be accessed */
  bool flexible; /* an array that extends to the view's end */
};

/* An entry of a hash table from names to members. Lua keeps a single copy of
   each short string, so the key is the string's address, which lua_topointer
   returns. */
struct luashm_slot {
  const void *name; /* NULL: free */
  const struct luashm_member *member;
};

/* Which of the image's members belong to one struct or union, and its hash
   table: a power of two of slots, at least half of them free. */
struct luashm_members {
  uint32_t first, count;
  uint32_t first_slot, mask;
};

/* A userdata that contains all that it points to, except for the names'
   strings, whose addresses are compared but never followed. It has no metatable
   and is never changed; `head` identifies the layout whose image it is. */
struct luashm_image {
  struct luashm_head head;
  const struct cshm_layout *layout;
  const struct cshm_type *types;
  const struct cshm_field *fields;
  const char *names;
  const struct luashm_members *of_type; /* by type index */
  const struct luashm_member *members;
  const struct luashm_slot *slots;
  /* Indices sorted by name: of each struct's or union's members, of the
     constants, of each enum's enumerators; the latter also sorted by value. */
  uint32_t *members_by_name, *constants_by_name;
  uint32_t *enumerators_by_name, *enumerators_by_value;
};

/* The userdata "shm.layout" consists of a head only. Its entry is open while
   the host has the image; after that it only distinguishes layouts. */
enum luashm_layout_value {
  LAYOUT_OBJECT = 1, /* the name of its object, or nil */
  LAYOUT_IMAGE,      /* nil while the image is being made */
  LAYOUT_VALUES = LAYOUT_IMAGE
};

/* An image's user value: a list that keeps alive the strings whose addresses
   the image uses. */
enum { IMAGE_NAMES = 1 };

/* Pushes the user value, of the value at the stack index, that should be the
   image of this layout. Returns NULL if it is not, as the debug library can
   remove it. The image lives as long as it is on the stack. */
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

/* A struct, a union or an array: for scripts it is a record, or a text. */
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

/* How many elements of an array's type fit into `room` bytes. */
static inline uint64_t luashm_count(const struct luashm_image *image,
                                    const struct cshm_type *array,
                                    uint64_t room) {
  uint64_t size = luashm_element(image, array)->size;
  return size ? room / size : array->count;
}

/* The members of a struct or union, and their number. */
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

/* The member whose name is the string at this address. NULL: there is none, or
   the name is long (Lua may keep several copies of a long string), or the
   address is NULL because the key is no string. */
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

/* Are two types laid out alike, whichever layouts they belong to? The time
   grows with the text of the layouts, not with what they describe. */
bool luashm_alike(lua_State *, const struct luashm_image *,
                  const struct cshm_type *, const struct luashm_image *,
                  const struct cshm_type *);

/* ---- options: layout-options.c ---- */

/* Reads the table at the index. Pushes what the options point at; returns the
   stack index of the object's name, or of nil. */
int luashm_check_layout(lua_State *, int index, struct luashm_layout_options *);

/* ---- names: layout-names.c ---- */

/* Fills in the sorted orders. */
void luashm_sort_names(const struct luashm_image *);

/* The member of this name, or NULL. */
const struct luashm_member *
luashm_find_member(const struct luashm_image *, const struct cshm_type *,
                   struct luashm_bytes name);

struct luashm_constants {
  const struct cshm_constant *first;
  uint32_t count;
  const uint32_t *by_name, *by_value; /* of enumerators; else NULL */
};

struct luashm_constants luashm_constants_of(const struct luashm_image *);

/* Returns none for a type that is no enum. */
struct luashm_constants luashm_enumerators_of(const struct luashm_image *,
                                              const struct cshm_type *);

/* The constant of this name, or NULL. */
const struct cshm_constant *luashm_find_constant(const struct luashm_image *,
                                                 struct luashm_constants,
                                                 struct luashm_bytes name);

/* The first enumerator with this value, or NULL. */
const struct cshm_constant *luashm_find_value(struct luashm_constants,
                                              int64_t value);

/* Like luashm_push_near, for the fields' names. */
void luashm_push_near_field(lua_State *, const struct luashm_image *,
                            const struct cshm_type *, struct luashm_bytes name);
void luashm_push_near_constant(lua_State *, const struct luashm_image *,
                               struct luashm_constants,
                               struct luashm_bytes name);

/* ---- listings: layout-listing.c ---- */

/* Pushes a type's name for messages: "struct Vec", "float[3]". */
const char *luashm_push_type(lua_State *, const struct luashm_image *,
                             const struct cshm_type *);

/* Pushes a type's members as lines, each preceded by a newline. `bytes` is a
   copy of a record whose values are shown, `room` bytes long; NULL: no
   values. */
void luashm_push_listing(lua_State *, const struct luashm_image *,
                         const struct cshm_type *,
                         const unsigned char *bytes, uint64_t room);

/* ---- records: record.c ---- */

/* The userdata "shm.record": a struct, a union or an array in a view. */
struct luashm_record_data {
  struct luashm_head head; /* names the view's entry, which may be closed */
  struct luashm_object layout; /* its image is the user value */
  uint64_t type;               /* index among the layout's types */
  uint64_t offset;             /* bytes from the view's start */
  uint64_t origin;             /* the same, of what view:as made */
  uint64_t room;               /* bytes from `offset` that belong to it */
};

/* A record while a function uses it, which keeps the image on its stack. */
struct luashm_record {
  const struct luashm_record_data *data;
  const struct luashm_image *image;
  const struct cshm_type *type;
  const struct luashm_members *members; /* NULL: an array */
};

/* The entry of the record's view. */
static inline struct luashm_handle *
luashm_view_of(const struct luashm_record *record) {
  return luashm_handle(record->data->head.object);
}

enum luashm_record_value {
  RECORD_NAME = 1, /* the object's name, as luashm_name_of expects it */
  RECORD_VIEW,
  RECORD_IMAGE,
  RECORD_VALUES = RECORD_IMAGE
};

/* ---- making: record-parts.c ---- */

/* Raises: the record at the stack index has lost its layout. */
int luashm_no_layout(lua_State *L, int index);

/* Pushes a record of the type; its image is at stack index `at`, and its other
   user values are left unset. `data`: all of it but the layout and the type. */
void luashm_push_record(lua_State *, int at, const struct luashm_image *,
                        const struct cshm_type *, struct luashm_record_data);

/* Pushes the image of the value at the stack index, which must be a record. */
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

/* For methods: the record at stack index 1, whose image it pushes. */
static inline __attribute__((always_inline)) const struct luashm_record *
luashm_own_record(lua_State *L, struct luashm_record *record) {
  luashm_push_record_image(L, 1, luashm_own(L, TYPE_RECORD), record);
  return record;
}

/* Pushes a member of the record at stack index 1 that is a struct or array. */
void luashm_push_part(lua_State *, const struct luashm_record *,
                      const struct luashm_member *);

/* ---- cells: record-cell.c ---- */

/* Pushes an atomic cell on a member of the record at stack index 1; raises
   unless the member is a word in this machine's byte order. */
void luashm_push_member_cell(lua_State *, const struct luashm_record *,
                             const struct luashm_member *);

/* ---- paths: record-path.c ---- */

/* Pushes the path "Link.position[1]": the type that view:as was given, and the
   members from there on. */
const char *luashm_push_path(lua_State *, const struct luashm_record *);

/* ---- access: record-access.c ---- */

/* Pushes a member of the record at stack index 1, or writes the value at stack
   index 3 to it. A member without a field is an array's element. */
int luashm_get(lua_State *, const struct luashm_record *,
               const struct luashm_member *);
int luashm_set(lua_State *, const struct luashm_record *,
               const struct luashm_member *);

/* Is its value an integer, which a listener can be shown? */
static inline bool luashm_is_integer(const struct luashm_member *member) {
  return member->type->kind != CSHM_FLOATING &&
         member->type->kind < CSHM_OPAQUE;
}

/* Writes the value at the stack index to the record at stack index 1. */
void luashm_set_all(lua_State *, const struct luashm_record *, int index);

/* ---- reading: record-copy.c ---- */

/* An operation on a member of the record; NULL: on the whole record. */
struct luashm_operation luashm_on_record(enum luashm_op,
                                         const struct luashm_record *,
                                         const struct luashm_member *);

/* Pushes a copy of the record's bytes as a userdata; `index`: the record's. */
const unsigned char *luashm_push_snapshot(lua_State *, int index,
                                          const struct luashm_record *);

/* How many bytes the member has in a record with this much room. */
static inline uint64_t luashm_member_room(const struct luashm_image *image,
                                          const struct luashm_member *member,
                                          uint64_t room) {
  if (!member->flexible)
    return member->type->size;
  uint64_t rest = room > member->offset ? room - member->offset : 0;
  uint64_t size = luashm_element(image, member->type)->size;
  return size ? rest - rest % size : 0;
}

/* ---- values: record-values.c ---- */

/* Pushes the value of a type that is not compound; width 0: all its bits. */
void luashm_push_scalar(lua_State *, const struct cshm_type *, uint64_t raw,
                        uint32_t width);

/* Pushes the value that private bytes have: a scalar, a text, or a table. */
void luashm_push_value(lua_State *, const struct luashm_image *,
                       const struct cshm_type *, const unsigned char *bytes,
                       uint64_t room);
void luashm_push_member(lua_State *, const struct luashm_image *,
                        const struct luashm_member *,
                        const unsigned char *record, uint64_t room);

/* ---- writing: record-stage.c ---- */

/* A value's place in a record, for messages. Callers keep the places in their
   frames, linked into a list. */
struct luashm_place {
  const struct luashm_place *parent; /* NULL: in the record itself */
  const struct cshm_field *field;    /* NULL: an element */
  uint64_t index;
};

/* One piece of memory to write, taken from the staged bytes. */
struct luashm_write {
  uint64_t offset;
  uint64_t size;  /* bytes of one access; 0: plain bytes */
  uint64_t count; /* of accesses, or of bytes */
  const struct luashm_member *bits; /* NULL: not a bit-field */
  uint64_t base;  /* of a bit-field: where its record begins */
};

/* What was checked and is to be written: bytes at the same offsets as in the
   record, and a list of which to write. Both are userdata on the stack. */
struct luashm_stage {
  lua_State *L;
  const struct luashm_image *image;
  const struct luashm_record *record; /* for messages */
  unsigned char *bytes;
  struct luashm_write *writes;
  size_t count, capacity;
  int slot; /* stack index of the list's userdata */
};

/* Pushes the two userdata, for `size` bytes of a record. */
void luashm_stage_begin(lua_State *, struct luashm_stage *,
                        const struct luashm_record *, uint64_t room);

/* Checks the value at the stack index and stages it; raises if it does not
   fit. */
void luashm_stage_member(struct luashm_stage *, const struct luashm_place *,
                         const struct luashm_member *, uint64_t offset,
                         uint64_t room, int index);
void luashm_stage_value(struct luashm_stage *, const struct luashm_place *,
                        const struct cshm_type *, uint64_t offset,
                        uint64_t room, int index);

/* Converts the value at the stack index to a scalar's bits; raises if it does
   not fit. */
uint64_t luashm_check_scalar(const struct luashm_stage *,
                             const struct luashm_place *,
                             const struct cshm_type *, uint32_t width,
                             int index);

/* ---- record-writes.c ---- */

/* Writes what was staged, or a part of it if the memory is lost meanwhile.
   Neither raises nor allocates. `base`: the record's address in the window. */
void luashm_stage_write(const struct luashm_stage *, unsigned char *base,
                        const struct cshm_window *);

#endif
