/* The list of kinds: those in CSHM_KINDS, and those that a test adds. */
#include "waitable.h"

/* Indexed by number. */
static const struct luashm_waitable *kinds[CSHM_MOST_KINDS] = {
#define KIND(id, name, number) [CSHM_##id] = &luashm_##name##_kind,
    CSHM_KINDS(KIND)
#undef KIND
};

/* Without gaps, NULL at the end; every new state goes through it. */
static const struct luashm_waitable *list[CSHM_MOST_KINDS] = {
#define KIND(id, name, number) &luashm_##name##_kind,
    CSHM_KINDS(KIND)
#undef KIND
};

const struct luashm_waitable *const *luashm_all_waitables(void) { return list; }

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
  int count = 0;
  while (list[count])
    count++;
  list[count] = kind;
  return true;
}

/* Pushes the kinds' names as part of a sentence. */
void luashm_push_kinds(lua_State *L, const char *last, bool plural) {
  luaL_Buffer words;
  luaL_buffinit(L, &words);
  for (int i = 0; list[i]; i++) {
    if (i > 0)
      luaL_addstring(&words, list[i + 1] ? ", " : last);
    luaL_addstring(&words, plural ? list[i]->plural : list[i]->name);
  }
  luaL_pushresult(&words);
}
