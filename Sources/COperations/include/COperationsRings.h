/*
 * The protocol of a ring of records (CShmRings.h), one step at a time.
 *
 * An operation is a call that goes from step to step. Each is one access to
 * memory that others may change meanwhile (or one compare-and-swap with the
 * load that it depends on), and what follows is said in one list, by the step's
 * outcome (ring-steps.def). The real code is made of that list as straight code
 * that runs without a pause; the tests' model has the list as a table,
 * cops_ring_rules, and runs the same steps of several participants in every
 * order, with deaths between any two, and with tables that are wrong on
 * purpose.
 *
 *   push  lock, look (is there room?), write the record, STORE TAIL, unlock,
 *         set `ready`
 *   pop   lock, look, find the first record that nobody has, copy it out,
 *         STORE HEAD (or its DONE, if older ones are still taken), unlock, wake
 *         producers; if there is none: reset `ready`, look again, unlock
 *   take  the same with a STORE OF TAKEN in place of the head's
 *   peek  the same without any store; clear: the same as pop without a copy
 *   done  lock, is it ours?, STORE DONE, move head over what is done, unlock
 *
 * What is in capitals is where it takes effect. Whoever is killed before it has
 * done nothing, whoever is killed after it has done all of it: the lock is
 * taken over by the next one, and a wake-up that is missing costs a sleeper a
 * slice.
 *
 * So `ready` is still set after the last message was popped: the next look
 * finds nothing and resets it. Whoever trusts it looks first. Only one that has
 * slept resets it at once: otherwise it would have to wake another one, as one
 * wake-up may stand for several messages, and that one would find nothing.
 *
 * Nothing here asks the kernel: a step that needs to know whether the owner of
 * a mark lives ends the run, and the caller answers.
 */
#ifndef COPERATIONS_RINGS_H
#define COPERATIONS_RINGS_H

#include "COperationsLocks.h"

#include <CShm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a run ends. */
enum cops_ring_result {
  COPS_RING_DONE,
  COPS_RING_FULL,
  COPS_RING_EMPTY,
  COPS_RING_FINISHED,  /* nothing can be pushed any more */
  COPS_RING_TOO_SMALL, /* the caller's room; `length` says what is needed */
  COPS_RING_NOT_OURS,  /* done, give back: this mark has not taken it */
  COPS_RING_BROKEN,    /* a peer wrote what no ring has */
  COPS_RING_UNDECIDED, /* of a call that may not ask: it did nothing */
  /* The call is not over: answer, and run it again. */
  COPS_RING_BUSY, /* `asked` holds the lock */
  COPS_RING_ASK   /* has the owner of `asked` died? */
};

enum cops_ring_step {
  /* push, of one or several messages */
  COPS_PUSH_LOCK,
  COPS_PUSH_LOOK,
  COPS_PUSH_PADDING,
  COPS_PUSH_PAD_TAIL,
  COPS_PUSH_HEADER,
  COPS_PUSH_BYTES,
  COPS_PUSH_TAIL,
  COPS_PUSH_UNLOCK,
  COPS_PUSH_WAKE_LOCK,
  COPS_PUSH_SIGNAL,
  COPS_PUSH_WAKE,
  /* finish */
  COPS_FINISH_LOCK,
  COPS_FINISH_STORE,
  COPS_FINISH_UNLOCK,
  COPS_FINISH_WAKE_LOCK,
  COPS_FINISH_SIGNAL,
  COPS_FINISH_WAKE,
  /* pop, take, and a look whether there is something to pop */
  COPS_POP_LOCK,
  COPS_POP_LOOK,
  COPS_POP_FIND,
  COPS_POP_PASS,
  COPS_POP_COPY,
  COPS_POP_HEAD,
  COPS_TAKE_TRIES,
  COPS_TAKE_MARK,
  /* done, give back */
  COPS_DONE_LOCK,
  COPS_DONE_CHECK,
  COPS_DONE_STORE,
  COPS_BACK_LOCK,
  COPS_BACK_CHECK,
  COPS_BACK_STORE,
  /* the end of what holds the lock of pop */
  COPS_POP_TIDY,
  COPS_POP_RESET,
  COPS_POP_AGAIN,
  COPS_POP_SIGNAL,
  COPS_POP_WAKE,
  COPS_POP_UNLOCK,
  COPS_POP_WAKE_LOCK,
  /* producers learn that a record was freed, or that it is finished */
  COPS_ROOM_SIGNAL,
  COPS_ROOM_WAKE,
  COPS_RING_END,
  COPS_RING_STEPS
};

enum { COPS_RING_OUTCOMES = 5 };

/* What follows each step, by its outcome. */
struct cops_ring_rules {
  uint8_t next[COPS_RING_STEPS][COPS_RING_OUTCOMES];
};

extern const struct cops_ring_rules cops_ring_rules;

/* The outcomes of steps that have more than one; others have 0. */
enum {
  COPS_ONLY = 0,
  /* look of push */
  COPS_FITS = 0,
  COPS_PADS = 1,
  COPS_REFUSED = 2,
  /* tail of push: is there another message? */
  COPS_ALL = 0,
  COPS_MORE = 1,
  /* unlocks */
  COPS_NOBODY_SLEEPS = 0,
  COPS_SOMEBODY_SLEEPS = 1,
  /* signals: `over` also means that it was signalled already */
  COPS_OVER = 0,
  COPS_REPEAT = 1,
  COPS_WAKE_UP = 2,
  COPS_LOOK_AGAIN = 3, /* of pop: it has no message yet */
  /* look of pop */
  COPS_SOMETHING = 0,
  COPS_NOTHING = 1,
  COPS_LEAVES = 2, /* it has some messages already, or the ring is broken */
  /* find */
  COPS_FOUND = 0,
  COPS_SKIPPED = 1,
  COPS_AT_END = 2,
  COPS_TO_PASS = 3,
  COPS_STOPS = 4, /* only a look, or the ring is broken */
  /* copy */
  COPS_TO_POP = 0,
  COPS_TO_TAKE = 1,
  COPS_NO_SPACE = 2,
  COPS_TO_LEAVE = 3, /* only a peek */
  /* head */
  COPS_ENOUGH = 0,
  /* checks of done and give back */
  COPS_OURS = 0,
  COPS_FOREIGN = 1,
  /* tidy */
  COPS_TIDIED = 0,
  COPS_EMPTIED = 1, /* by one that has slept */
  COPS_ONE_MORE = 2,
  /* reset */
  COPS_WAS_SET = 0,
  COPS_WAS_CLEAR = 2,
  /* second look */
  COPS_STILL_EMPTY = 0,
  COPS_CAME = 1
};

struct cops_message {
  const unsigned char *bytes;
  uint32_t length;
  uint8_t kind;
};

/* A popped message lies in the caller's room like this, the next one behind it
   at a multiple of 8. */
struct cops_popped {
  uint32_t length;
  uint32_t kind; /* enum cshm_record_kind */
};

enum { COPS_ALIVE = 8 };

/* One operation, and how far it has come. It is private to its caller. */
struct cops_ring_call {
  uint8_t step;   /* enum cops_ring_step */
  uint8_t result; /* enum cops_ring_result, at the end */
  bool takes, looks;   /* of pop: take; only a look */
  bool peeks, clears;  /* of pop: only a copy; without any copy */
  bool never_asks;     /* it rather ends as UNDECIDED, if it holds a lock */
  bool has_slept;      /* on `ready`: others may sleep there still */
  bool has_freed;      /* a record was freed */
  struct cops_locking locking;

  /* Push: the messages, and how many are in the ring. Pop: the room, how many
     messages are wanted, how many bytes and messages lie there. */
  const struct cops_message *messages;
  unsigned char *room;
  uint64_t capacity, filled;
  uint32_t wanted, count;

  /* Done and give back: the record. Take: the record that was taken. */
  uint64_t token;
  uint32_t length; /* TOO_SMALL: of the message */
  uint16_t tries;  /* take: how often it was taken, this time included, and any
                      take whose caller was killed in its midst */

  /* Between the steps. */
  uint64_t head, tail, cursor; /* as they were loaded; the record looked at */
  uint64_t header;             /* of that one, as it was checked */
  uint32_t alive[COPS_ALIVE];
  uint8_t next_alive;
  bool goes_on;   /* of pop: the next look is at the cursor, not at head */
  uint32_t units; /* of the record at the cursor */
  int32_t wakes;  /* of a wake-up that is due */
  uint32_t turns; /* bounds what a hostile peer can make repeat */
};

/* Calls at their first steps. */
struct cops_ring_call cops_push_call(uint32_t mark,
                                     const struct cops_message *messages,
                                     uint32_t count);
struct cops_ring_call cops_pop_call(uint32_t mark, unsigned char *room,
                                    uint64_t capacity, uint32_t wanted);
struct cops_ring_call cops_take_call(uint32_t mark, unsigned char *room,
                                     uint64_t capacity);
struct cops_ring_call cops_peek_call(uint32_t mark, unsigned char *room,
                                     uint64_t capacity);
struct cops_ring_call cops_clear_call(uint32_t mark, uint32_t most);
struct cops_ring_call cops_look_call(uint32_t mark);
struct cops_ring_call cops_done_call(uint32_t mark, uint64_t token);
struct cops_ring_call cops_back_call(uint32_t mark, uint64_t token);
struct cops_ring_call cops_finish_call(uint32_t mark);

/* Performs the call's step and enters the next one. False: it did not, as the
   caller has to answer first; *why is BUSY or ASK. Steps that wake sleepers do
   not: the caller wakes `wakes` of them, on the word that cops_ring_woken
   gives. */
bool cops_ring_step(struct cshm_ring *, struct cops_ring_call *,
                    const struct cops_ring_rules *,
                    enum cops_ring_result *why);

/* The word on whose sleepers the call's step wakes; NULL: it wakes nobody. */
const void *cops_ring_woken(const struct cshm_ring *,
                            const struct cops_ring_call *);

/* BUSY: is it the lock of push? Otherwise it is pop's. */
bool cops_ring_locks_push(const struct cops_ring_call *);

/* Runs the call until it is over, or has a question. */
enum cops_ring_result cops_ring_run(struct cshm_ring *,
                                    struct cops_ring_call *);

/* Both are calls that do what can be done without a question, or nothing; they
   return how many messages they pushed, or popped. What prevents more, the call
   that may ask finds out. */
uint32_t cops_ring_push_at_once(struct cshm_ring *, uint32_t mark,
                                const struct cops_message *messages,
                                uint32_t count);
uint32_t cops_ring_pop_at_once(struct cshm_ring *, uint32_t mark,
                               unsigned char *room, uint64_t capacity,
                               uint32_t wanted);

/* Answers a question: has the owner of `asked` died? */
void cops_ring_answer(struct cops_ring_call *, bool is_dead);

/* The records that lie there: those that are not yet popped or done. Exact
   where nobody has taken messages. */
uint32_t cops_ring_count(const struct cshm_ring *);

/* Was there a moment of the call at which no record lay there but such as are
   popped or done, or padding? Head stands before those while it is not passed
   yet, and if who should do it was killed. */
bool cops_ring_is_empty(const struct cshm_ring *);

/* The same, where head was loaded before, as of a reader that was interrupted
   after that. */
bool cops_ring_is_empty_from(const struct cshm_ring *, uint64_t head);

/* Could what lies there be a ring, as far as a look without its lock tells? It
   looks at the positions and at the oldest record. */
bool cops_ring_is_sound(const struct cshm_ring *);

/* Those of them that nobody has popped, or taken and done, if nobody changes
   the ring meanwhile. It looks at each record. */
uint32_t cops_ring_left(const struct cshm_ring *);

/* The bytes of the ring that hold no record. */
uint64_t cops_ring_free(const struct cshm_ring *);

#endif
