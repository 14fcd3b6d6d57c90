/* Leaves one C stack for another and comes back, 100,000 times, with numbers in
   registers on both sides. Compiled by a test together with World/stack.c, for
   each processor whose compiler is there. */
#include "CLuaShmStack.h"

#include <stdbool.h>
#include <stdio.h>

enum { TIMES = 100000, SIZE = 1 << 16 };

static struct luashm_stack here, there;
static double sum;
static long turns;

static void run(void *argument) {
  const int *factor = argument;
  double step = 1.5;
  for (long turn = 7;; step += 0.25) {
    sum += step * *factor;
    turns = ++turn;
    luashm_stack_switch(&there, &here);
  }
}

int main(void) {
  static _Alignas(16) char memory[SIZE];
  int factor = 2;
  double kept = 3.25, expected = 0;
  long a = 11, b = 22, c = 33;
  luashm_stack_begin(&there, memory, sizeof memory, run, &factor);
  for (int i = 0; i < TIMES; i++) {
    luashm_stack_switch(&here, &there);
    expected += (1.5 + 0.25 * i) * 2;
    kept += 1;
    a += b++;
    c ^= a;
  }
  bool well = sum == expected && turns == TIMES + 7 && kept == TIMES + 3.25 &&
              a == 5002150011 && b == TIMES + 22 && c == 987583745;
  puts(well ? "well" : "numbers were lost");
  return !well;
}
