/* Consistent copies of a record: waits for a moment at which no writer is in
   the middle, by the protocol of COperationsSequences.h. */
#ifndef COPERATIONS_SNAPSHOTS_H
#define COPERATIONS_SNAPSHOTS_H

#include "COperationsSequences.h"
#include "COperationsWaits.h"

struct cops_snapshot {
  struct cops_sequence words;
  const unsigned char *record;
  unsigned char *copy;
  size_t length;
  const struct cshm_window *guard; /* the mapping of the record and its words */
  int64_t timeout; /* nanoseconds; 0: tries once; COPS_FOREVER */
  /* Called between attempts, which are all short; NULL: nobody can stop it. */
  bool (*should_stop)(void *context);
  void *context;
  bool moved; /* if TIMED_OUT: the record kept changing */
};

enum cops_end cops_snapshot(struct cops_snapshot *);

#endif
