/* The list of kinds: those of CSHM_KINDS, and what a test adds. */
#include "waitable.h"

static const struct luashm_waitable *kinds[CSHM_MOST_KINDS] = {
#define KIND(id, name, number) [CSHM_##id] = &luashm_##name##_kind,
    CSHM_KINDS(KIND)
#undef KIND
};

const struct luashm_waitable *luashm_waitable(uint32_t number) {
  return number < CSHM_MOST_KINDS ? kinds[number] : NULL;
}

const struct luashm_value *luashm_value(uint32_t number, int at) {
  const struct luashm_waitable *kind = luashm_waitable(number);
  for (int i = 0; kind && i <= at; i++)
    if (!kind->values[i].name)
      return NULL;
  return kind ? &kind->values[at] : NULL;
}

bool luashm_add_waitable(const struct luashm_waitable *kind) {
  uint32_t number = kind->number;
  if (number == 0 || number >= CSHM_MOST_KINDS || kinds[number])
    return false;
  kinds[number] = kind;
  return true;
}

void luashm_remove_waitable(uint32_t number) {
  if (number < CSHM_MOST_KINDS && !cshm_is_kind(number))
    kinds[number] = NULL;
}

/* ---- as words of a message ---- */

static uint32_t last_kind(void) {
  uint32_t last = 0;
  for (uint32_t number = 1; number < CSHM_MOST_KINDS; number++)
    if (kinds[number])
      last = number;
  return last;
}

void luashm_push_kinds(lua_State *L, const char *last, bool plural) {
  luaL_Buffer words;
  uint32_t end = last_kind();
  const char *between = "";
  luaL_buffinit(L, &words);
  for (uint32_t number = 1; number <= end; number++) {
    if (!kinds[number])
      continue;
    luaL_addstring(&words, *between && number == end ? last : between);
    luaL_addstring(&words,
                   plural ? kinds[number]->plural : kinds[number]->name);
    between = ", ";
  }
  luaL_pushresult(&words);
}
