/* Tables of rules that are wrong on purpose. The other mutants do something
   else between the steps: model.c. */
#include "model.h"

static void set(struct cops_ring_rules *rules, enum cops_ring_step step,
                int outcome, enum cops_ring_step next) {
  rules->next[step][outcome] = (uint8_t)next;
}

void ring_spoil(struct cops_ring_rules *rules, enum ring_mutant mutant) {
  switch (mutant) {
  case RING_TAIL_BEFORE_RECORD:
    set(rules, COPS_PUSH_LOOK, COPS_FITS, COPS_PUSH_TAIL);
    set(rules, COPS_PUSH_TAIL, COPS_ALL, COPS_PUSH_HEADER);
    set(rules, COPS_PUSH_BYTES, 0, COPS_PUSH_UNLOCK);
    return;
  case RING_TAIL_BEFORE_BYTES:
    set(rules, COPS_PUSH_HEADER, 0, COPS_PUSH_TAIL);
    set(rules, COPS_PUSH_TAIL, COPS_ALL, COPS_PUSH_BYTES);
    set(rules, COPS_PUSH_BYTES, 0, COPS_PUSH_UNLOCK);
    return;
  case RING_UNLOCK_BEFORE_TAIL:
    set(rules, COPS_PUSH_BYTES, 0, COPS_PUSH_UNLOCK);
    set(rules, COPS_PUSH_UNLOCK, COPS_NOBODY_SLEEPS, COPS_PUSH_TAIL);
    set(rules, COPS_PUSH_TAIL, COPS_ALL, COPS_PUSH_SIGNAL);
    return;
  case RING_PUSH_SIGNALS_NOT:
    set(rules, COPS_PUSH_UNLOCK, COPS_NOBODY_SLEEPS, COPS_RING_END);
    return;
  case RING_PUSH_WAKES_NOT:
    set(rules, COPS_PUSH_SIGNAL, COPS_WAKE_UP, COPS_RING_END);
    return;
  case RING_UNLOCK_WAKES_NOT:
    set(rules, COPS_PUSH_UNLOCK, COPS_SOMEBODY_SLEEPS, COPS_PUSH_SIGNAL);
    return;
  case RING_HEAD_BEFORE_COPY:
    set(rules, COPS_POP_FIND, COPS_FOUND, COPS_POP_HEAD);
    set(rules, COPS_POP_HEAD, COPS_ENOUGH, COPS_POP_COPY);
    set(rules, COPS_POP_COPY, COPS_TO_POP, COPS_POP_TIDY);
    return;
  case RING_HEAD_NEVER:
    set(rules, COPS_POP_COPY, COPS_TO_POP, COPS_POP_TIDY);
    return;
  case RING_RESET_WITHOUT_LOOK:
    set(rules, COPS_POP_RESET, COPS_WAS_SET, COPS_POP_UNLOCK);
    return;
  case RING_ROOM_WAKES_NOT:
    set(rules, COPS_ROOM_SIGNAL, COPS_WAKE_UP, COPS_RING_END);
    return;
  case RING_TAKE_WITHOUT_MARK:
    set(rules, COPS_POP_COPY, COPS_TO_TAKE, COPS_POP_UNLOCK);
    return;
  case RING_DONE_OF_OTHERS:
    set(rules, COPS_DONE_CHECK, COPS_FOREIGN, COPS_DONE_STORE);
    return;
  case RING_DONE_NEVER_PASSES:
    set(rules, COPS_DONE_STORE, 0, COPS_POP_UNLOCK);
    set(rules, COPS_POP_FIND, COPS_TO_PASS, COPS_POP_RESET);
    return;
  case RING_BACK_SIGNALS_NOT:
    set(rules, COPS_BACK_STORE, 0, COPS_POP_UNLOCK);
    return;
  case RING_PEEK_POPS:
    set(rules, COPS_POP_COPY, COPS_TO_LEAVE, COPS_POP_HEAD);
    return;
  case RING_PEEK_KEEPS_THE_LOCK:
    set(rules, COPS_POP_COPY, COPS_TO_LEAVE, COPS_RING_END);
    return;
  default:
    return;
  }
}
