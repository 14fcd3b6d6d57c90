/* The turns world: decorates the real one, for actors that go step by step. */
#ifndef LUASHM_TURNS_H
#define LUASHM_TURNS_H

#include "played.h"

#include <CLuaShmTurns.h>

/* Does this process go by turns, as an actor that acts? */
bool luashm_goes_by_turns(void);

/* Performs the operation: an actor's when it is its turn, with time and numbers
   of processes that are the same in each replay. */
void luashm_perform_in_replay(struct luashm_operation *);

/* judged.c: looks once, as luashm_ask made the record; what a named object says
   is compared with its rules. And performs as if there were no rules, waiting
   if need be: the objects are looked up anew by the next look. */
void luashm_look_and_judge(struct luashm_operation *);
void luashm_perform_unjudged(struct luashm_operation *);

/* May the operation wait? By operations.def. */
bool luashm_may_wait(const struct luashm_operation *);

/* Fills in device and inode; of objects without a file, their address. */
void luashm_identify(struct luashm_handle *, bool is_named);

/* Waits for the first turn: the actor begins. */
void luashm_await_beginning(void);

/* A step that is no operation of a world's: its end, a look at who lives, a
   mark whose order is expected, a call of a history that is checked. `what` is
   for traces. */
void luashm_step_without_operation(const char *what, bool is_end);

/* For the director: waits for its turn, to look at what always holds; false:
   all actors are over. And gives the turn back. */
bool luashm_await_watch(void);
void luashm_end_watch(void);

/* The alternative that the schedule names for this actor's next `any`, from 1
   to `count`; without one it is the first. */
uint32_t luashm_scheduled_choice(uint32_t count);

/* Of bytes; outcome.c. */
uint32_t luashm_hash(const void *, size_t count);

/* The number by which a replay knows this process, and the real one's. */
int64_t luashm_replayed_number(const struct luashm_play *, int64_t real);
int64_t luashm_real_number(const struct luashm_play *, int64_t replayed);

/* Nobody goes on, and why: the first halt stands. `part`: whose step it was. */
void luashm_halt(struct luashm_play *, enum luashm_halt, uint32_t part,
                 const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
