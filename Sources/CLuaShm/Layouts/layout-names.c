/* Names of a layout: of fields, of enumerators, of constants. */
#include "../near.h"
#include "record.h"

#include <string.h>

static struct luashm_bytes name_at(const struct luashm_image *image,
                                   uint32_t name, uint32_t length) {
  return (struct luashm_bytes){image->names + name, length};
}

/* Pushes a userdata for so many names; luashm_push_near then replaces it. */
static struct luashm_bytes *push_list(lua_State *L, uint32_t count) {
  return lua_newuserdatauv(L, count * sizeof(struct luashm_bytes), 0);
}

static void near(lua_State *L, const struct luashm_bytes *names,
                 uint32_t count, struct luashm_bytes name) {
  luashm_push_near(L, names, count, name);
  lua_remove(L, -2);
}

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

struct luashm_constants
luashm_enumerators_of(const struct luashm_image *image,
                      const struct cshm_type *type) {
  const struct cshm_constant *all = cshm_layout_enumerators(image->layout);
  if (type->enumerator_count == 0)
    return (struct luashm_constants){NULL, 0};
  return (struct luashm_constants){all + type->element,
                                   type->enumerator_count};
}

const struct cshm_constant *
luashm_find_constant(const struct luashm_image *image,
                     struct luashm_constants constants,
                     struct luashm_bytes name) {
  for (uint32_t i = 0; i < constants.count; i++) {
    const struct cshm_constant *constant = &constants.first[i];
    if (constant->name_length == name.length &&
        memcmp(image->names + constant->name, name.data, name.length) == 0)
      return constant;
  }
  return NULL;
}
