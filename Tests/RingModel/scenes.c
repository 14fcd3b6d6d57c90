/* Who takes part, and which mutant is found where. */
#include "RingModel.h"

#include "explore.h"
#include "model.h"

#include <string.h>

static const struct ring_scene ring_scenes[] = {
    {"two push, one pops",
     {{RING_PUSHES, 1}, {RING_PUSHES, 1}, {RING_POPS, 0}},
     3,
     0},
    {"one pushes, two pop",
     {{RING_PUSHES, 2}, {RING_POPS, 0}, {RING_POPS, 0}},
     3,
     0},
    {"one message each",
     {{RING_PUSHES, 2}, {RING_POPS, 1}, {RING_POPS, 1}},
     3,
     0},
    {"full", {{RING_PUSHES, 5}, {RING_POPS, 0}}, 2, 0},
    {"full, a death", {{RING_LEAVES, 5}, {RING_POPS, 0}}, 2, 1},
    {"two producers die, one is told",
     {{RING_LEAVES, 1}, {RING_LEAVES, 1}, {RING_POPS, 0}},
     3,
     2},
    {"one of two consumers dies",
     {{RING_LEAVES, 1}, {RING_POPS, 0}, {RING_POPS, 0}},
     3,
     1},
    {"the end for two",
     {{RING_LEAVES, 1}, {RING_POPS, 0}, {RING_POPS, 0}},
     3,
     0},
    {"both die", {{RING_LEAVES, 2}, {RING_POPS, 0}}, 2, 2},
    {"a worker", {{RING_PUSHES, 3}, {RING_WORKS, 0}}, 2, 0},
    {"a job goes back",
     {{RING_PUSHES, 1}, {RING_WORKS, 1}, {RING_POPS, 0}},
     3,
     0},
    {"a worker dies",
     {{RING_LEAVES, 1}, {RING_WORKS, 0}, {RING_WORKS, 0}},
     3,
     1},
    {"a worker and a consumer",
     {{RING_PUSHES, 2}, {RING_WORKS, 0}, {RING_POPS, 0}},
     3,
     0},
    {"a peek beside a pop",
     {{RING_PUSHES, 2}, {RING_PEEKS, 1}, {RING_POPS, 0}},
     3,
     1},
    {"finish", {{RING_PUSHES, 2}, {RING_ENDS, 0}, {RING_POPS, 0}}, 3, 1},
    {"thief", {{RING_PUSHES, 1}, {RING_WORKS, 0}, {RING_THIEF, 0}}, 3, 0},
    {NULL, {{0, 0}}, 0, 0}};

static const char *const against[RING_MUTANTS] = {
    [RING_TAIL_BEFORE_RECORD] = "two push, one pops",
    [RING_TAIL_BEFORE_BYTES] = "two push, one pops",
    [RING_UNLOCK_BEFORE_TAIL] = "two push, one pops",
    [RING_PUSH_WITHOUT_LOCK] = "two push, one pops",
    [RING_PUSH_SIGNALS_NOT] = "two push, one pops",
    [RING_PUSH_WAKES_NOT] = "two push, one pops",
    [RING_UNLOCK_WAKES_NOT] = "two push, one pops",
    [RING_POP_WITHOUT_LOCK] = "one pushes, two pop",
    [RING_HEAD_BEFORE_COPY] = "full",
    [RING_HEAD_NEVER] = "both die",
    [RING_RESET_WITHOUT_LOOK] = "two push, one pops",
    [RING_ROOM_WAKES_NOT] = "full",
    [RING_TAKE_WITHOUT_MARK] = "a worker",
    [RING_DONE_OF_OTHERS] = "thief",
    [RING_DONE_NEVER_PASSES] = "a worker",
    [RING_BACK_SIGNALS_NOT] = "a job goes back",
    [RING_FINISH_WITHOUT_LOCK] = "finish",
    [RING_END_WITHOUT_LOOK] = "both die",
    [RING_END_BEFORE_DONE] = "a worker dies",
    [RING_DEATH_IS_IGNORED] = "two producers die, one is told",
    [RING_LIVING_ARE_DEAD] = "two push, one pops",
    [RING_JOBS_OF_DEAD_STAY] = "a worker dies",
    [RING_JOBS_OF_LIVING_GO] = "a worker dies",
    [RING_POP_SLEEPS_UNSAID] = "two push, one pops",
    [RING_PUSH_SLEEPS_UNSAID] = "full",
    [RING_PUSH_LOOKS_ONCE] = "full",
    [RING_WAKES_NO_FURTHER] = "one message each",
    [RING_PEEK_POPS] = "a peek beside a pop",
    [RING_PEEK_KEEPS_THE_LOCK] = "a peek beside a pop",
    [RING_END_TELLS_ONE] = "the end for two"};

const struct ring_scene *ring_scene_at(int index) {
  int count = sizeof ring_scenes / sizeof ring_scenes[0] - 1;
  return index < count ? &ring_scenes[index] : NULL;
}

const struct ring_scene *ring_scene_against(enum ring_mutant mutant) {
  for (const struct ring_scene *scene = ring_scenes; scene->name; scene++)
    if (against[mutant] && strcmp(scene->name, against[mutant]) == 0)
      return scene;
  return NULL;
}

/* ---- exploring ---- */

static struct {
  const struct ring_scene *scene;
  enum ring_mutant mutant;
} explored;

static void begin(void *state) {
  ring_begin(explored.scene, explored.mutant, state);
}

static const char *successor(const void *state, int choice, void *after,
                             bool *exists) {
  return ring_successor(state, choice, after, exists);
}

static const char *broken(const void *state) { return ring_broken(state); }

static void tell(const void *state, int choice, char *text, size_t size) {
  ring_tell(state, choice, text, size);
}

struct ring_report ring_explore(const struct ring_scene *scene,
                                enum ring_mutant mutant, uint64_t most) {
  const struct explored model = {.size = sizeof(struct state),
                                 .choices = ring_choices(),
                                 .begin = begin,
                                 .successor = successor,
                                 .broken = broken,
                                 .tell = tell};
  explored.scene = scene;
  explored.mutant = mutant;
  return ring_explore_all(&model, most);
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
                                      "wakes no further",
                                      "peek pops",
                                      "peek keeps the lock",
                                      "end tells one"};
  return names[mutant];
}
