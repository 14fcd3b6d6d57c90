/*
 * The image of a layout: what a C declaration says about memory, as plain data
 * that Lua's bindings and Swift both read. It is one block without pointers,
 * made by Layout+Image.swift and copied as it is: the head, then the arrays in
 * the order of the head's counts.
 */
#ifndef CSHM_LAYOUT_H
#define CSHM_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum { CSHM_LAYOUT_MAGIC = 0x334c504d }; /* "MPL3" */

/* CSHM_WINDOWS follows Microsoft's compiler; see Layout.ABI. */
enum cshm_abi { CSHM_LINUX, CSHM_WINDOWS, CSHM_MINGW };

/* A flag of a scalar type: the byte at its offset is the most significant. */
enum { CSHM_BIG_ENDIAN = 1 };

enum cshm_type_kind {
  CSHM_UNSIGNED,  /* 1, 2, 4 or 8 bytes; unsigned char, BYTE and enums, too */
  CSHM_SIGNED,    /* 1, 2, 4 or 8 bytes; signed char, int8_t and BOOL, too */
  CSHM_FLOATING,  /* 4 or 8 bytes */
  CSHM_BOOLEAN,   /* 1 byte: bool, _Bool */
  CSHM_POINTER,   /* 8 bytes, an address of the writer's process */
  CSHM_CHARACTER, /* 1 byte: plain char, which is text in arrays */
  CSHM_WIDE,      /* wchar_t, char16_t, char32_t, WCHAR: 2 or 4 bytes of text */
  CSHM_OPAQUE,    /* long double, __int128: bytes without a meaning */
  CSHM_ARRAY,
  CSHM_RECORD, /* struct */
  CSHM_UNION
};

struct cshm_type {
  uint32_t kind, alignment;     /* alignment in bytes, a power of two */
  uint64_t size;                /* bytes */
  uint32_t element;             /* arrays: index of the element's type; enums:
                                   index of the first enumerator */
  uint32_t first_field;         /* struct and union: index of the first field */
  uint32_t field_count;         /* fields stand in the order of declaration */
  uint32_t enumerator_count;    /* enums, else 0; their kind is an integer's */
  uint64_t count;               /* arrays; 0 for a flexible one, too */
  uint32_t name, name_length;   /* "LinkedMem", "uint32_t"; arrays: none */
  uint32_t flags;               /* CSHM_BIG_ENDIAN */
  uint32_t reserved;            /* 0 */
};

struct cshm_field {
  uint32_t type;
  /* Bit-fields only, else 0. Bit 0 is the lowest bit of the byte at `offset`.
     In a big-endian field it is the lowest bit of the unit taken as one number,
     or, where the field is in no unit, of the bytes that it touches. The field
     lies in the bytes of cshm_field_bytes(), which are all in the record. If
     cshm_field_in_unit(), `offset` is that of a whole unit of the type's size
     that contains all its bits and lies in the record. */
  uint32_t bit_offset, bit_width;
  uint32_t name, name_length; /* length 0: an anonymous struct or union, whose
                                 fields count as its parent's */
  uint32_t reserved;          /* 0 */
  uint64_t offset;            /* bytes from the start of its record */
};

/* Enumerators and integer #defines, in the order of the text. A value above
   2^63-1 appears as the negative number with the same bits. */
struct cshm_constant {
  uint32_t name, name_length;
  int64_t value;
};

struct cshm_layout {
  uint32_t magic;
  uint32_t length; /* bytes of the whole image */
  uint32_t root;   /* index of a type: struct, union, or a typedef's */
  uint32_t abi;
  uint32_t types, fields, constants; /* the arrays' counts */
  uint32_t enumerators;              /* one enum's are contiguous */
  uint32_t names;                    /* bytes of all; no NULs between */
  /* "A, B": macros that conditions asked for and that nobody defined; stored
     among the names. */
  uint32_t undefined, undefined_length;
  uint32_t reserved;                 /* 0 */
};

static inline const struct cshm_type *
cshm_layout_types(const struct cshm_layout *layout) {
  return (const struct cshm_type *)(layout + 1);
}

static inline const struct cshm_field *
cshm_layout_fields(const struct cshm_layout *layout) {
  return (const struct cshm_field *)(cshm_layout_types(layout) + layout->types);
}

static inline const struct cshm_constant *
cshm_layout_constants(const struct cshm_layout *layout) {
  return (const struct cshm_constant *)(cshm_layout_fields(layout) +
                                        layout->fields);
}

static inline const struct cshm_constant *
cshm_layout_enumerators(const struct cshm_layout *layout) {
  return cshm_layout_constants(layout) + layout->constants;
}

static inline const char *
cshm_layout_names(const struct cshm_layout *layout) {
  return (const char *)(cshm_layout_enumerators(layout) + layout->enumerators);
}

/* How many bytes from `offset` on a bit-field touches: 1 to 9. */
static inline uint32_t cshm_field_bytes(const struct cshm_field *field) {
  return (field->bit_offset + field->bit_width + 7) / 8;
}

/* May the bit-field be read and written as one integer of its type's size? Not
   if it is packed and crosses two units, or if the record ends before the unit
   does. */
static inline bool cshm_field_in_unit(const struct cshm_field *field,
                                      const struct cshm_type *type,
                                      const struct cshm_type *record) {
  return field->bit_offset + field->bit_width <= 8 * type->size &&
         type->size <= record->size &&
         field->offset <= record->size - type->size;
}

_Static_assert(sizeof(struct cshm_type) == 56, "arrays follow each other");
_Static_assert(sizeof(struct cshm_field) == 32, "arrays follow each other");
_Static_assert(sizeof(struct cshm_constant) == 16, "arrays follow each other");
_Static_assert(sizeof(struct cshm_layout) == 48, "arrays follow each other");

#endif
