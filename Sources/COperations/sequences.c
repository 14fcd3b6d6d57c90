#include "COperationsSequences.h"

#include <string.h>

bool cops_record_torn(const struct cops_sequence *sequence) {
  uint32_t first = cshm_load32(sequence->first);
  if (sequence->last)
    return first != cshm_load32(sequence->last);
  return first & 1;
}

/* The end of the first word that lies in [from, end); *begin is its start. If
   there is none, both are `end`. */
static uintptr_t next_word(const struct cops_sequence *sequence,
                           uintptr_t from, uintptr_t end, uintptr_t *begin) {
  const uintptr_t words[] = {(uintptr_t)sequence->first,
                             (uintptr_t)sequence->last};
  uintptr_t after = end;
  *begin = end;
  for (int i = 0; i < 2; i++)
    if (words[i] && words[i] < *begin && words[i] + sizeof(uint32_t) > from) {
      *begin = words[i];
      after = words[i] + sizeof(uint32_t);
    }
  return after < end ? after : end;
}

static void copy_around_words(const struct cops_sequence *sequence,
                              unsigned char *record,
                              const unsigned char *draft, size_t length) {
  uintptr_t base = (uintptr_t)record, end = base + length, begin;
  for (uintptr_t from = base; from < end;) {
    uintptr_t after = next_word(sequence, from, end, &begin);
    if (begin > from)
      memcpy((void *)from, draft + (from - base), begin - from);
    from = after;
  }
}

/* If a writer died, the word is odd, or raised, already. */
static uint32_t raised(const struct cops_sequence *sequence) {
  uint32_t first = cshm_load32(sequence->first);
  if (!sequence->last)
    return first | 1;
  first++;
  return first == cshm_load32(sequence->last) ? first + 1 : first;
}

bool cops_draft(const struct cops_sequence *sequence, unsigned char *draft,
                const unsigned char *record, size_t length,
                const struct cshm_window *guard) {
  bool torn = cops_record_torn(sequence);
  if (cshm_reaches(guard, record, length))
    memcpy(draft, record, length);
  return torn;
}

uint32_t cops_raise(const struct cops_sequence *sequence) {
  uint32_t at_work = raised(sequence);
  cshm_store32(sequence->first, at_work);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  return at_work;
}

void cops_settle(const struct cops_sequence *sequence, uint32_t at_work) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (sequence->last)
    cshm_store32(sequence->last, at_work);
  else
    cshm_store32(sequence->first, at_work + 1);
}

void cops_publish(const struct cops_sequence *sequence, unsigned char *record,
                  const unsigned char *draft, size_t length,
                  const struct cshm_window *guard) {
  if (!cshm_reaches(guard, record, length))
    return;
  uint32_t at_work = cops_raise(sequence);
  copy_around_words(sequence, record, draft, length);
  cops_settle(sequence, at_work);
}

bool cops_copy_record(const struct cops_sequence *sequence,
                      unsigned char *copy, const unsigned char *record,
                      size_t length) {
  if (cops_record_torn(sequence))
    return false;
  const uint32_t *finished = sequence->last ? sequence->last : sequence->first;
  uint32_t before = cshm_load32(finished);
  if (!sequence->last && (before & 1))
    return false;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  memcpy(copy, record, length);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  return cshm_load32(sequence->first) == before;
}
