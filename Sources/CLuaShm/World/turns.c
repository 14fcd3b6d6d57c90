/* The turns world: an actor's operations, each when it is its turn. */
#include "turns.h"

#include "../Plays/log.h"
#include "../Waitables/waitable.h"
#include "../module.h"

#include <CLuaShmPieces.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static luashm_judge *judge;

void luashm_set_judge(luashm_judge *given) { judge = given; }

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

static bool may_wait(const struct luashm_operation *operation) {
  static const bool waits[] = {
#define OPERATION(id, verb, kind, waits) waits,
#include "operations.def"
#undef OPERATION
  };
  return waits[operation->op];
}

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

/* The time of what is published is that of the replay; 0 would be none. */
static void set_time(const struct luashm_operation *operation) {
  int64_t time = turns_of()->time;
  if (operation->op == LUASHM_OP_RING_PUSH)
    operation->ring->time = time > 0 ? (uint64_t)time : 1;
}

/* Looks once; before each look the record is as luashm_ask made it. */
static void look(struct luashm_operation *operation) {
  operation->answer = LUASHM_ANSWER_DONE;
  operation->holds = true;
  operation->misuse = NULL;
  operation->tries = may_wait(operation);
  if (operation->waiting)
    *operation->waiting = (struct luashm_waiting){0};
  set_time(operation);
  luashm_perform_real(operation);
}

static bool would_wait(const struct luashm_operation *operation) {
  return may_wait(operation) && operation->timeout != 0 &&
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

/* ---- objects ---- */

/* Objects without a file are this process's: their address is as good. */
static void identify(struct luashm_handle *handle, bool is_named) {
  struct luashm_host *host = handle->host;
  if (handle->inode != 0)
    return;
  if (is_named)
    host->named_identify(host->context, handle);
  else if (handle->key != 0)
    host->identify(host->context, handle);
  if (handle->inode == 0) {
    handle->device = own_part();
    handle->inode = (uint64_t)(uintptr_t)handle->base;
  }
}

static bool is_unset(const struct luashm_model *model) {
  return model->inode == 0;
}

/* The object's, or a free one; NULL: there are too many objects. */
static struct luashm_model *find_model(const struct luashm_handle *handle) {
  struct luashm_turns *turns = turns_of();
  struct luashm_model *unset = NULL;
  for (int i = 0; i < LUASHM_MOST_MODELS; i++) {
    struct luashm_model *model = &turns->models[i];
    if (model->inode == handle->inode && model->device == handle->device)
      return model;
    if (!unset && is_unset(model))
      unset = model;
  }
  return unset;
}

/* Has nobody ever used it? */
static bool is_new_ring(const struct cshm_named *plain) {
  const struct cshm_ring *ring = plain->ring;
  if (ring)
    return cshm_load64(&ring->push->used) == 0 &&
           cshm_load64(&ring->pop->used) == 0 &&
           cshm_load64(ring->finished) == 0;
  return cshm_load64(&plain->broadcast->publishers->used) == 0;
}

/* As the object is, while nobody has it; of a ring nobody judges later what
   there was before the rules were asked. */
static void look_up(struct luashm_model *model,
                    const struct luashm_handle *handle) {
  const struct cshm_named *plain = plain_of(handle);
  uint64_t state = cshm_load64(cshm_state(plain));
  *model = (struct luashm_model){
      .device = handle->device,
      .inode = handle->inode,
      .state = state & ~(CSHM_MARK | CSHM_SLEEPERS_BIT | CSHM_LOOKED),
      .kind = plain->kind,
      .limit = plain->limit,
      .is_unsure = (state & CSHM_MARK) != 0};
  if (!plain->ring && !plain->broadcast)
    return;
  model->state = 0;
  model->is_new = is_new_ring(plain);
  model->is_unsure = !model->is_new;
}

/* The rules' word for the object; a new one begins as the object does. NULL:
   nobody can judge it now. */
static struct luashm_model *model_of(struct luashm_handle *handle) {
  identify(handle, true);
  struct luashm_model *model = find_model(handle);
  if (model && (is_unset(model) || model->is_unsure))
    look_up(model, handle);
  return model && !model->is_unsure ? model : NULL;
}

/* A file or an address may have been another object's before. */
static void forget_model(const struct luashm_operation *operation) {
  struct luashm_handle *handle = luashm_handle(operation->made);
  if (operation->op != LUASHM_OP_CREATE_NAMED || operation->holds ||
      !handle->base)
    return;
  identify(handle, true);
  struct luashm_model *model = find_model(handle);
  if (model)
    model->is_unsure = true;
}

/* Before the operation, as a handle may be closed by it. A NULL among them
   stands for what is no object. -1: one of the objects cannot be judged. */
static int list_models(const struct luashm_operation *operation,
                       struct luashm_model *models[]) {
  int count = 0;
  bool can_be_judged = true;
  if (operation->op == LUASHM_OP_WAIT_SEVERAL) {
    if (operation->length > LUASHM_MOST_WAITED)
      return 0;
    for (uint64_t i = 0; i < operation->length; i++) {
      struct luashm_handle *handle = luashm_handle(operation->several[i]);
      bool is_object = operation->conditions[i].kind == LUASHM_TAKEN;
      models[count] = is_object && handle->base ? model_of(handle) : NULL;
      can_be_judged &= !is_object || models[count];
      count++;
    }
    for (int i = 0; i < count && !can_be_judged; i++)
      if (models[i])
        models[i]->is_unsure = true;
    return can_be_judged ? count : -1;
  }
  if (!luashm_is_of_named(operation) || operation->object.index == 0)
    return 0;
  struct luashm_handle *handle = luashm_handle(operation->object);
  if (!handle->base)
    return 0;
  models[0] = model_of(handle);
  return models[0] ? 1 : -1;
}

uint64_t luashm_reader_expects(struct luashm_object object) {
  return plain_of(luashm_handle(object))->broadcast->sequence;
}

/* What it is asked for, and by a reader at which place; the operation changes
   both. */
static struct luashm_asked asked_for(const struct luashm_operation *operation) {
  struct luashm_asked asked = {0};
  if (!luashm_is_of_named(operation))
    return asked;
  if (operation->ring)
    asked.ring = *operation->ring;
  const struct luashm_handle *handle = luashm_handle(operation->object);
  if (operation->object.index == 0 || !handle->base ||
      !plain_of(handle)->broadcast)
    return asked;
  asked.sequence = plain_of(handle)->broadcast->sequence;
  asked.owed = plain_of(handle)->broadcast->owed;
  asked.is_strict = plain_of(handle)->broadcast->is_strict;
  return asked;
}

/* A handle may be a producer or a consumer from the start. */
static int list_made(const struct luashm_operation *operation,
                     struct luashm_model *models[]) {
  bool makes = operation->op == LUASHM_OP_CREATE_NAMED ||
               operation->op == LUASHM_OP_OPEN_NAMED;
  struct luashm_handle *handle = luashm_handle(operation->made);
  if (!makes || operation->answer != LUASHM_ANSWER_DONE || !handle->base)
    return 0;
  models[0] = model_of(handle);
  if (!models[0] && operation->op == LUASHM_OP_CREATE_NAMED &&
      !operation->holds) {
    models[0] = find_model(handle);
    if (models[0])
      models[0]->is_unsure = false, models[0]->is_new = true;
  }
  return models[0] ? 1 : 0;
}

static void look_and_judge(struct luashm_operation *operation) {
  struct luashm_model *models[LUASHM_MOST_WAITED];
  int count = list_models(operation, models);
  struct luashm_asked asked = asked_for(operation);
  look(operation);
  forget_model(operation);
  if (count == 0)
    count = list_made(operation, models);
  if (count > 0 && judge && operation->answer != LUASHM_ANSWER_CLOSED &&
      operation->answer != LUASHM_ANSWER_GONE)
    judge(operation, &asked, models, count, luashm_player()->part, play_of());
}

/* ---- sleepers of cells ---- */

static void note_word(struct luashm_seat *seat,
                      const struct luashm_operation *operation) {
  struct luashm_handle *view = luashm_handle(operation->object);
  identify(view, false);
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

/* Of several messages that go in: how many are in. */
static uint32_t moved_by(const struct luashm_operation *operation) {
  return operation->op == LUASHM_OP_RING_PUSH ? operation->ring->moved : 0;
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
      look_and_judge(operation);
    if (!operation->ring || would_wait(operation))
      time_out(operation);
  } else if (seat->seating == LUASHM_WOKEN)
    operation->answer = LUASHM_ANSWER_DONE, operation->holds = true;
  else {
    uint32_t moved = moved_by(operation);
    look_and_judge(operation);
    if (would_wait(operation) && operation->op == LUASHM_OP_CELL_WAIT) {
      fall_asleep(operation);
      count_operation(operation, false);
      note_operation(operation, telling, "sleeps");
      return false;
    }
    if (would_wait(operation) && moved_by(operation) > moved) {
      count_operation(operation, true);
      note_operation(operation, telling, "some are in");
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
  bool ends = operation && may_wait(operation) && operation->timeout >= 0 &&
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

/* The objects of a wait that really waited are looked up anew. */
static void perform_unjudged(struct luashm_operation *operation) {
  struct luashm_model *models[LUASHM_MOST_WAITED];
  int count = list_models(operation, models);
  operation->answer = LUASHM_ANSWER_DONE;
  operation->tries = false;
  luashm_perform_real(operation);
  for (int i = 0; i < count; i++)
    if (models[i])
      models[i]->is_unsure = true;
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
    look_and_judge(operation);
    if (would_wait(operation))
      perform_unjudged(operation);
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
