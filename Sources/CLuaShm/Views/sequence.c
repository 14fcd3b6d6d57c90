/*
 * Records under a sequence word: view:update and view:snapshot. A script
 * changes a private draft; the copy into memory is made by C code that no error
 * can interrupt. COperationsSequences.h has the protocol.
 */
#include "access.h"
#include "options.h"
#include "waiting.h"

#include <string.h>

/* As the script gave it; offsets count from the view's start. */
struct record {
  lua_Integer offset, length;
  int64_t sequence;    /* the option; becomes `first` */
  int64_t first, last; /* of the words; last -1: `first` is the only one */
  struct luashm_timeout timeout; /* of a snapshot */
};

enum { NOT_GIVEN = -1 };

/* ---- arguments ---- */

static const struct luashm_option word_options[] = {
    {OPTION("sequence", struct record, sequence), OPTION_OFFSET},
    {OPTION("first", struct record, first), OPTION_OFFSET},
    {OPTION("last", struct record, last), OPTION_OFFSET},
    {NULL}};

static const struct luashm_option snapshot_options[] = {
    {OPTION("timeout", struct record, timeout), OPTION_TIMEOUT}, {NULL}};

/* If no word is named, the record's first one is the sequence word; readers and
   writers must agree. */
static void check_options(lua_State *L, int index, bool is_read,
                          struct record *record) {
  static const struct luashm_option *const of_update[] = {word_options, NULL};
  static const struct luashm_option *const of_snapshot[] = {
      word_options, snapshot_options, NULL};
  luashm_read_options(L, index, is_read ? of_snapshot : of_update, record,
                      index);
  lua_Integer sequence = record->sequence;
  bool is_pair = record->first >= 0 || record->last >= 0;
  luaL_argcheck(L, !is_pair || sequence == NOT_GIVEN, index,
                "option 'sequence' excludes 'first' and 'last'");
  luaL_argcheck(L, (record->first >= 0) == (record->last >= 0), index,
                "options 'first' and 'last' go together");
  luaL_argcheck(L, !is_pair || record->first != record->last, index,
                "options 'first' and 'last' must be two words");
  if (!is_pair)
    record->first = sequence == NOT_GIVEN ? record->offset : sequence;
}

static void check_word(lua_State *L, const char *verb, lua_Integer offset) {
  const struct luashm_handle *view = luashm_open_view(L);
  if (!luashm_inside(view, offset, sizeof(uint32_t)))
    luashm_past_end(L, "a sequence word", sizeof(uint32_t), offset);
  if ((uintptr_t)(view->base + offset) % sizeof(uint32_t) != 0)
    luaL_error(L, "%s: the sequence word's offset %I is not aligned to 4 bytes",
               verb, offset);
}

/* The record in the view at stack index 1, with the options at the index. */
static struct record check_record(lua_State *L, const char *verb,
                                  int options, bool is_read) {
  enum { DEFAULT_TIMEOUT = 1000000000 };
  struct record record = {.offset = luaL_checkinteger(L, 2),
                          .length = luaL_checkinteger(L, 3),
                          .sequence = NOT_GIVEN,
                          .first = NOT_GIVEN,
                          .last = NOT_GIVEN,
                          .timeout = {DEFAULT_TIMEOUT, NOT_GIVEN}};
  check_options(L, options, is_read, &record);
  if (record.length < 0 || !luashm_inside(luashm_open_view(L), record.offset,
                                          (size_t)record.length))
    luashm_past_end(L, verb, record.length, record.offset);
  check_word(L, verb, record.first);
  if (record.last != NOT_GIVEN)
    check_word(L, verb, record.last);
  return record;
}

static struct luashm_operation operation_of(lua_State *L, enum luashm_op op,
                                            const struct record *record,
                                            unsigned char *bytes) {
  struct luashm_operation operation =
      luashm_access(L, op, record->offset, (size_t)record->length);
  operation.a = record->first;
  operation.b = record->last;
  operation.bytes = bytes;
  return operation;
}

/* ---- update ---- */

/* Copies the record into the draft; true: the record is torn. */
static bool begin_draft(lua_State *L, const struct record *record,
                        unsigned char *draft) {
  struct luashm_operation operation =
      operation_of(L, LUASHM_OP_DRAFT, record, draft);
  luashm_perform(L, &operation);
  return operation.holds;
}

static void publish(lua_State *L, const struct record *record,
                    unsigned char *draft) {
  struct luashm_operation operation =
      operation_of(L, LUASHM_OP_PUBLISH, record, draft);
  luashm_perform(L, &operation);
}

/* The value of a sequence word that lies inside the record. */
static uint32_t word_in(const struct record *record, lua_Integer word,
                        const unsigned char *draft) {
  uint32_t value = 0;
  for (lua_Integer at = 0; word != NOT_GIVEN && at < 4; at++) {
    lua_Integer place = word + at - record->offset;
    if (place >= 0 && place < record->length)
      value |= (uint32_t)draft[place] << (8 * at);
  }
  return value;
}

/* Raises if fn changed a sequence word in the draft, as that would be lost. */
static void check_untouched(lua_State *L, const struct record *record,
                            lua_Integer word, uint32_t before,
                            const unsigned char *draft) {
  if (word_in(record, word, draft) != before)
    luaL_error(L,
               "update: the draft changed bytes %I to %I, where the sequence "
               "word is; leave them alone, or name another place by "
               "'sequence', or 'first' and 'last'",
               word - record->offset, word - record->offset + 3);
}

/* view:update(offset, length, fn [, options]) -> view */
static int view_update(lua_State *L) {
  const struct luashm_handle *view = luashm_open_view(L);
  if (view->access == LUASHM_READ)
    return luaL_error(L, "update: the view of %s is read-only",
                      luashm_shown_name(L, 1));
  struct record record = check_record(L, "update", 5, false);
  luaL_checktype(L, 4, LUA_TFUNCTION);
  lua_settop(L, 4);
  view = luashm_open_view(L);
  if (!cshm_reaches(view->guard, view->base + record.offset,
                    (size_t)record.length))
    return luashm_lost(L, 1, "update");
  unsigned char *bytes = luashm_new_draft(
      L, 1, view->base + record.offset, (size_t)record.length)->base;
  lua_toclose(L, 5); /* closes the draft after an error in fn, too */
  const struct luashm_object draft = luashm_object_at(L, 5);
  bool torn = begin_draft(L, &record, bytes);
  uint32_t first = word_in(&record, record.first, bytes);
  uint32_t last = word_in(&record, record.last, bytes);
  lua_pushvalue(L, 4);
  lua_pushvalue(L, 5);
  lua_pushboolean(L, torn);
  lua_call(L, 2, 0);
  if (!luashm_handle(draft)->block) /* fn called the draft's __gc */
    return luaL_error(L, "update: the draft is gone");
  check_untouched(L, &record, record.first, first, bytes);
  check_untouched(L, &record, record.last, last, bytes);
  publish(L, &record, bytes);
  luashm_give_back(L, draft);
  lua_settop(L, 1);
  return 1;
}

/* ---- snapshot ---- */

static int refuse_incomplete(lua_State *L, bool moved) {
  enum { TIMEOUT = 1460 };
  bool named = luashm_name_of(L, 1).length > 0;
  const char *name = named ? luashm_shown_name(L, 1) : "";
  lua_pushnil(L);
  lua_pushfstring(
      L, "snapshot%s%s: ERROR_TIMEOUT (1460): %s", named ? " " : "", name,
      moved ? "the record changed all the time; wait longer, or copy less"
            : "a writer is in the middle of its update; if it died there, the "
              "next update repairs the record");
  lua_pushinteger(L, TIMEOUT);
  return 3;
}

/* view:snapshot(offset, length [, options]) -> string, or nil, message, code */
static int view_snapshot(lua_State *L) {
  luashm_open_view(L);
  struct record record = check_record(L, "snapshot", 4, true);
  luaL_Buffer buffer;
  char *copy = luaL_buffinitsize(L, &buffer, (size_t)record.length);
  struct luashm_waiting waiting;
  struct luashm_operation operation = operation_of(
      L, LUASHM_OP_SNAPSHOT, &record, (unsigned char *)copy);
  operation.timeout = record.timeout.nanoseconds;
  operation.seconds = record.timeout.seconds;
  operation.waiting = &waiting;
  enum luashm_answer answer = luashm_perform(L, &operation);
  if (answer == LUASHM_ANSWER_INTERRUPTED)
    return luashm_answered(L, &operation);
  if (answer == LUASHM_ANSWER_TIMED_OUT)
    return refuse_incomplete(L, operation.holds);
  luaL_pushresultsize(&buffer, (size_t)record.length);
  return 1;
}

const luaL_Reg luashm_sequence_methods[] = {{"update", view_update},
                                            {"snapshot", view_snapshot},
                                            {NULL, NULL}};
