/* A layout's names: of fields, enumerators and constants. */
#define _GNU_SOURCE
#include "../near.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>

static struct luashm_bytes name_at(const struct luashm_image *image,
                                   uint32_t name, uint32_t length) {
  return (struct luashm_bytes){image->names + name, length};
}

/* Pushes a userdata with room for `count` names; luashm_push_near replaces it
   later. */
static struct luashm_bytes *push_list(lua_State *L, uint32_t count) {
  return lua_newuserdatauv(L, count * sizeof(struct luashm_bytes), 0);
}

static void near(lua_State *L, const struct luashm_bytes *names,
                 uint32_t count, struct luashm_bytes name) {
  luashm_push_near(L, names, count, name);
  lua_remove(L, -2);
}

/* ---- orders ---- */

/* Any order will do; comparing lengths first is the fastest. */
static int order(struct luashm_bytes one, struct luashm_bytes two) {
  if (one.length != two.length)
    return one.length < two.length ? -1 : 1;
  return memcmp(one.data, two.data, one.length);
}

static struct luashm_bytes name_of(const struct luashm_image *image,
                                   const struct luashm_member *member) {
  return name_at(image, member->field->name, member->field->name_length);
}

static struct luashm_bytes constant_name(const struct luashm_image *image,
                                         const struct cshm_constant *of) {
  return name_at(image, of->name, of->name_length);
}

/* What is being sorted: one of the two. */
struct sorting {
  const struct luashm_image *image;
  const struct luashm_member *members;
  const struct cshm_constant *constants;
};

/* Keeps equal ones in their order. */
static int by_place(const uint32_t *one, const uint32_t *two) {
  return *one < *two ? -1 : *one > *two;
}

static int by_member(const void *one, const void *two, void *context) {
  const struct sorting *of = context;
  const uint32_t *a = one, *b = two;
  int side = order(name_of(of->image, &of->members[*a]),
                   name_of(of->image, &of->members[*b]));
  return side != 0 ? side : by_place(a, b);
}

static int by_constant(const void *one, const void *two, void *context) {
  const struct sorting *of = context;
  const uint32_t *a = one, *b = two;
  int side = order(constant_name(of->image, &of->constants[*a]),
                   constant_name(of->image, &of->constants[*b]));
  return side != 0 ? side : by_place(a, b);
}

static int by_value(const void *one, const void *two, void *context) {
  const struct sorting *of = context;
  const uint32_t *a = one, *b = two;
  int64_t left = of->constants[*a].value, right = of->constants[*b].value;
  return left != right ? (left < right ? -1 : 1) : by_place(a, b);
}

static void sort(uint32_t *places, uint32_t count,
                 int compare(const void *, const void *, void *),
                 struct sorting of) {
  for (uint32_t i = 0; i < count; i++)
    places[i] = i;
  qsort_r(places, count, sizeof *places, compare, &of);
}

static void sort_enumerators(const struct luashm_image *image,
                             const struct cshm_type *type) {
  struct luashm_constants all = luashm_enumerators_of(image, type);
  struct sorting of = {.image = image, .constants = all.first};
  sort(image->enumerators_by_name + type->element, all.count, by_constant, of);
  sort(image->enumerators_by_value + type->element, all.count, by_value, of);
}

void luashm_sort_names(const struct luashm_image *image) {
  for (uint32_t i = 0; i < image->layout->types; i++) {
    const struct luashm_members *range = &image->of_type[i];
    sort(image->members_by_name + range->first, range->count, by_member,
         (struct sorting){.image = image,
                          .members = image->members + range->first});
    if (image->types[i].enumerator_count > 0)
      sort_enumerators(image, &image->types[i]);
  }
  sort(image->constants_by_name, image->layout->constants, by_constant,
       (struct sorting){.image = image,
                        .constants = cshm_layout_constants(image->layout)});
}

/* ---- fields by name ---- */

const struct luashm_member *
luashm_find_member(const struct luashm_image *image,
                   const struct cshm_type *type, struct luashm_bytes name) {
  const struct luashm_members *range =
      &image->of_type[luashm_type_index(image, type)];
  const struct luashm_member *members = image->members + range->first;
  const uint32_t *places = image->members_by_name + range->first;
  uint32_t low = 0, high = range->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (order(name_of(image, &members[places[middle]]), name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  const struct luashm_member *found =
      low < range->count ? &members[places[low]] : NULL;
  return found && order(name_of(image, found), name) == 0 ? found : NULL;
}

/* ---- what may have been meant ---- */

void luashm_push_near_field(lua_State *L, const struct luashm_image *image,
                            const struct cshm_type *type,
                            struct luashm_bytes name) {
  uint32_t count;
  const struct luashm_member *member = luashm_members_of(image, type, &count);
  struct luashm_bytes *names = push_list(L, count);
  for (uint32_t i = 0; i < count; i++, member++)
    names[i] =
        name_at(image, member->field->name, member->field->name_length);
  near(L, names, count, name);
}

void luashm_push_near_constant(lua_State *L, const struct luashm_image *image,
                               struct luashm_constants constants,
                               struct luashm_bytes name) {
  struct luashm_bytes *names = push_list(L, constants.count);
  for (uint32_t i = 0; i < constants.count; i++)
    names[i] = name_at(image, constants.first[i].name,
                       constants.first[i].name_length);
  near(L, names, constants.count, name);
}

/* ---- constants ---- */

struct luashm_constants
luashm_constants_of(const struct luashm_image *image) {
  return (struct luashm_constants){cshm_layout_constants(image->layout),
                                   image->layout->constants,
                                   image->constants_by_name, NULL};
}

struct luashm_constants
luashm_enumerators_of(const struct luashm_image *image,
                      const struct cshm_type *type) {
  const struct cshm_constant *all = cshm_layout_enumerators(image->layout);
  if (type->enumerator_count == 0)
    return (struct luashm_constants){0};
  return (struct luashm_constants){
      all + type->element, type->enumerator_count,
      image->enumerators_by_name + type->element,
      image->enumerators_by_value + type->element};
}

const struct cshm_constant *
luashm_find_constant(const struct luashm_image *image,
                     struct luashm_constants constants,
                     struct luashm_bytes name) {
  uint32_t low = 0, high = constants.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    const struct cshm_constant *there =
        &constants.first[constants.by_name[middle]];
    if (order(constant_name(image, there), name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  const struct cshm_constant *found =
      low < constants.count ? &constants.first[constants.by_name[low]] : NULL;
  return found && order(constant_name(image, found), name) == 0 ? found : NULL;
}

const struct cshm_constant *
luashm_find_value(struct luashm_constants enumerators, int64_t value) {
  uint32_t low = 0, high = enumerators.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (enumerators.first[enumerators.by_value[middle]].value < value)
      low = middle + 1;
    else
      high = middle;
  }
  const struct cshm_constant *found =
      low < enumerators.count ? &enumerators.first[enumerators.by_value[low]]
                              : NULL;
  return found && found->value == value ? found : NULL;
}
