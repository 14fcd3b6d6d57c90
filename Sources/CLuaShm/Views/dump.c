#include "dump.h"

#include <stdio.h>
#include <string.h>

enum { ROW = LUASHM_ROW, ROW_TEXT = 96 };

/* Writes "00000010  61 62 … 70  |ab…p|\n"; returns its length. */
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

size_t luashm_dump_room(size_t length) {
  return ((length + ROW - 1) / ROW + 1) * ROW_TEXT;
}

/* A row with the same bytes as the one before becomes "*", and so do the equal
   rows that follow it. */
static void put_next(struct luashm_dump *dump, const unsigned char *row,
                     size_t count, size_t offset) {
  if (dump->begun && count == ROW && memcmp(row, dump->before, ROW) == 0) {
    if (!dump->starred)
      dump->to += snprintf(dump->to, ROW_TEXT, "*\n");
    dump->starred = true;
    return;
  }
  dump->to += put_row(dump->to, row, count, offset);
  memcpy(dump->before, row, ROW);
  dump->begun = true;
  dump->starred = false;
}

void luashm_dump_rows(struct luashm_dump *dump, const unsigned char *from,
                      size_t length, size_t offset) {
  unsigned char row[ROW] = {0};
  for (size_t done = 0; done < length; done += ROW) {
    size_t count = length - done < ROW ? length - done : ROW;
    memcpy(row, from + done, count);
    put_next(dump, row, count, offset + done);
  }
}

void luashm_dump_end(struct luashm_dump *dump, size_t offset) {
  dump->to += snprintf(dump->to, ROW_TEXT, "%08zx", offset);
}
