/*
 * Many numbers a call: between a plain table of Lua's, from 1, and memory. The
 * numbers pass through private bytes, so that all are checked before one is
 * written.
 */
#ifndef LUASHM_NUMBER_LISTS_H
#define LUASHM_NUMBER_LISTS_H

#include "module.h"

/* Where they are: of the view or record at index 1. */
struct luashm_run {
  struct luashm_object object;
  uint64_t at;                    /* bytes of the view */
  uint64_t count;
  enum luashm_scalar type;
  bool big_endian;
  const struct luashm_record *record; /* of record:numbers */
};

/* Pushes a table of them. */
int luashm_push_numbers(lua_State *, const struct luashm_run *);

/* Writes those of the table at index, as many as `run` says; raises if one is
   no number or does not fit, and then none is written. Returns what is at index
   1. */
int luashm_write_numbers(lua_State *, const struct luashm_run *, int index);

#endif
