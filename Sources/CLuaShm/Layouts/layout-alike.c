/*
 * Are two types laid out alike? Each pair of parts is compared once: otherwise
 * a struct that contains the next one twice, forty levels deep, would be walked
 * 2^40 times. Pairs that were compared are put into one set (union-find) and
 * count as alike until a difference ends the whole comparison. So there are
 * fewer comparisons than types, and the sets may be trusted before they are
 * proven.
 */
#include "record.h"

#include <string.h>

struct comparison {
  const struct luashm_image *one, *two;
  uint32_t *parents; /* the first layout's types, then the second's */
};

static uint32_t set_of(const struct comparison *of, uint32_t type) {
  uint32_t *parents = of->parents;
  while (parents[type] != type) {
    parents[type] = parents[parents[type]];
    type = parents[type];
  }
  return type;
}

/* False: they were in one set already. */
static bool join(const struct comparison *of, const struct cshm_type *a,
                 const struct cshm_type *b) {
  uint32_t first = set_of(of, luashm_type_index(of->one, a));
  uint32_t second = set_of(of, of->one->layout->types +
                                   luashm_type_index(of->two, b));
  of->parents[first] = second;
  return first != second;
}

static bool same_shape(const struct cshm_type *a, const struct cshm_type *b) {
  return a->kind == b->kind && a->size == b->size && a->count == b->count &&
         a->field_count == b->field_count && a->flags == b->flags;
}

static bool same_place(const struct comparison *of, const struct cshm_field *a,
                       const struct cshm_field *b) {
  return a->offset == b->offset && a->bit_offset == b->bit_offset &&
         a->bit_width == b->bit_width && a->name_length == b->name_length &&
         memcmp(of->one->names + a->name, of->two->names + b->name,
                a->name_length) == 0;
}

/* Recurses as deep as types are nested: at most LayoutTypes.mostLevels. */
static bool alike(const struct comparison *of, const struct cshm_type *a,
                  const struct cshm_type *b) {
  if (!same_shape(a, b))
    return false;
  if (a->kind < CSHM_ARRAY || !join(of, a, b))
    return true;
  if (a->kind == CSHM_ARRAY)
    return alike(of, luashm_element(of->one, a), luashm_element(of->two, b));
  const struct cshm_field *left = of->one->fields + a->first_field;
  const struct cshm_field *right = of->two->fields + b->first_field;
  for (uint32_t i = 0; i < a->field_count; i++, left++, right++)
    if (!same_place(of, left, right) ||
        !alike(of, &of->one->types[left->type], &of->two->types[right->type]))
      return false;
  return true;
}

bool luashm_alike(lua_State *L, const struct luashm_image *one,
                  const struct cshm_type *a, const struct luashm_image *two,
                  const struct cshm_type *b) {
  if (a == b || !same_shape(a, b))
    return a == b;
  uint32_t types = one->layout->types + two->layout->types;
  struct comparison comparison = {
      one, two, lua_newuserdatauv(L, types * sizeof(uint32_t), 0)};
  for (uint32_t type = 0; type < types; type++)
    comparison.parents[type] = type;
  bool same = alike(&comparison, a, b);
  lua_pop(L, 1);
  return same;
}
