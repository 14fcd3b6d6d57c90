/* A process that plays its part again and again (CLuaShmPlay.h). */
#include "plays.h"

#include "../Models/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct luashm_actor *arena; /* NULL: nobody stays */
static void *handles; /* the image of their table */

lua_State *luashm_new_staying_state(void *address) {
  arena = luashm_arena_make(address);
  return arena ? lua_newstate(luashm_arena_allocate, arena) : NULL;
}

/* The collector would write to each object. Nobody plays for so long. */
void luashm_seal_staying(lua_State *L) {
  if (!arena)
    return;
  lua_gc(L, LUA_GCSTOP, 0);
  handles = malloc(luashm_table_size());
  if (!handles)
    luaL_error(L, "not enough memory");
  luashm_save_table(handles);
  luashm_arena_seal(arena);
}

/* As before its first act; the director's is seen from the beginning. */
static void hide_output(int part) {
  fflush(stdout);
  if (part == 0)
    return;
  dup2(STDIN_FILENO, STDOUT_FILENO); /* the null device */
  dup2(STDIN_FILENO, STDERR_FILENO);
}

void luashm_stay(struct luashm_play *play, int number, int status) {
  struct luashm_part *part = &play->parts[number];
  hide_output(number);
  luashm_arena_reset(arena);
  luashm_restore_table(handles);
  part->status = status;
  cshm_store32(&part->phase, LUASHM_STAYS);
  cshm_ring(LUASHM_DOORBELL);
  luashm_await(&part->called, 1);
  cshm_store32(&part->called, 0);
}
