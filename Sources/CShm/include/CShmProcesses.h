/*
 * Processes that are forked and stay: fork(2) without exec, which Swift hides,
 * and a /dev/shm that only they see. Only for processes with one thread.
 */
#ifndef CSHM_PROCESSES_H
#define CSHM_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* fork(2): 0 in the child, its number in the parent, or -1. */
pid_t cshm_fork(void);

/* Gives this process an empty /dev/shm of its own, and its children numbers of
   their own: when the first of them ends, however it does, the kernel ends all
   others. Stands on unshare(2), in a user namespace where that is needed, in
   which the user keeps their number. 0, or -1 (errno): it has the old one. */
int cshm_private_shm(void);

/* Of a private /dev/shm: nobody finds room there, or everybody does again.
   Stands on a remount of tmpfs(5). 0, or -1. */
int cshm_fill_shm(bool full);

/* What a process that was forked to be another keeps of its parent. */
struct cshm_descent {
  pid_t parent;  /* when that ends, the child is killed */
  int input, output, errors; /* become 0, 1, 2 */
  int others[4]; /* become 3, 4 …; below 0: none */
};

/* In the child: a process group of its own, default signals, no privileges
   beyond the user's, and no descriptor but these. */
void cshm_descend(const struct cshm_descent *);

/* A descriptor to poll for the end of children and for SIGINT, SIGTERM, SIGHUP
   and SIGPIPE, which do nothing else from then on; or -1. */
int cshm_signals(void);

/* The next signal of such a descriptor; 0: there is none. */
int cshm_next_signal(int signals);

/* eventfd(2), closed by exec; or -1. */
int cshm_doorbell(void);

/* Ring it; and take all rings. */
void cshm_ring(int doorbell);
void cshm_answer(int doorbell);

/* The next child that has ended and is not waited for yet; 0: none. It stays a
   zombie, so that its number is nobody else's. */
pid_t cshm_ended_child(void);

/* The signal for this process when its parent ends; false: that has ended. */
bool cshm_end_with(pid_t parent, int signal);

/* Orphans below this process become its children. */
void cshm_adopt_orphans(void);

#endif
