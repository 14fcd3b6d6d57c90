#include "COperationsCopies.h"

#include <string.h>

/* Copies in pieces through private memory, starting at the end if the target
   lies behind: no piece is overwritten before it was read. */
void cops_copy_between(unsigned char *to, const unsigned char *from,
                       size_t length, bool up) {
  unsigned char piece[4096];
  for (size_t done = 0; done < length;) {
    size_t rest = length - done;
    size_t count = rest < sizeof piece ? rest : sizeof piece;
    size_t at = up ? rest - count : done;
    memcpy(piece, from + at, count);
    memcpy(to + at, piece, count);
    done += count;
  }
}
