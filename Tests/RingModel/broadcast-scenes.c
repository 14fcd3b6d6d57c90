/* Who takes part in the model of what is written over, what each mutant changes
   in the table of steps, and where it is found. */
#include "broadcast.h"

#include <string.h>

static const struct broadcast_scene scenes[] = {
    {"two publish, one reads",
     {{BROADCAST_PUBLISHES, 1}, {BROADCAST_PUBLISHES, 1}, {BROADCAST_READS, 0}},
     3,
     0,
     0},
    {"a reader is overtaken",
     {{BROADCAST_PUBLISHES, 4}, {BROADCAST_READS, 0}},
     2,
     0,
     3},
    {"who measures is overtaken",
     {{BROADCAST_PUBLISHES, 4}, {BROADCAST_MEASURES, 0}},
     2,
     0,
     3},
    {"two overtake a reader",
     {{BROADCAST_PUBLISHES, 2}, {BROADCAST_PUBLISHES, 1}, {BROADCAST_READS, 0}},
     3,
     0,
     4},
    {"a publisher dies while it overtakes",
     {{BROADCAST_LEAVES, 3}, {BROADCAST_READS, 0}},
     2,
     1,
     4},
    {"one of two publishers dies",
     {{BROADCAST_LEAVES, 1}, {BROADCAST_LEAVES, 1}, {BROADCAST_READS, 0}},
     3,
     2,
     3},
    {"two readers",
     {{BROADCAST_PUBLISHES, 2}, {BROADCAST_READS, 0}, {BROADCAST_READS, 0}},
     3,
     0,
     3},
    {"a reader dies that was woken",
     {{BROADCAST_PUBLISHES, 1}, {BROADCAST_READS, 0}, {BROADCAST_READS, 0}},
     3,
     1,
     2},
    {"the newest",
     {{BROADCAST_LEAVES, 2}, {BROADCAST_LEAVES, 1}, {BROADCAST_LOOKS, 2}},
     3,
     1,
     2},
    {"three publish",
     {{BROADCAST_PUBLISHES, 1},
      {BROADCAST_PUBLISHES, 1},
      {BROADCAST_PUBLISHES, 1}},
     3,
     1,
     4},
    {NULL, {{0, 0}}, 0, 0, 0}};

static const struct {
  const char *name, *scene;
} mutants[BROADCAST_MUTANTS] = {
    [BROADCAST_RIGHT] = {"right", NULL},
    [BROADCAST_FIRST_NEVER] = {"first never", "a reader is overtaken"},
    [BROADCAST_FIRST_AFTER_COPY] = {"first after copy",
                                    "a reader is overtaken"},
    [BROADCAST_TAIL_BEFORE_RECORD] = {"tail before record",
                                      "two publish, one reads"},
    [BROADCAST_TAIL_BEFORE_BYTES] = {"tail before bytes",
                                     "two publish, one reads"},
    [BROADCAST_LATEST_BEFORE_TAIL] = {"latest before tail", "the newest"},
    [BROADCAST_UNLOCK_BEFORE_TAIL] = {"unlock before tail",
                                      "two publish, one reads"},
    [BROADCAST_PUBLISH_WITHOUT_LOCK] = {"publish without lock",
                                        "two publish, one reads"},
    [BROADCAST_SIGNALS_NOT] = {"signals not", "two publish, one reads"},
    [BROADCAST_WAKES_NOT] = {"wakes not", "two publish, one reads"},
    [BROADCAST_UNLOCK_WAKES_NOT] = {"unlock wakes not",
                                    "two publish, one reads"},
    [BROADCAST_READ_WITHOUT_CHECK] = {"read without check",
                                      "a reader is overtaken"},
    [BROADCAST_CHECK_BEFORE_BYTES] = {"check before bytes",
                                      "a reader is overtaken"},
    [BROADCAST_SLEEPS_UNSAID] = {"sleeps unsaid", "two publish, one reads"},
    [BROADCAST_SLEEPS_UNLOOKED] = {"sleeps unlooked",
                                   "two publish, one reads"},
    [BROADCAST_LOST_BY_LAPS] = {"lost by laps", "a reader is overtaken"},
    [BROADCAST_MEASURES_NO_LOSS] = {"measures no loss",
                                    "who measures is overtaken"},
    [BROADCAST_END_WITHOUT_LOOK] = {"end without look",
                                    "one of two publishers dies"},
    [BROADCAST_DEATH_IS_IGNORED] = {"death is ignored",
                                    "one of two publishers dies"},
    [BROADCAST_LIVING_ARE_DEAD] = {"living are dead",
                                   "two publish, one reads"},
    [BROADCAST_PASSES_NOT_ON] = {"passes not on", "two readers"},
    [BROADCAST_PASSES_NEWS_ONLY] = {"passes news only", "two readers"}};

/* ---- the table, spoilt ---- */

static struct cops_broadcast_rules spoilt;

static void set_rule(enum cops_broadcast_step step, int outcome,
                     enum cops_broadcast_step next) {
  spoilt.next[step][outcome] = (uint8_t)next;
}

static void tail_after(enum cops_broadcast_step before,
                       enum cops_broadcast_step after) {
  set_rule(before, 0, COPS_PUBLISH_TAIL);
  set_rule(COPS_PUBLISH_TAIL, 0, after);
  set_rule(COPS_PUBLISH_BYTES, 0, COPS_PUBLISH_LATEST);
}

static void spoil(enum broadcast_mutant mutant) {
  switch (mutant) {
  case BROADCAST_FIRST_NEVER:
    set_rule(COPS_PUBLISH_LOOK, COPS_MAY_WRITE, COPS_PUBLISH_HEADER);
    return;
  case BROADCAST_FIRST_AFTER_COPY:
    set_rule(COPS_PUBLISH_LOOK, COPS_MAY_WRITE, COPS_PUBLISH_HEADER);
    set_rule(COPS_PUBLISH_BYTES, 0, COPS_PUBLISH_FIRST);
    set_rule(COPS_PUBLISH_FIRST, COPS_FITS_BEHIND, COPS_PUBLISH_TAIL);
    set_rule(COPS_PUBLISH_PADDING, 0, COPS_PUBLISH_TAIL);
    return;
  case BROADCAST_TAIL_BEFORE_RECORD:
    tail_after(COPS_PUBLISH_FIRST, COPS_PUBLISH_HEADER);
    return;
  case BROADCAST_TAIL_BEFORE_BYTES:
    tail_after(COPS_PUBLISH_HEADER, COPS_PUBLISH_BYTES);
    return;
  case BROADCAST_LATEST_BEFORE_TAIL:
    set_rule(COPS_PUBLISH_BYTES, 0, COPS_PUBLISH_LATEST);
    set_rule(COPS_PUBLISH_LATEST, COPS_ANOTHER, COPS_PUBLISH_TAIL);
    set_rule(COPS_PUBLISH_TAIL, 0, COPS_PUBLISH_UNLOCK);
    return;
  case BROADCAST_UNLOCK_BEFORE_TAIL:
    set_rule(COPS_PUBLISH_BYTES, 0, COPS_PUBLISH_UNLOCK);
    set_rule(COPS_PUBLISH_UNLOCK, COPS_NOBODY_SLEEPS, COPS_PUBLISH_TAIL);
    set_rule(COPS_PUBLISH_WAKE_LOCK, 0, COPS_PUBLISH_TAIL);
    set_rule(COPS_PUBLISH_LATEST, COPS_LAST, COPS_PUBLISH_SIGNAL);
    return;
  case BROADCAST_SIGNALS_NOT:
    set_rule(COPS_PUBLISH_UNLOCK, COPS_NOBODY_SLEEPS, COPS_BROADCAST_END);
    return;
  case BROADCAST_WAKES_NOT:
    set_rule(COPS_PUBLISH_SIGNAL, COPS_WAKE_UP, COPS_BROADCAST_END);
    return;
  case BROADCAST_UNLOCK_WAKES_NOT:
    set_rule(COPS_PUBLISH_UNLOCK, COPS_SOMEBODY_SLEEPS, COPS_PUBLISH_SIGNAL);
    return;
  case BROADCAST_READ_WITHOUT_CHECK:
    set_rule(COPS_READ_BYTES, 0, COPS_READ_TAKE);
    return;
  case BROADCAST_CHECK_BEFORE_BYTES:
    set_rule(COPS_READ_HEADER, 0, COPS_READ_CHECK);
    set_rule(COPS_READ_CHECK, COPS_READ_GOES_ON, COPS_READ_BYTES);
    set_rule(COPS_READ_BYTES, 0, COPS_READ_TAKE);
    return;
  default:
    return;
  }
}

const struct cops_broadcast_rules *
broadcast_rules_of(enum broadcast_mutant mutant) {
  spoilt = cops_broadcast_rules;
  spoil(mutant);
  return &spoilt;
}

/* ---- */

const struct broadcast_scene *broadcast_scene_at(int index) {
  int count = sizeof scenes / sizeof scenes[0] - 1;
  return index < count ? &scenes[index] : NULL;
}

const struct broadcast_scene *
broadcast_scene_against(enum broadcast_mutant mutant) {
  for (const struct broadcast_scene *scene = scenes; scene->name; scene++)
    if (mutants[mutant].scene &&
        strcmp(scene->name, mutants[mutant].scene) == 0)
      return scene;
  return NULL;
}

const char *broadcast_mutant_name(enum broadcast_mutant mutant) {
  return mutants[mutant].name;
}
