/* Whose turn is next: by the schedule, and behind it. Called by whoever has the
   turn, the conductor included. */
#include "turns.h"

#include "../Plays/log.h"

#include <stdarg.h>
#include <stdio.h>

/* So many reads in a row, while nobody changes anything, are a loop that waits;
   it goes on when nobody else can, but not for ever. */
enum { READS_OF_A_LOOP = 200, MOST_READS = 2000 };

struct luashm_turns *luashm_turns(struct luashm_play *play) {
  char *logs = (char *)(play + 1);
  return (struct luashm_turns *)(void *)(logs +
                                         (size_t)LUASHM_PARTS * LUASHM_LOG);
}

void luashm_halt(struct luashm_play *play, enum luashm_halt halt, uint32_t part,
                 const char *format, ...) {
  struct luashm_turns *turns = luashm_turns(play);
  if (turns->halt != LUASHM_GOES_ON)
    return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(turns->why, sizeof turns->why, format, arguments);
  va_end(arguments);
  turns->halted = part;
  cshm_store32(&turns->halt, halt);
}

void luashm_differ(struct luashm_play *play, uint32_t part, const char *why) {
  luashm_halt(play, LUASHM_DIFFERS, part, "%s", why);
}

void luashm_give_turn(struct luashm_play *play, uint32_t part,
                      enum luashm_move move) {
  struct luashm_turns *turns = luashm_turns(play);
  cshm_store32(&turns->holder, part);
  if (part == LUASHM_CONDUCTOR)
    return;
  cshm_store32(&turns->seats[part].given, move);
  cshm_futex_wake(&turns->seats[part].given, 1);
}

/* ---- by the schedule ---- */

static uint32_t diverge(struct luashm_play *play, uint32_t part,
                        const char *problem) {
  luashm_halt(play, LUASHM_DIVERGES, part, "%s", problem);
  return LUASHM_CONDUCTOR;
}

/* Returns the next holder; the conductor where there is something for it, or
   where the step cannot be taken. */
static uint32_t scheduled(struct luashm_play *play) {
  struct luashm_turns *turns = luashm_turns(play);
  const struct luashm_scheduled *step =
      &luashm_schedule(turns)[turns->position];
  struct luashm_seat *seat = &turns->seats[step->part];
  enum luashm_move move = (enum luashm_move)step->move;
  if (seat->seating == LUASHM_AWAY)
    return diverge(play, step->part,
                   cshm_load32(&play->parts[step->part].alive)
                       ? "it has not begun yet"
                       : "it has ended already");
  if (move == LUASHM_DIES)
    return LUASHM_CONDUCTOR;
  if (move == LUASHM_CHOOSES) {
    if (seat->seating != LUASHM_AT_STEP || !seat->copies || step->choice > 2)
      return diverge(play, step->part,
                     "it has come to no any, nor to a copy of several words");
    seat->way = step->choice;
  }
  if (move == LUASHM_STEPS && seat->seating == LUASHM_SLEEPS) {
    move = LUASHM_TIMES_OUT;
    if (seat->due != INT64_MAX && seat->due > turns->time)
      turns->time = seat->due;
  }
  if (move == LUASHM_TIMES_OUT && seat->seating == LUASHM_WOKEN)
    return diverge(play, step->part, "it has been woken already");
  if (move == LUASHM_TIMES_OUT && seat->due == INT64_MAX)
    return diverge(play, step->part,
                   seat->seating == LUASHM_SLEEPS
                       ? "it sleeps, and nobody has woken it"
                       : "it waits for nothing that times out");
  turns->position++;
  turns->is_scheduled = true;
  luashm_give_turn(play, step->part, move);
  return step->part;
}

/* ---- behind it ---- */

static bool is_blocked(const struct luashm_turns *turns,
                       const struct luashm_seat *seat) {
  return seat->seating == LUASHM_SLEEPS ||
         seat->stuck_at == turns->changes + 1;
}

bool luashm_only_reads(const struct luashm_turns *turns,
                       const struct luashm_seat *seat) {
  return seat->seen == turns->changes && seat->reads >= READS_OF_A_LOOP;
}

/* It has read long enough. */
static bool reads_for_ever(const struct luashm_turns *turns,
                           const struct luashm_seat *seat) {
  return luashm_only_reads(turns, seat) && seat->reads >= MOST_READS;
}

/* xorshift: Marsaglia, Xorshift RNGs, 2003. */
static uint32_t next_random(struct luashm_turns *turns) {
  turns->random ^= turns->random << 13;
  turns->random ^= turns->random >> 17;
  turns->random ^= turns->random << 5;
  return turns->random;
}

/* One of those that can move, each as likely as any other. */
static uint32_t any_to_move(struct luashm_turns *turns) {
  uint32_t chosen = 0, count = 0;
  for (uint32_t part = 1; part < LUASHM_PARTS; part++) {
    const struct luashm_seat *seat = &turns->seats[part];
    if (seat->seating != LUASHM_AWAY && !is_blocked(turns, seat) &&
        !reads_for_ever(turns, seat) && next_random(turns) % ++count == 0)
      chosen = part;
  }
  return chosen;
}

/* The first part that can move, and the first of those that only read. */
static uint32_t first_to_move(struct luashm_turns *turns, uint32_t *reader) {
  for (uint32_t part = 1; part < LUASHM_PARTS; part++) {
    const struct luashm_seat *seat = &turns->seats[part];
    if (seat->seating == LUASHM_AWAY || is_blocked(turns, seat))
      continue;
    if (!luashm_only_reads(turns, seat))
      return part;
    if (*reader == 0 && !reads_for_ever(turns, seat))
      *reader = part;
  }
  return 0;
}

static uint32_t first_to_time_out(struct luashm_turns *turns) {
  uint32_t first = 0;
  for (uint32_t part = 1; part < LUASHM_PARTS; part++) {
    const struct luashm_seat *seat = &turns->seats[part];
    if (seat->seating == LUASHM_AWAY || !is_blocked(turns, seat) ||
        seat->due == INT64_MAX)
      continue;
    if (first == 0 || seat->due < turns->seats[first].due)
      first = part;
  }
  return first;
}

static bool is_anybody_here(const struct luashm_turns *turns) {
  for (uint32_t part = 1; part < LUASHM_PARTS; part++)
    if (turns->seats[part].seating != LUASHM_AWAY)
      return true;
  return false;
}

static uint32_t unscheduled(struct luashm_play *play) {
  struct luashm_turns *turns = luashm_turns(play);
  enum luashm_move move = LUASHM_STEPS;
  uint32_t reader = 0;
  uint32_t part = turns->random ? any_to_move(turns)
                                : first_to_move(turns, &reader);
  if (part == 0 && (part = first_to_time_out(turns)) != 0) {
    move = LUASHM_TIMES_OUT;
    if (turns->seats[part].due > turns->time)
      turns->time = turns->seats[part].due;
  }
  if (part == 0)
    part = reader;
  if (part != 0) {
    turns->is_scheduled = false;
    luashm_give_turn(play, part, move);
    return part;
  }
  if (is_anybody_here(turns))
    luashm_halt(play, LUASHM_IS_STUCK, 0, "nobody can move");
  return LUASHM_CONDUCTOR;
}

/* ---- */

static uint32_t next_holder(struct luashm_play *play) {
  struct luashm_turns *turns = luashm_turns(play);
  if (turns->steps >= LUASHM_MOST_STEPS)
    luashm_halt(play, LUASHM_IS_ENDLESS, 0, "after %d steps it still goes on",
                LUASHM_MOST_STEPS);
  if (turns->halt != LUASHM_GOES_ON || cshm_load32(&turns->is_beginning))
    return LUASHM_CONDUCTOR;
  if (turns->watches && turns->watch_is_due) {
    turns->watch_is_due = false;
    luashm_give_turn(play, 0, LUASHM_STEPS);
    return 0;
  }
  return turns->position < turns->count ? scheduled(play) : unscheduled(play);
}

uint32_t luashm_pass_turn(struct luashm_play *play) {
  uint32_t holder = next_holder(play);
  if (holder == LUASHM_CONDUCTOR)
    luashm_give_turn(play, LUASHM_CONDUCTOR, LUASHM_NO_MOVE);
  return holder;
}
