/*
 * Records under a sequence word: readers never see half of one.
 *
 * There are two forms. One word: the writer makes it odd, copies, and makes it
 * even. Two words, as in rFactor 2's shared memory (mVersionUpdateBegin and
 * mVersionUpdateEnd): the writer raises the first, copies, and sets the last to
 * the same value. A reader reads the word that is written last, copies, and
 * reads the word that is written first: if they agree, nobody wrote meanwhile.
 * A writer that is killed on the way leaves words that disagree, and no reader
 * accepts the record until the next update, which begins by raising them
 * again. There may be one writer at a time.
 *
 * The words may lie inside the record; copies of the record leave them out.
 */
#ifndef COPERATIONS_SEQUENCES_H
#define COPERATIONS_SEQUENCES_H

#include <CShm.h>

struct cops_sequence {
  uint32_t *first; /* raised before the record changes */
  uint32_t *last;  /* set to agree afterwards; NULL: `first` is the only word */
};

/* Is a writer at work, or did it die in the middle? */
bool cops_record_torn(const struct cops_sequence *);

/* An update begins with a draft, a copy of the record, and ends by copying the
   draft back; the words keep what the protocol gives them. Memory that the
   guard reports as lost is not touched. Returns true if the record is torn. */
bool cops_draft(const struct cops_sequence *, unsigned char *draft,
                const unsigned char *record, size_t length,
                const struct cshm_window *guard);
void cops_publish(const struct cops_sequence *, unsigned char *record,
                  const unsigned char *draft, size_t length,
                  const struct cshm_window *guard);

/* How that begins and ends: the first word says that a writer is at work, by
   the value that is returned; and then that it has finished. */
uint32_t cops_raise(const struct cops_sequence *);
void cops_settle(const struct cops_sequence *, uint32_t at_work);

/* Tries once to copy the record; false: a writer disturbed it. */
bool cops_copy_record(const struct cops_sequence *, unsigned char *copy,
                      const unsigned char *record, size_t length);

#endif
