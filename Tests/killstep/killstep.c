/*
 * killstep: kills a process at one instruction after another.
 *
 *   killstep changes|all PROGRAM [ARG...]
 *
 * PROGRAM sets a stage, forks a victim that stops itself by SIGSTOP where the
 * operation begins and would do so again where it has ended, and looks at what
 * is left of it. Here the victim is stepped, one instruction at a time, and
 * killed by SIGKILL: in the first round at once, in each following round one
 * point later, until it reaches the end, where it is killed, too.
 *
 * all: a point is an instruction. changes: others see only the object's bytes
 * and the kernel's locks and queues, and a killed process leaves nothing else.
 * So all instructions between which neither a byte of the object's files has
 * changed nor a system call was made are one point. In both, being asleep in
 * the kernel is a point of its own.
 *
 * Lines to PROGRAM            its answers
 *   round                       victim PID [FILE...]
 *   asleep                      none; once a victim, what it waits for may come
 *   dead TIME same|changed      good WORD, slow TEXT (again, please), bad TEXT,
 *                               or one more victim
 *   sleeping TIME same|changed  the same; it was killed in its sleep
 *   ended TIME same|changed     the same; it had done everything
 *
 * TIME is the nanosecond of CLOCK_MONOTONIC of the kill. same: no byte of the
 * files has changed since the victim began.
 *
 * The first that goes a part of the way is stepped; those after it get there
 * by a breakpoint (path.h).
 *
 * With two victims a round, all pairs of points are tried, the first victim's
 * by changes only. The report is the last line of standard output. Exit
 * status: 0 all was good; 1 it was not, or the program could not be traced;
 * 64 usage. Nothing of the program stays (PTRACE_O_EXITKILL, and the end of
 * its standard input).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "path.h"

enum { FAILED = 1, USAGE = 64 };
enum { VICTIMS = 2, FILES = 8, WORDS = 8, PATIENCE = 12, LONGEST = 30 };

static struct {
  bool all;
  char **program;
} asked;

static struct {
  pid_t pid;
  FILE *orders, *answers;
} program;

/* How far the victims of a round go. */
static struct {
  unsigned long target[VICTIMS];
  bool ended[VICTIMS];
  int victims;
} odometer;

static struct {
  unsigned long points, slow;
  unsigned long instructions, longest_region;
  struct {
    char text[32];
    unsigned long count;
  } words[WORDS];
} tally;

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "killstep: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  exit(FAILED);
}

/* ---- the object's bytes, as every process sees them ---- */

static struct file {
  const unsigned char *bytes;
  unsigned char *known; /* at the last look */
  size_t length;
} files[FILES];
static int file_count;

static void watch(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file_count == FILES || fd < 0 || fstat(fd, &status) < 0 ||
      status.st_size <= 0)
    fail("%s: cannot be watched: %s", path, strerror(errno));
  struct file *file = &files[file_count++];
  file->length = (size_t)status.st_size;
  file->bytes = mmap(NULL, file->length, PROT_READ, MAP_SHARED, fd, 0);
  file->known = malloc(file->length);
  if (file->bytes == MAP_FAILED || !file->known)
    fail("%s: %s", path, strerror(errno));
  memcpy(file->known, file->bytes, file->length);
  close(fd);
}

static void forget_files(void) {
  for (; file_count > 0; file_count--) {
    struct file *file = &files[file_count - 1];
    munmap((void *)(uintptr_t)file->bytes, file->length);
    free(file->known);
  }
}

/* Since the last look. */
static bool has_changed(void) {
  bool changed = false;
  for (struct file *file = files; file < files + file_count; file++)
    if (memcmp(file->known, file->bytes, file->length) != 0) {
      memcpy(file->known, file->bytes, file->length);
      changed = true;
    }
  return changed;
}

/* ---- the victim's next instruction ---- */

#ifdef __x86_64__
enum { KNOWN = 1 << 14 };
static struct {
  uint64_t address;
  bool is_call;
} known[KNOWN];

static bool is_call_at(pid_t pid, uint64_t address) {
  size_t slot = (address * 0x9E3779B97F4A7C15) >> 50;
  if (known[slot].address != address) {
    errno = 0;
    long bytes = ptrace(PTRACE_PEEKTEXT, pid, (void *)address, NULL);
    known[slot].address = address;
    known[slot].is_call = errno == 0 && (bytes & 0xFFFF) == 0x050F;
  }
  return known[slot].is_call;
}

/* The number of the system call that comes next; -1: none. */
static long next_call(pid_t pid) {
  if (!is_call_at(pid, path_register(pid, VICTIM_ADDRESS)))
    return -1;
  return (long)path_register(pid, offsetof(struct user_regs_struct, rax));
}
#else
static long next_call(pid_t pid) {
  (void)pid;
  fail("this processor's instructions are not known");
  return -1;
}
#endif

/* ---- one step ---- */

static bool is_asleep(pid_t pid) {
  char path[64], text[256] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool read_it = read(fd, text, sizeof text - 1) > 0;
  close(fd);
  const char *name_end = strrchr(text, ')');
  return read_it && name_end && name_end[1] == ' ' && name_end[2] == 'S';
}

enum stop { STEPPED, ASLEEP };

/* Until it has stopped again, or sleeps in its system call. */
static enum stop wait_for(pid_t pid, bool may_sleep) {
  for (;;) {
    int status;
    pid_t got = waitpid(pid, &status, may_sleep ? WNOHANG : 0);
    if (got < 0 && errno != EINTR)
      fail("waitpid: %s", strerror(errno));
    if (got == pid) {
      if (!WIFSTOPPED(status))
        fail("the victim has ended by itself, with status %#x", status);
      if (WSTOPSIG(status) == SIGTRAP)
        return STEPPED;
      if (WSTOPSIG(status) != SIGSTOP)
        fail("the victim got signal %d", WSTOPSIG(status));
      /* That of attaching. */
      ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
    } else if (got == 0) {
      if (is_asleep(pid))
        return ASLEEP;
      usleep(50);
    }
  }
}

static void tell(const char *order) {
  if (fprintf(program.orders, "%s\n", order) < 0 ||
      fflush(program.orders) != 0)
    fail("the program is gone");
}

/* ---- a victim's way to its end ---- */

enum end { KILLED, KILLED_ASLEEP, AT_THE_END };

static struct {
  unsigned long points, instructions;
  unsigned long remembered; /* how many instructions the path knows */
  bool was_released, changed, is_lost;
} way;

static struct path paths[VICTIMS];

/* Where it stands, which is a point or not. */
static void remember(pid_t pid, struct path *path, bool is_point) {
  if (path->closed || way.instructions < way.remembered)
    return;
  uint64_t address = path_register(pid, VICTIM_ADDRESS);
  unsigned long visit = path_visit(path, address);
  way.remembered = way.instructions + 1;
  if (is_point && !path->closed)
    path_add(path, (struct point){address, visit, way.instructions,
                                  way.changed});
}

static void until_stopped(pid_t pid) {
  if (wait_for(pid, true) == STEPPED)
    return;
  if (!way.was_released)
    tell("asleep");
  way.was_released = true;
  wait_for(pid, false);
}

/* Brings it as far as others have been, at most to its target. */
static void go_ahead(pid_t pid, struct path *path, unsigned long target) {
  unsigned long ahead = target < path->count ? target : path->count - 1;
  enum arrival arrival = CANNOT;
  for (; ahead > 0 && arrival == CANNOT; ahead--)
    arrival = path_go(pid, &path->points[ahead], until_stopped);
  way.is_lost = arrival == LOST;
  if (arrival != ARRIVED)
    return;
  way.points = ahead + 2; /* the loop has counted down once more */
  way.instructions = path->points[ahead + 1].instructions;
  /* Others may have changed it back since. */
  way.changed = has_changed() || path->points[ahead + 1].changed;
}

/* True: it is to be killed at this point. */
static bool is_target(bool is_point, unsigned long target) {
  return is_point && way.points++ == target;
}

/* True: it is to be killed there. */
static bool sleep_on(pid_t pid, struct path *path, unsigned long target) {
  if (!path->closed && way.points == path->count)
    path_add(path, (struct point){0, 0, way.instructions, way.changed});
  if (is_target(true, target))
    return true;
  if (!way.was_released)
    tell("asleep");
  way.was_released = true;
  wait_for(pid, false);
  return false;
}

static enum end step(pid_t pid, struct path *path, unsigned long target,
                     bool each) {
  memset(&way, 0, sizeof way);
  if (path->count > 0) {
    way.remembered = path->points[path->count - 1].instructions + 1;
    go_ahead(pid, path, target);
    if (way.is_lost || (way.points > 0 && way.points > target))
      return KILLED;
  }
  if (way.points == 0) {
    remember(pid, path, true);
    if (is_target(true, target))
      return KILLED;
  }
  for (;;) {
    long call = next_call(pid);
    if (call == SYS_tgkill)
      return AT_THE_END;
    if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
      fail("PTRACE_SINGLESTEP: %s", strerror(errno));
    if (wait_for(pid, call >= 0) == ASLEEP && sleep_on(pid, path, target))
      return KILLED_ASLEEP;
    way.instructions++;
    tally.instructions++;
    bool changed = has_changed();
    way.changed = way.changed || changed;
    bool is_point = changed || call >= 0 || each;
    remember(pid, path, is_point);
    if (is_target(is_point, target))
      return KILLED;
  }
}

static void attach(pid_t pid) {
  int status;
  if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0 ||
      waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
    fail("the victim cannot be traced: %s", strerror(errno));
  if (ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_EXITKILL) < 0)
    fail("PTRACE_SETOPTIONS: %s", strerror(errno));
#ifdef __x86_64__
  /* It stands in the call that stopped it. */
  do {
    ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
    wait_for(pid, false);
  } while (next_call(pid) == SYS_tgkill);
#endif
}

/* When it was killed. */
static long long kill_victim(pid_t pid) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  kill(pid, SIGKILL);
  int status;
  do
    if (waitpid(pid, &status, 0) < 0 && errno != EINTR)
      fail("waitpid: %s", strerror(errno));
  while (WIFSTOPPED(status));
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* "PID FILE...": steps and kills it, and says so. */
static void follow(char *words, int index) {
  char *rest = words;
  pid_t pid = (pid_t)strtol(words, &rest, 10);
  for (char *path = strtok(rest, " \n"); path; path = strtok(NULL, " \n"))
    watch(path);
  attach(pid);
  bool is_last = index + 1 == odometer.victims || odometer.victims == 0;
  struct path *path = &paths[index];
  if (odometer.target[index] == 0)
    path_forget(path);
  enum end end = step(pid, path, odometer.target[index],
                      asked.all && (is_last || index > 0));
  long long time = kill_victim(pid);
  odometer.ended[index] = end == AT_THE_END;
  if (way.is_lost)
    path_forget(path);
  if (way.instructions > tally.longest_region)
    tally.longest_region = way.instructions;
  static const char *const names[] = {"dead", "sleeping", "ended"};
  char order[64];
  snprintf(order, sizeof order, "%s %lld %s", names[end], time,
           way.changed || has_changed() ? "changed" : "same");
  forget_files();
  tell(order);
}

/* ---- rounds ---- */

static char answer[4096];

static void hear(void) {
  if (!fgets(answer, sizeof answer, program.answers))
    fail("the program has ended");
  answer[strcspn(answer, "\n")] = 0;
}

static void count(const char *word) {
  for (int i = 0; i < WORDS; i++)
    if (!tally.words[i].count || strcmp(tally.words[i].text, word) == 0) {
      snprintf(tally.words[i].text, sizeof tally.words[i].text, "%.31s",
               word);
      tally.words[i].count++;
      return;
    }
}

/* False: it took too long, which may be the machine's fault. */
static bool play(void) {
  alarm(LONGEST);
  tell("round");
  hear();
  int victims = 0;
  bool is_lost = false;
  for (; strncmp(answer, "victim ", 7) == 0 && victims < VICTIMS; hear()) {
    follow(answer + 7, victims++);
    is_lost = is_lost || way.is_lost;
  }
  odometer.victims = victims;
  if (is_lost && strncmp(answer, "good ", 5) == 0)
    return false;
  if (strncmp(answer, "good ", 5) == 0) {
    count(answer + 5);
    return true;
  }
  if (strncmp(answer, "slow ", 5) == 0)
    return false;
  fail("killed at point %lu (and %lu) after %lu instructions: %s",
       odometer.target[0], odometer.target[1], way.instructions, answer);
  return false;
}

static void play_until_quick(void) {
  for (int turn = 0; turn < PATIENCE; turn++) {
    if (play())
      return;
    tally.slow++;
    if (!way.is_lost)
      usleep((useconds_t)(10000 << (turn < 5 ? turn : 5)));
  }
  fail("killed at point %lu (and %lu), %d times: %s", odometer.target[0],
       odometer.target[1], PATIENCE, answer);
}

/* False: each victim has been to its end. */
static bool go_on(void) {
  for (int index = odometer.victims - 1; index >= 0; index--) {
    if (!odometer.ended[index]) {
      odometer.target[index]++;
      return true;
    }
    odometer.target[index] = 0;
  }
  return false;
}

static void report(void) {
  printf("%lu kill points, %lu instructions at most (%lu stepped in all), "
         "%lu rounds repeated",
         tally.points, tally.longest_region, tally.instructions, tally.slow);
  for (int i = 0; i < WORDS && tally.words[i].count; i++)
    printf("%s %lu %s", i ? "," : ";", tally.words[i].count,
           tally.words[i].text);
  printf("\n");
}

/* All on one processor: a step is two switches between us and the victim, and
   they cost a fraction of what they do on two. And who has one processor does
   not spin before a sleep; spinning changes nothing that others could see, and
   would be nine steps of ten. */
static void stay_here(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(sched_getcpu(), &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void start(void) {
  int orders[2], answers[2];
  if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
    fail("pipe: %s", strerror(errno));
  program.pid = fork();
  if (program.pid < 0)
    fail("fork: %s", strerror(errno));
  if (program.pid == 0) {
    dup2(orders[0], STDIN_FILENO);
    dup2(answers[1], STDOUT_FILENO);
    execvp(asked.program[0], asked.program);
    fail("%s: %s", asked.program[0], strerror(errno));
  }
  close(orders[0]);
  close(answers[1]);
  program.orders = fdopen(orders[1], "w");
  program.answers = fdopen(answers[0], "r");
}

int main(int count, char **words) {
  asked.all = count > 2 && strcmp(words[1], "all") == 0;
  if (count < 3 || (!asked.all && strcmp(words[1], "changes") != 0)) {
    fprintf(stderr, "usage: killstep changes|all PROGRAM [ARG...]\n");
    return USAGE;
  }
  asked.program = words + 2;
  signal(SIGPIPE, SIG_IGN);
  stay_here();
  start();
  do {
    play_until_quick();
    tally.points++;
  } while (go_on());
  fclose(program.orders);
  int status;
  while (waitpid(program.pid, &status, 0) < 0 && errno == EINTR)
    ;
  report();
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : FAILED;
}
