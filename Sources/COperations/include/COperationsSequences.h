/*
 * Records under a sequence word: readers never see half of one.
 *
 * Two forms. One word: the writer makes it odd, copies, makes it even. Two
 * words, as of rFactor 2 (versionBegin, versionEnd): the writer raises the
 * first, copies, and makes the last equal to it. A reader reads the word that
 * is written last, copies, and reads the word that is written first: if they
 * agree, nobody wrote meanwhile. A writer that was killed on the way leaves
 * the words in disagreement, and no reader sees a record until the next
 * update, which begins by raising them again. One writer at a time.
 *
 * The words may lie inside of the record; copying it leaves them out.
 */
#ifndef COPERATIONS_SEQUENCES_H
#define COPERATIONS_SEQUENCES_H

#include <CShm.h>

struct cops_sequence {
  uint32_t *first; /* raised before a record changes */
  uint32_t *last;  /* made to agree afterwards; NULL: `first` is the one word */
};

/* Is a writer at work, or dead in the middle? */
bool cops_record_torn(const struct cops_sequence *);

/* An update begins with a draft, a copy of the record, and ends when that
   becomes the record; its words stay what the protocol makes them. Memory that
   is gone by its guard is not touched. True: the record is torn. */
bool cops_draft(const struct cops_sequence *, unsigned char *draft,
                const unsigned char *record, size_t length,
                const struct cshm_window *guard);
void cops_publish(const struct cops_sequence *, unsigned char *record,
                  const unsigned char *draft, size_t length,
                  const struct cshm_window *guard);

/* One attempt at a copy that no writer disturbed; false: one did. */
bool cops_copy_record(const struct cops_sequence *, unsigned char *copy,
                      const unsigned char *record, size_t length);

#endif
