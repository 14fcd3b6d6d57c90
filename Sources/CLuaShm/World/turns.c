/* The turns world: an actor's operations, each when it is its turn. */
#include "turns.h"

#include "../Plays/log.h"
#include "../Waitables/waitable.h"
#include "../module.h"

#include <CLuaShmPieces.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct luashm_play *play_of(void) { return luashm_player()->play; }

static struct luashm_turns *turns_of(void) { return luashm_turns(play_of()); }

static uint32_t own_part(void) { return (uint32_t)luashm_player()->part; }

static struct luashm_seat *own_seat(void) {
  return &turns_of()->seats[own_part()];
}

bool luashm_goes_by_turns(void) {
  return play_of() && play_of()->parts[own_part()].phase == LUASHM_ACTS &&
         turns_of()->goes_by_turns;
}

/* ---- turns ---- */

static enum luashm_move await_own(void) {
  struct luashm_seat *seat = own_seat();
  uint32_t move;
  while ((move = cshm_load32(&seat->given)) == LUASHM_NO_MOVE)
    cshm_futex_wait(&seat->given, LUASHM_NO_MOVE, CSHM_LONGEST_SLICE);
  cshm_store32(&seat->given, LUASHM_NO_MOVE);
  return (enum luashm_move)move;
}

static void pass(void) {
  if (luashm_pass_turn(play_of()) == LUASHM_CONDUCTOR)
    cshm_ring(LUASHM_DOORBELL);
}

static enum luashm_move pass_and_await(void) {
  pass();
  return await_own();
}

void luashm_await_beginning(void) { await_own(); }

bool luashm_await_watch(void) {
  const struct luashm_play *play = play_of();
  const struct luashm_seat *seat = own_seat();
  /* The conductor says that all are over on another word, and then gives this
     turn, too. */
  while (!cshm_load32(&play->finished) && !cshm_load32(&seat->given))
    cshm_futex_wait(&seat->given, LUASHM_NO_MOVE, CSHM_LONGEST_SLICE);
  cshm_store32(&own_seat()->given, LUASHM_NO_MOVE);
  return !cshm_load32(&play->finished);
}

void luashm_end_watch(void) { pass(); }

uint32_t luashm_scheduled_choice(uint32_t count) {
  struct luashm_turns *turns = turns_of();
  const struct luashm_scheduled *step =
      &luashm_schedule(turns)[turns->position];
  if (turns->position == turns->count || step->move != LUASHM_CHOOSES ||
      step->part != own_part())
    return 1;
  if (step->choice > count) {
    luashm_halt(play_of(), LUASHM_DIVERGES, own_part(),
                "its any has %" PRIu32 " alternatives, and no %" PRIu32, count,
                step->choice);
    return 1;
  }
  turns->position++;
  return step->choice;
}

/* ---- numbers of processes ---- */

int64_t luashm_replayed_number(const struct luashm_play *play, int64_t real) {
  for (int part = 0; part < LUASHM_PARTS; part++)
    if (real > 0 && play->parts[part].process == real)
      return LUASHM_FIRST_NUMBER + part;
  return real;
}

int64_t luashm_real_number(const struct luashm_play *play, int64_t replayed) {
  int64_t part = replayed - LUASHM_FIRST_NUMBER;
  return part >= 0 && part < LUASHM_PARTS && play->parts[part].process > 0
             ? play->parts[part].process
             : replayed;
}

/* ---- what an operation is ---- */

static bool has_changed_anything(const struct luashm_operation *operation) {
  if (operation->answer != LUASHM_ANSWER_DONE)
    return false;
  switch (luashm_told_as(operation)) {
  case LUASHM_LOAD:
    return operation->op == LUASHM_OP_DRAFT;
  case LUASHM_ATOMIC:
    return operation->op != LUASHM_OP_CELL_CAS || operation->holds;
  case LUASHM_GET:
  case LUASHM_TEXT:
  case LUASHM_CHECK:
  case LUASHM_ASK:
  case LUASHM_WAIT:
  case LUASHM_GETCH:
  case LUASHM_MESSAGE_BOX:
  case LUASHM_UNTOLD:
    return false;
  case LUASHM_ACQUIRE:
    return luashm_changes(operation);
  default:
    return true;
  }
}

static bool would_wait(const struct luashm_operation *operation) {
  return luashm_may_wait(operation) && operation->timeout != 0 &&
         operation->answer == LUASHM_ANSWER_TIMED_OUT;
}

/* As if the time had passed. */
static void time_out(struct luashm_operation *operation) {
  bool sleeps = operation->op == LUASHM_OP_SLEEP;
  operation->misuse = NULL;
  operation->answer = sleeps ? LUASHM_ANSWER_DONE : LUASHM_ANSWER_TIMED_OUT;
  operation->holds = sleeps;
  operation->outcome = CSHM_TIMED_OUT;
}

/* ---- sleepers of cells ---- */

static void note_word(struct luashm_seat *seat,
                      const struct luashm_operation *operation) {
  struct luashm_handle *view = luashm_handle(operation->object);
  luashm_identify(view, false);
  seat->device = view->device;
  seat->inode = view->inode;
  seat->at = view->place + operation->at;
}

static void fall_asleep(const struct luashm_operation *operation) {
  struct luashm_seat *seat = own_seat();
  note_word(seat, operation);
  seat->slept = ++turns_of()->sleeps;
  seat->seating = LUASHM_SLEEPS;
}

static struct luashm_seat *first_asleep(const struct luashm_seat *word) {
  struct luashm_turns *turns = turns_of();
  struct luashm_seat *first = NULL;
  for (int part = 1; part < LUASHM_PARTS; part++) {
    struct luashm_seat *seat = &turns->seats[part];
    if (seat->seating == LUASHM_SLEEPS && seat->device == word->device &&
        seat->inode == word->inode && seat->at == word->at &&
        (!first || seat->slept < first->slept))
      first = seat;
  }
  return first;
}

/* In place of the kernel, which has nobody asleep. */
static void wake(struct luashm_operation *operation) {
  struct luashm_seat word = {0}, *seat;
  note_word(&word, operation);
  int64_t woken = 0;
  while (woken < operation->a && (seat = first_asleep(&word))) {
    seat->seating = LUASHM_WOKEN;
    woken++;
  }
  operation->result = woken;
}

/* ---- steps ---- */

static struct luashm_bytes text_of(const char *text) {
  return (struct luashm_bytes){text, strlen(text)};
}

/* Is it like one of the last steps? */
static bool is_recent(struct luashm_seat *seat, uint32_t hash) {
  bool found = false;
  for (int i = 0; i < LUASHM_RECENT; i++)
    found |= seat->recent[i] == hash;
  seat->recent[seat->next_recent++ % LUASHM_RECENT] = hash;
  return found;
}

/* `outcome`: what it answered, for a loop that only repeats its reads. */
static void count_step(bool has_changed, uint64_t at, const char *outcome) {
  struct luashm_turns *turns = turns_of();
  struct luashm_seat *seat = own_seat();
  char step[LUASHM_PLACE + 160];
  turns->steps++;
  turns->changes += has_changed;
  snprintf(step, sizeof step, "%s %s %" PRIu64 " %s",
           play_of()->parts[own_part()].place, seat->verb, at, outcome);
  bool repeats = is_recent(seat, luashm_hash(step, strlen(step)) | 1);
  bool is_same = seat->seen == turns->changes && repeats;
  seat->reads = is_same ? seat->reads + 1 : 0;
  seat->seen = turns->changes;
  turns->watch_is_due = true;
}

static void count_operation(const struct luashm_operation *operation,
                            bool has_changed) {
  char outcome[64];
  luashm_outcome(operation, outcome, sizeof outcome);
  count_step(has_changed, operation->at, outcome);
}

static void note_step(const char *verb, struct luashm_bytes name,
                      const char *outcome) {
  char step[24];
  snprintf(step, sizeof step, "%" PRIu64, turns_of()->steps);
  const struct luashm_bytes fields[] = {
      text_of("step"), text_of(play_of()->parts[own_part()].place),
      text_of(step),   text_of(verb),
      name,            text_of(outcome)};
  luashm_log_add(play_of(), luashm_player()->part, fields, 6);
}

/* "accounts @8"; the name alone at the start of a view, and of what is none. */
static struct luashm_bytes place_in(const struct luashm_operation *operation,
                                    const struct luashm_telling *telling,
                                    char buffer[300]) {
  struct luashm_bytes name = telling->call.name;
  if (!name.data)
    return text_of("");
  if (operation->at == 0 || luashm_is_of_named(operation) || name.length > 256)
    return name;
  memcpy(buffer, name.data, name.length);
  int added = snprintf(buffer + name.length, 300 - name.length, " @%" PRIu64,
                       operation->at);
  return (struct luashm_bytes){buffer, name.length + (size_t)added};
}

/* `outcome`: NULL: what it answered. */
static void note_operation(const struct luashm_operation *operation,
                           const struct luashm_telling *telling,
                           const char *outcome) {
  char answer[64], object[300];
  luashm_outcome(operation, answer, sizeof answer);
  note_step(luashm_verb(operation), place_in(operation, telling, object),
            outcome ? outcome : answer);
}

/* ---- copies, word by word ---- */

/* Of this process's actor; none while `count` is 0. */
static struct luashm_pieces words;
static int next_word;
static unsigned char staged[LUASHM_MOST_STAGED + 16];

static bool can_go_by_words(const struct luashm_operation *operation) {
  struct luashm_pieces list;
  if (!operation || !luashm_is_of_view(operation))
    return false;
  luashm_list_pieces(operation, false, &list);
  return list.count > 1;
}

static void begin_words(struct luashm_operation *operation) {
  luashm_list_pieces(operation, own_seat()->way == 2, &words);
  luashm_begin_pieces(operation, staged);
  next_word = 0;
}

static void note_word_of_copy(const struct luashm_operation *operation,
                              const struct luashm_telling *telling) {
  char object[300], word[48];
  snprintf(word, sizeof word, "word %d of %d", next_word, words.count);
  note_step(luashm_verb(operation), place_in(operation, telling, object), word);
}

/* True: it was the last one, and the operation is done. */
static bool take_word(struct luashm_operation *operation,
                      const struct luashm_telling *telling) {
  const struct luashm_piece *piece = &words.piece[next_word++];
  bool goes_on = luashm_move_piece(operation, piece, staged);
  bool is_last = goes_on && next_word == words.count;
  if (is_last)
    luashm_end_pieces(operation, staged);
  count_step(piece->kind == LUASHM_WRITES_WORD ||
                 piece->kind == LUASHM_RAISES || piece->kind == LUASHM_SETTLES,
             piece->at, goes_on ? "word" : "again");
  if (!is_last)
    note_word_of_copy(operation, telling);
  if (!goes_on || is_last)
    words.count = 0;
  return is_last;
}

/* It cannot go on now. By the schedule its time passes, or the schedule is
   wrong; behind the schedule others go first. True: its time has passed. */
static bool lets_others(struct luashm_operation *operation) {
  struct luashm_turns *turns = turns_of();
  struct luashm_seat *seat = own_seat();
  if (!turns->is_scheduled) {
    seat->stuck_at = turns->changes + 1;
    return false;
  }
  if (seat->due == INT64_MAX) {
    luashm_halt(play_of(), LUASHM_DIVERGES, own_part(), "%s would wait",
                luashm_verb(operation));
    return false;
  }
  if (seat->due > turns->time)
    turns->time = seat->due;
  time_out(operation);
  return true;
}

/* What can be done in this turn; true: the operation is done. */
static bool take_step(struct luashm_operation *operation,
                      enum luashm_move move,
                      const struct luashm_telling *telling) {
  struct luashm_seat *seat = own_seat();
  if (move == LUASHM_CHOOSES)
    begin_words(operation);
  if (words.count > 0)
    return move != LUASHM_CHOOSES && take_word(operation, telling);
  if (move == LUASHM_TIMES_OUT) {
    /* Who waits for a ring has become its user by that. */
    if (operation->ring)
      luashm_look_and_judge(operation);
    if (!operation->ring || would_wait(operation))
      time_out(operation);
  } else if (seat->seating == LUASHM_WOKEN)
    operation->answer = LUASHM_ANSWER_DONE, operation->holds = true;
  else {
    luashm_look_and_judge(operation);
    if (would_wait(operation) && operation->op == LUASHM_OP_CELL_WAIT) {
      fall_asleep(operation);
      count_operation(operation, false);
      note_operation(operation, telling, "sleeps");
      return false;
    }
    if (would_wait(operation) && !lets_others(operation))
      return false;
  }
  if (operation->op == LUASHM_OP_CELL_WAKE &&
      operation->answer == LUASHM_ANSWER_DONE)
    wake(operation);
  count_operation(operation, has_changed_anything(operation));
  return true;
}

static void sit(const struct luashm_operation *operation, const char *verb) {
  struct luashm_seat *seat = own_seat();
  struct luashm_turns *turns = turns_of();
  bool ends = operation && luashm_may_wait(operation) &&
              operation->timeout >= 0 &&
              operation->timeout < INT64_MAX - turns->time;
  seat->due = ends ? turns->time + operation->timeout : INT64_MAX;
  seat->stuck_at = 0;
  seat->copies = can_go_by_words(operation);
  snprintf(seat->verb, sizeof seat->verb, "%s", verb);
  seat->seating = LUASHM_AT_STEP;
}

static void map_numbers(struct luashm_operation *operation) {
  if (operation->op == LUASHM_OP_OPEN_PROCESS)
    operation->a = luashm_real_number(play_of(), operation->a);
}

static void map_numbers_back(struct luashm_operation *operation) {
  if (operation->op == LUASHM_OP_ACT_ON_NAMED &&
      luashm_waitable(operation->waitable)->acts[operation->act].gives_process)
    operation->result =
        luashm_replayed_number(play_of(), operation->result);
}

static void perform_by_turns(struct luashm_operation *operation) {
  struct luashm_telling telling;
  luashm_tell_before(&telling, operation);
  map_numbers(operation);
  sit(operation, luashm_verb(operation));
  while (!take_step(operation, pass_and_await(), &telling))
    ;
  map_numbers_back(operation);
  note_operation(operation, &telling, NULL);
}

void luashm_step_without_operation(const char *what, bool is_end) {
  sit(NULL, what);
  pass_and_await();
  count_step(is_end, 0, "");
  note_step(what, text_of(""), "done");
  if (is_end)
    own_seat()->seating = LUASHM_AWAY;
}

/* ---- what is no step ---- */

static bool answer_at_once(struct luashm_operation *operation) {
  switch (operation->op) {
  case LUASHM_OP_NOW:
    operation->result = turns_of()->time;
    return true;
  case LUASHM_OP_PID:
    operation->result = LUASHM_FIRST_NUMBER + luashm_player()->part;
    return true;
  default:
    return false;
  }
}

/* The director acts alone: its sleeps take no time. */
static void perform_alone(struct luashm_operation *operation) {
  if (operation->op == LUASHM_OP_SLEEP && operation->timeout != INT64_MAX) {
    turns_of()->time += operation->timeout;
    time_out(operation);
    return;
  }
  map_numbers(operation);
  if (luashm_is_of_named(operation)) {
    luashm_look_and_judge(operation);
    if (would_wait(operation))
      luashm_perform_unjudged(operation);
  } else
    luashm_perform_real(operation);
  map_numbers_back(operation);
}

void luashm_perform_in_replay(struct luashm_operation *operation) {
  if (answer_at_once(operation))
    return;
  if (luashm_goes_by_turns() && luashm_is_step(operation))
    perform_by_turns(operation);
  else
    perform_alone(operation);
}
