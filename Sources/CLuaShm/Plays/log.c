/* The logs of a play: a record is there whole or not at all, whenever its
   writer is killed. */
#include "log.h"

#include <CLuaShmTurns.h>

#include <CShm.h>

#include <string.h>

size_t luashm_play_size(void) {
  return sizeof(struct luashm_play) + (size_t)LUASHM_PARTS * LUASHM_LOG +
         sizeof(struct luashm_turns) +
         LUASHM_MOST_STEPS * sizeof(struct luashm_scheduled) +
         LUASHM_MOST_SHELVES * sizeof(struct luashm_shelf);
}

static size_t size_of(const struct luashm_bytes *fields, int count) {
  size_t size = 0;
  for (int i = 0; i < count; i++)
    size += sizeof(uint32_t) + fields[i].length;
  return (size + 7) & ~(size_t)7;
}

static void copy_fields(const struct luashm_bytes *fields, int count,
                        char *to) {
  for (int i = 0; i < count; i++) {
    uint32_t length = (uint32_t)fields[i].length;
    memcpy(to, &length, sizeof length);
    memcpy(to + sizeof length, fields[i].data, length);
    to += sizeof length + length;
  }
}

void luashm_log_add(struct luashm_play *play, int number,
                    const struct luashm_bytes *fields, int count) {
  struct luashm_part *part = &play->parts[number];
  char *log = (char *)(play + 1) + (size_t)number * LUASHM_LOG;
  size_t size = size_of(fields, count);
  if (part->told + sizeof(struct luashm_log_head) + size > LUASHM_LOG) {
    part->untold++;
    return;
  }
  struct luashm_log_head head = {
      .size = (uint32_t)size,
      .fields = (uint32_t)count,
      .time = cshm_now(),
      .order = cshm_fetch_add64(&play->order, 1)};
  copy_fields(fields, count, log + part->told + sizeof head);
  memcpy(log + part->told, &head, sizeof head);
  cshm_store64(&part->told, part->told + sizeof head + size);
}

void luashm_tell(lua_State *L, struct luashm_play *play, int number) {
  struct luashm_bytes fields[LUASHM_MOST_FIELDS];
  int count = lua_gettop(L);
  luaL_argcheck(L, count <= LUASHM_MOST_FIELDS, count, "too much to tell");
  luaL_checkstack(L, LUASHM_MOST_FIELDS, NULL);
  for (int i = 0; i < count; i++)
    fields[i].data = luaL_tolstring(L, i + 1, &fields[i].length);
  luashm_log_add(play, number, fields, count);
}

/* What is in shared memory is checked before it is believed. */
static bool next_field(const char **at, const char *end, const char **text,
                       uint32_t *length) {
  if ((size_t)(end - *at) < sizeof *length)
    return false;
  memcpy(length, *at, sizeof *length);
  *text = *at + sizeof *length;
  if (*length > (size_t)(end - *text))
    return false;
  *at = *text + *length;
  return true;
}

static void push_fields(lua_State *L, const struct luashm_log_head *head,
                        const char *at, int number) {
  const char *end = at + head->size, *text;
  uint32_t length;
  lua_createtable(L, 8, 2);
  for (uint32_t i = 1; i <= head->fields; i++) {
    if (!next_field(&at, end, &text, &length))
      break;
    lua_pushlstring(L, text, length);
    lua_rawseti(L, -2, (lua_Integer)i);
  }
  lua_pushinteger(L, (lua_Integer)head->order);
  lua_setfield(L, -2, "order");
  lua_pushinteger(L, number);
  lua_setfield(L, -2, "part");
}

void luashm_push_told(lua_State *L, struct luashm_play *play) {
  lua_newtable(L);
  lua_Integer count = 0;
  for (int number = 0; number < LUASHM_PARTS; number++) {
    const char *log = luashm_log(play, number);
    uint64_t told = cshm_load64(&play->parts[number].told);
    struct luashm_log_head head;
    for (uint64_t at = 0; at + sizeof head <= told && told <= LUASHM_LOG;
         at += sizeof head + head.size) {
      memcpy(&head, log + at, sizeof head);
      if (head.size > told - at - sizeof head)
        break;
      push_fields(L, &head, log + at + sizeof head, number);
      lua_rawseti(L, -2, ++count);
    }
  }
}
