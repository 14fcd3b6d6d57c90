#include "dump.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROW = 16, ROW_TEXT = 96 };

/* "00000010  61 62 … 70  |ab…p|\n"; returns its length. */
static size_t put_row(char *to, const unsigned char *bytes, size_t count,
                      size_t offset) {
  static const char digits[] = "0123456789abcdef";
  int address = snprintf(to, ROW_TEXT, "%08zx", offset);
  memset(to + address, ' ', 2 + 3 * ROW + 2);
  char *cell = to + address + 2;
  for (size_t i = 0; i < count; i++) {
    cell += i == ROW / 2;
    cell[0] = digits[bytes[i] >> 4];
    cell[1] = digits[bytes[i] & 15];
    cell += 3;
  }
  char *text = to + address + 2 + 3 * ROW + 2;
  *text++ = '|';
  for (size_t i = 0; i < count; i++)
    *text++ = (char)(bytes[i] >= 0x20 && bytes[i] < 0x7F ? bytes[i] : '.');
  *text++ = '|';
  *text++ = '\n';
  return (size_t)(text - to);
}

static size_t put_end(char *to, size_t offset) {
  return (size_t)snprintf(to, ROW_TEXT, "%08zx", offset);
}

size_t luashm_dump_room(size_t length) {
  return ((length + ROW - 1) / ROW + 1) * ROW_TEXT;
}

/* Rows that are as the one before are one "*"; the last line is the offset
   behind the bytes, as of hexdump -C and of moonpool dump. */
size_t luashm_dump(char *to, const unsigned char *from, size_t length,
                   size_t offset) {
  char *begin = to;
  unsigned char before[ROW], row[ROW];
  bool starred = false;
  for (size_t done = 0; done < length; done += ROW) {
    size_t count = length - done < ROW ? length - done : ROW;
    memcpy(row, from + done, count);
    if (done > 0 && count == ROW && memcmp(row, before, ROW) == 0) {
      if (!starred)
        to += snprintf(to, ROW_TEXT, "*\n");
      starred = true;
      continue;
    }
    to += put_row(to, row, count, offset + done);
    memcpy(before, row, ROW);
    starred = false;
  }
  to += put_end(to, offset + length);
  return (size_t)(to - begin);
}

size_t luashm_dump_row(char *to, const unsigned char *from, size_t length,
                       size_t offset) {
  return length == 0 ? put_end(to, offset)
                     : put_row(to, from, length < ROW ? length : ROW, offset);
}
