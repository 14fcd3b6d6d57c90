#include "COperationsDistance.h"

#include <stdbool.h>

enum { LETTERS = 64 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static bool same(char a, char b) { return (a | 0x20) == (b | 0x20); }

/* The "optimal string alignment" form of Damerau's edit distance, in which no
   pair of letters is swapped and then edited again. */
static size_t distance(const char *a, size_t length, const char *b,
                       size_t other_length) {
  size_t rows[LETTERS + 1][LETTERS + 1];
  for (size_t j = 0; j <= other_length; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= length; i++) {
    rows[i][0] = i;
    for (size_t j = 1; j <= other_length; j++) {
      size_t best = least(least(rows[i - 1][j], rows[i][j - 1]) + 1,
                          rows[i - 1][j - 1] + !same(a[i - 1], b[j - 1]));
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
          same(a[i - 2], b[j - 1]))
        best = least(best, rows[i - 2][j - 2] + 1);
      rows[i][j] = best;
    }
  }
  return rows[length][other_length];
}

size_t cops_distance(const char *one, size_t length, const char *other,
                     size_t other_length, size_t limit) {
  length = least(length, LETTERS);
  other_length = least(other_length, LETTERS);
  if (length > other_length + limit || other_length > length + limit)
    return limit + 1; /* they differ by at least so many letters */
  return distance(one, length, other, other_length);
}

size_t cops_likeness(size_t length) {
  return length < 3 ? 0 : length < 6 ? 1 : length / 3;
}
