/*
 * The image of a layout: what a C declaration says about memory, as plain data
 * that both languages read. One block without pointers, made by Layout.swift
 * and copied as it is; the arrays follow the head in the order of its counts.
 */
#ifndef CSHM_LAYOUT_H
#define CSHM_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum { CSHM_LAYOUT_MAGIC = 0x334c504d }; /* "MPL3" */

/* Microsoft's compiler is CSHM_WINDOWS, as Layout.ABI says. */
enum cshm_abi { CSHM_LINUX, CSHM_WINDOWS, CSHM_MINGW };

/* Of a scalar's type: the byte at its offset is the highest. */
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
  uint32_t element;             /* of arrays: a type's index; of enums: the
                                   first of its enumerators' */
  uint32_t first_field;         /* of struct and union: a field's index */
  uint32_t field_count;         /* in the order of the declaration */
  uint32_t enumerator_count;    /* of enums, else 0; of integers' kinds */
  uint64_t count;               /* of arrays; 0 also for a flexible one */
  uint32_t name, name_length;   /* "LinkedMem", "uint32_t"; arrays: none */
  uint32_t flags;               /* CSHM_BIG_ENDIAN */
  uint32_t reserved;            /* 0 */
};

struct cshm_field {
  uint32_t type;
  /* Of bit-fields, else 0. The lowest bit of the byte at `offset` is bit 0; of
     a big-endian one the lowest of the unit's number, or of that of its bytes
     where it is in no unit. The field is in the bytes of cshm_field_bytes(),
     which are in the record. If cshm_field_in_unit(), `offset` is that of a
     whole unit of the type's size which has all its bits and is inside of the
     record. */
  uint32_t bit_offset, bit_width;
  uint32_t name, name_length; /* length 0: an anonymous struct or union, whose
                                 fields count as the parent's */
  uint32_t reserved;          /* 0 */
  uint64_t offset;            /* bytes from the begin of its record */
};

/* Enumerators and integer #defines, in the order of the text. A value above
   2^63-1 appears as the negative number with the same bits. */
struct cshm_constant {
  uint32_t name, name_length;
  int64_t value;
};

struct cshm_layout {
  uint32_t magic;
  uint32_t length; /* bytes of all of it */
  uint32_t root;   /* a type's index: struct, union, or what a typedef named */
  uint32_t abi;
  uint32_t types, fields, constants; /* how many */
  uint32_t enumerators;              /* those of an enum stand together */
  uint32_t names;                    /* how many bytes; no NULs between */
  /* "A, B": macros that nobody defines and that conditions asked for; among
     the names. */
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

/* How many bytes from `offset` a bit-field touches, 1 to 9. */
static inline uint32_t cshm_field_bytes(const struct cshm_field *field) {
  return (field->bit_offset + field->bit_width + 7) / 8;
}

/* May the bit-field be read and written as one integer of its type's size? A
   packed one may not when it crosses units or the record ends before. */
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
