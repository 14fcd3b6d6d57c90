/* Copies of a record that no writer was in the middle of, by the protocol of
   COperationsSequences.h. */
#ifndef COPERATIONS_SNAPSHOTS_H
#define COPERATIONS_SNAPSHOTS_H

#include "COperationsSequences.h"
#include "COperationsWaits.h"

struct cops_snapshot {
  struct cops_sequence words;
  const unsigned char *record;
  unsigned char *copy;
  size_t length;
  const struct cshm_window *guard; /* of the record and its words */
  int64_t timeout; /* nanoseconds; 0: tries once; COPS_FOREVER */
  /* Asked between attempts, none of which is long; NULL: nobody stops it. */
  bool (*should_stop)(void *context);
  void *context;
  bool moved; /* of TIMED_OUT: the record changed meanwhile */
};

enum cops_end cops_snapshot(struct cops_snapshot *);

#endif
