/* All states that steps lead to, breadth first: the first violation is a
   shortest one. */
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct found {
  uint64_t parent;
  uint32_t choice;
};

/* States are known by 128 bits of a hash: a million of them collide with a
   probability of 10^-27. */
struct print {
  uint64_t low, high;
};

struct exploration {
  const struct explored *model;
  char *states; /* all of them, for the way */
  struct found *found;
  struct print *known;
  uint64_t count, capacity, slots;
};

static char *state_at(const struct exploration *all, uint64_t at) {
  return all->states + at * all->model->size;
}

static struct print print_of(const void *state, size_t size) {
  const uint64_t *words = (const uint64_t *)state;
  struct print print = {0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F};
  for (size_t i = 0; i < size / sizeof *words; i++) {
    print.low = (print.low ^ words[i]) * 0xD6E8FEB86659FD93;
    print.low ^= print.low >> 32;
    print.high = (print.high + words[i]) * 0xA0761D6478BD642F;
    print.high ^= print.high >> 29;
  }
  return print;
}

static bool insert(struct exploration *all, struct print print) {
  uint64_t at = print.low & (all->slots - 1);
  if (print.low == 0 && print.high == 0)
    print.low = 1;
  while (all->known[at].low || all->known[at].high) {
    if (all->known[at].low == print.low && all->known[at].high == print.high)
      return false;
    at = (at + 1) & (all->slots - 1);
  }
  all->known[at] = print;
  return true;
}

static void add(struct exploration *all, const void *state, uint64_t parent,
                int choice) {
  if (!insert(all, print_of(state, all->model->size)))
    return;
  memcpy(state_at(all, all->count), state, all->model->size);
  all->found[all->count++] = (struct found){parent, (uint32_t)choice};
}

static void tell_way(const struct exploration *all, uint64_t at, char *text,
                     size_t size) {
  if (at == 0)
    return;
  uint64_t parent = all->found[at].parent;
  tell_way(all, parent, text, size);
  size_t length = strlen(text);
  all->model->tell(state_at(all, parent), (int)all->found[at].choice,
                   text + length, size - length);
}

static void violated(struct ring_report *report, const struct exploration *all,
                     uint64_t at, const char *what) {
  snprintf(report->violation, sizeof report->violation, "%s", what);
  tell_way(all, at, report->way, sizeof report->way);
}

/* False: something is wrong. `after`: room for a state. */
static bool expand(struct ring_report *report, struct exploration *all,
                   uint64_t at, void *after) {
  const struct explored *model = all->model;
  const char *wrong = model->broken(state_at(all, at));
  for (int choice = 0; !wrong && choice < model->choices; choice++) {
    bool exists;
    memset(after, 0, model->size);
    wrong = model->successor(state_at(all, at), choice, after, &exists);
    if (!wrong && exists)
      add(all, after, at, choice);
  }
  if (wrong)
    violated(report, all, at, wrong);
  return !wrong;
}

struct ring_report ring_explore_all(const struct explored *model,
                                    uint64_t most) {
  struct ring_report report = {0};
  struct exploration all = {.model = model,
                            .capacity = most + (uint64_t)model->choices + 1,
                            .slots = 1};
  while (all.slots < 2 * all.capacity)
    all.slots *= 2;
  all.states = malloc(all.capacity * model->size);
  all.found = malloc(all.capacity * sizeof *all.found);
  all.known = calloc(all.slots, sizeof *all.known);
  void *state = calloc(1, model->size);
  if (!all.states || !all.found || !all.known || !state) {
    snprintf(report.violation, sizeof report.violation, "no memory");
    return report;
  }
  model->begin(state);
  add(&all, state, 0, 0);
  uint64_t at = 0;
  while (at < all.count && all.count <= most &&
         expand(&report, &all, at, state))
    at++;
  report.states = all.count;
  report.is_cut = at < all.count && report.violation[0] == 0;
  free(state);
  free(all.states);
  free(all.found);
  free(all.known);
  return report;
}
