/* All states that the steps lead to, breadth first: the first violation is a
   shortest one. */
#include "model.h"

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
  struct state *states; /* all of them, for the way */
  struct found *found;
  struct print *known;
  uint64_t count, capacity, slots;
};

static struct print print_of(const struct state *state) {
  const uint64_t *words = (const uint64_t *)(const void *)state;
  struct print print = {0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F};
  for (size_t i = 0; i < sizeof *state / sizeof *words; i++) {
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

static void add(struct exploration *all, const struct state *state,
                uint64_t parent, int choice) {
  if (!insert(all, print_of(state)))
    return;
  all->states[all->count] = *state;
  all->found[all->count++] = (struct found){parent, (uint32_t)choice};
}

static void tell_way(const struct exploration *all, uint64_t at, char *text,
                     size_t size) {
  if (at == 0)
    return;
  uint64_t parent = all->found[at].parent;
  tell_way(all, parent, text, size);
  size_t length = strlen(text);
  ring_tell(&all->states[parent], (int)all->found[at].choice, text + length,
            size - length);
}

static void violated(struct ring_report *report, const struct exploration *all,
                     uint64_t at, const char *what) {
  snprintf(report->violation, sizeof report->violation, "%s", what);
  tell_way(all, at, report->way, sizeof report->way);
}

/* False: something is wrong. */
static bool expand(struct ring_report *report, struct exploration *all,
                   uint64_t at) {
  const char *wrong = ring_broken(&all->states[at]);
  for (int choice = 0; !wrong && choice < ring_choices(); choice++) {
    struct state after;
    bool exists;
    memset(&after, 0, sizeof after);
    const struct state before = all->states[at];
    wrong = ring_successor(&before, choice, &after, &exists);
    if (wrong || !exists)
      continue;
    add(all, &after, at, choice);
  }
  if (wrong)
    violated(report, all, at, wrong);
  return !wrong;
}

struct ring_report ring_explore(const struct ring_scene *scene,
                                enum ring_mutant mutant, uint64_t most) {
  struct ring_report report = {0};
  struct exploration all = {.capacity = most + ring_choices() + 1, .slots = 1};
  while (all.slots < 2 * all.capacity)
    all.slots *= 2;
  all.states = malloc(all.capacity * sizeof *all.states);
  all.found = malloc(all.capacity * sizeof *all.found);
  all.known = calloc(all.slots, sizeof *all.known);
  if (!all.states || !all.found || !all.known) {
    snprintf(report.violation, sizeof report.violation, "no memory");
    return report;
  }
  struct state begin;
  memset(&begin, 0, sizeof begin);
  ring_begin(scene, mutant, &begin);
  add(&all, &begin, 0, 0);
  uint64_t at = 0;
  while (at < all.count && all.count <= most && expand(&report, &all, at))
    at++;
  report.states = all.count;
  report.is_cut = at < all.count && report.violation[0] == 0;
  free(all.states);
  free(all.found);
  free(all.known);
  return report;
}

const char *ring_mutant_name(enum ring_mutant mutant) {
  static const char *const names[] = {"right",
                                      "tail before record",
                                      "tail before bytes",
                                      "unlock before tail",
                                      "push without lock",
                                      "push signals not",
                                      "push wakes not",
                                      "unlock wakes not",
                                      "pop without lock",
                                      "head before copy",
                                      "head never",
                                      "reset without look",
                                      "room wakes not",
                                      "take without mark",
                                      "done of others",
                                      "done never passes",
                                      "back signals not",
                                      "finish without lock",
                                      "end without look",
                                      "end before done",
                                      "death is ignored",
                                      "living are dead",
                                      "jobs of dead stay",
                                      "jobs of living go",
                                      "pop sleeps unsaid",
                                      "push sleeps unsaid",
                                      "push looks once",
                                      "wakes no further"};
  return names[mutant];
}
