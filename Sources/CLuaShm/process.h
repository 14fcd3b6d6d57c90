/* The userdata "shm.process", for what makes one and what waits for it. */
#ifndef LUASHM_PROCESS_H
#define LUASHM_PROCESS_H

#include "module.h"

/* Its entry's key is the descriptor. */
struct process {
  struct luashm_head head;
  int64_t number;
};

#endif
