/*
 * Copies word by word: what a copy of more bytes than the processor moves at
 * once does to memory that others touch meanwhile. World/pieces.c.
 *
 * memcpy(3) promises no order, so a copy of a few words goes up or down; one of
 * many words only up, in 64 pieces at most, which is not all that can happen.
 * What is read is staged in private memory, and the operation is performed on
 * that behind the last piece; what is written is staged by performing it before
 * the first one. A snapshot looks at its sequence words before and behind, and
 * an update's end raises and settles them (COperationsSequences.h).
 *
 * Both who explore and replays move copies so: a schedule says by a choice in
 * front of an operation that it goes word by word, and which way.
 */
#ifndef CLUASHM_PIECES_H
#define CLUASHM_PIECES_H

#include "CLuaShmWorld.h"

enum luashm_piece_kind {
  LUASHM_READS_WORD,
  LUASHM_WRITES_WORD,
  LUASHM_LOOKS,       /* at the sequence words, before a record is copied */
  LUASHM_LOOKS_AGAIN, /* behind that */
  LUASHM_RAISES,      /* the sequence word, before a record is written */
  LUASHM_SETTLES      /* behind that */
};

struct luashm_piece {
  enum luashm_piece_kind kind;
  bool of_source;  /* of the view that a copy comes from */
  uint32_t length; /* bytes */
  uint64_t at;     /* of the view */
};

enum {
  LUASHM_MOST_PIECES = 168,
  LUASHM_WORDS_EITHER_WAY = 8, /* more go up only */
  LUASHM_MOST_STAGED = 1 << 16 /* bytes; longer copies stay whole */
};

struct luashm_pieces {
  int count;
  /* More words than are tried either way. */
  bool is_coarse;
  struct luashm_piece piece[LUASHM_MOST_PIECES];
};

/* The pieces of the operation; none: it is not one that goes by words. */
void luashm_list_pieces(const struct luashm_operation *, bool down,
                        struct luashm_pieces *);

/* How much private memory its pieces need. */
size_t luashm_staged_size(const struct luashm_operation *);

/* Before the first piece; then each of them; then the end, which fills in the
   outcome. False: the record has changed, and the operation begins again. */
void luashm_begin_pieces(struct luashm_operation *, unsigned char *staged);
bool luashm_move_piece(struct luashm_operation *, const struct luashm_piece *,
                       unsigned char *staged);
void luashm_end_pieces(struct luashm_operation *, unsigned char *staged);

#endif
