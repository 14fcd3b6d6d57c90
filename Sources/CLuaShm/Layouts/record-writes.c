/* Copies staged values into the memory. Uses the C library only, as the world
   calls it. */
#include "byte-order.h"

#include <string.h>

static void put(const struct luashm_write *write, unsigned char *base,
                const unsigned char *staged) {
  const unsigned char *from = staged + write->offset;
  unsigned char *to = base + write->offset;
  if (write->bits)
    luashm_store_bits(base + write->base, write->bits,
                      luashm_load_bits(staged + write->base, write->bits));
  else if (write->size == 0)
    memcpy(to, from, write->count);
  else
    for (uint64_t k = 0; k < write->count; k++)
      cshm_store_scalar(to + k * write->size, write->size,
                        cshm_load_scalar(from + k * write->size, write->size));
}

void luashm_stage_write(const struct luashm_stage *stage, unsigned char *base,
                        const struct cshm_window *guard) {
  for (size_t i = 0; i < stage->count && !cshm_lost(guard); i++) {
    const struct luashm_write *write = &stage->writes[i];
    uint64_t size = write->count * (write->size ? write->size : 1);
    if (write->bits || cshm_reaches(guard, base + write->offset, size))
      put(write, base, stage->bytes);
  }
}
