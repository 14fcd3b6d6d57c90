/*
 * The protocol of a ring that is written over (CShmBroadcasts.h), one step at a
 * time, as COperationsRings.h does it for queues: the real code runs through
 * the steps, the tests' model runs them in every order, with deaths between any
 * two, and with tables that are wrong on purpose.
 *
 *   publish  lock, look (what has to go?), STORE FIRST, write the record, STORE
 *            TAIL, store latest, unlock, say it to sleepers
 *   read     tail (is there anything?), first (was it overtaken?), copy the
 *            header, copy the bytes, check that first did not pass it meanwhile
 *
 * A publisher never waits for a reader, and a reader writes nothing. A copy
 * that does not stand the check is thrown away: then the publishers have gone
 * on, and the reader goes to the oldest record there is, after a few times to
 * the newest.
 */
#ifndef COPERATIONS_BROADCASTS_H
#define COPERATIONS_BROADCASTS_H

#include "COperationsRings.h"

#include <CShm.h>

enum cops_broadcast_step {
  COPS_PUBLISH_LOCK,
  COPS_PUBLISH_LOOK,
  COPS_PUBLISH_FIRST,
  COPS_PUBLISH_PADDING,
  COPS_PUBLISH_HEADER,
  COPS_PUBLISH_BYTES,
  COPS_PUBLISH_TAIL,
  COPS_PUBLISH_LATEST,
  COPS_PUBLISH_UNLOCK,
  COPS_PUBLISH_WAKE_LOCK,
  COPS_PUBLISH_SIGNAL,
  COPS_PUBLISH_WAKE,
  COPS_READ_NEWEST, /* begins at the newest record */
  COPS_READ_TAIL,
  COPS_READ_FIRST,
  COPS_READ_HEADER,
  COPS_READ_BYTES,
  COPS_READ_CHECK,
  COPS_READ_TAKE,
  COPS_BROADCAST_END,
  COPS_BROADCAST_STEPS
};

enum { COPS_BROADCAST_OUTCOMES = 3 };

struct cops_broadcast_rules {
  uint8_t next[COPS_BROADCAST_STEPS][COPS_BROADCAST_OUTCOMES];
};

extern const struct cops_broadcast_rules cops_broadcast_rules;

/* A publisher wakes one of the readers who sleep, and each that was woken wakes
   so many others: it costs a publisher as much to have a hundred that sleep as
   to have one. Whoever is woken passes that on if the word has changed since it
   went to sleep, and once if it has not: then the wake-up was another's. If it
   is killed or stopped in between, the others find out when they look again. */
enum { COPS_NEWS_PASSED_ON = 2 };

/* The outcomes of steps that have more than one; others have 0. Those of
   unlocks and signals are COperationsRings.h's. */
enum {
  /* look of publish */
  COPS_MAY_WRITE = 0,
  COPS_MAY_NOT = 1,
  /* first of publish */
  COPS_FITS_BEHIND = 0,
  COPS_FITS_AROUND = 1,
  /* latest of publish */
  COPS_LAST = 0,
  COPS_ANOTHER = 1,
  /* reading */
  COPS_READ_GOES_ON = 0,
  COPS_READ_OVERTAKEN = 1,
  COPS_READ_STOPS = 2
};

/* What is read. */
enum cops_reading {
  COPS_READS_NEXT,   /* the message at the call's position */
  COPS_READS_NEWEST, /* the newest one */
  COPS_SEEKS_END,    /* nothing: where the newest ends */
  COPS_SEEKS         /* nothing: where the first one is with a sequence not
                        less than `wanted` */
};

/* One operation, and how far it has come. It is private to its caller. Its
   results are those of rings: DONE, EMPTY, TOO_SMALL, BROKEN, BUSY. */
struct cops_broadcast_call {
  uint8_t step;        /* enum cops_broadcast_step */
  uint8_t result;      /* enum cops_ring_result, at the end */
  uint8_t reading;     /* enum cops_reading */
  uint8_t kind;        /* of what was read */
  bool is_lapped;      /* it was overtaken: sequences before were lost */
  bool is_sound;       /* the header that was copied */

  /* Publish: the messages, and how many are there by now. */
  const struct cops_message *messages;
  uint32_t wanted_messages, count;
  struct cops_locking locking;
  uint32_t padding; /* units */

  /* Read: where to, and how many bytes lie there or are needed. */
  unsigned char *room;
  uint64_t capacity, length;
  uint64_t wanted;

  /* Publish: of the message that is written. Read: what is expected, at which
     position; at the end what was read, and the position behind it. If the
     room is too small, the same but for the position, which is not yet behind
     it. */
  uint64_t position, sequence, time;
  uint64_t at;   /* read: its record's position */
  uint64_t lost; /* read: messages between what was expected and it */

  uint64_t first, tail; /* as they were loaded, or will be stored */
  uint64_t form, seen_sequence;
  uint32_t turns;
  int32_t wakes;
};

struct cops_broadcast_call cops_publish_call(uint32_t mark,
                                             const struct cops_message *,
                                             uint32_t count, uint64_t time);

/* What this handle has not read yet. */
struct cops_broadcast_call cops_next_call(const struct cshm_broadcast *,
                                          unsigned char *room,
                                          uint64_t capacity);
struct cops_broadcast_call cops_newest_call(unsigned char *room,
                                            uint64_t capacity);
/* `wanted`: a sequence; 0: the end. */
struct cops_broadcast_call cops_seek_call(uint64_t wanted);

/* As cops_ring_step and cops_ring_run. */
bool cops_broadcast_step(struct cshm_broadcast *, struct cops_broadcast_call *,
                         const struct cops_broadcast_rules *);
enum cops_ring_result cops_broadcast_run(struct cshm_broadcast *,
                                         struct cops_broadcast_call *);

/* Publishes what can be published without a question: its sequence, or 0 for
   nothing. What prevents it, the call that may ask finds out. */
uint64_t cops_publish_at_once(struct cshm_broadcast *, uint32_t mark,
                              const struct cops_message *);

/* The call has read a message: this handle goes on behind it. */
void cops_broadcast_accept(struct cshm_broadcast *,
                           const struct cops_broadcast_call *);

/* This handle goes on with the message that the call has found, and knows what
   was lost before it. */
void cops_broadcast_go_before(struct cshm_broadcast *,
                              const struct cops_broadcast_call *);

/* The handle goes on where the call has sought. */
void cops_broadcast_go_to(struct cshm_broadcast *,
                          const struct cops_broadcast_call *);

/* The handle has been sent to `wanted`, and has found `next`: what is between
   them counts as lost, unless it was counted or read before. */
void cops_broadcast_miss(struct cshm_broadcast *, uint64_t wanted,
                         uint64_t next);

/* How many lost messages a strict reader is told of, instead of what the call
   has read; 0: nobody is. */
uint64_t cops_broadcast_owes(const struct cshm_broadcast *,
                             const struct cops_broadcast_call *);

/* Now, as records have it. */
uint64_t cops_broadcast_time(void);

/* The same for what this handle publishes: a publisher that does nothing else
   has the clock read every 4 microseconds at most. */
uint64_t cops_broadcast_stamp(struct cshm_broadcast *);

/* Is there anything at this handle's position? */
bool cops_broadcast_has_next(const struct cshm_broadcast *);

#endif
