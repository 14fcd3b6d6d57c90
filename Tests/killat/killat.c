/*
 * killat: runs a program and ends or holds it at one of its system calls.
 *
 *   killat list PREFIX PROGRAM [ARG...]
 *   killat kill N entry|exit PREFIX PROGRAM [ARG...]
 *   killat stop N entry|exit PREFIX PROGRAM [ARG...]
 *
 * Counting begins with the first open of a path that begins with PREFIX,
 * which is call 1, and goes over all threads and children of the program.
 * "entry" is before the call happens, "exit" when it has happened and the
 * program does not know it yet. kill ends everything there by SIGKILL. stop
 * holds it there until standard input says "go" (it then runs to its end) or
 * ends (it is then killed). list prints each call that is counted.
 *
 * The report is on standard error, each line after "killat: ". Exit status:
 * 0 the call was reached, or list; 3 the program ended first; 64 usage; 1
 * the program could not be run or traced.
 *
 * It ends by SIGALRM after 30 seconds. Whatever becomes of killat itself,
 * nothing of the program stays (PTRACE_O_EXITKILL).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "names.h"

enum { REACHED = 0, FAILED = 1, ENDED_FIRST = 3, USAGE = 64 };

enum mode { LIST, KILL, STOP };

struct tracee {
  pid_t pid;
  uint64_t call; /* the call that it is in */
  bool counted;
  unsigned long number; /* of that call, counted from the marker */
};

static struct {
  enum mode mode;
  unsigned long target;
  bool at_exit;
  const char *prefix;
  char **program;
} asked;

static struct tracee tracees[256];
static int tracee_count;
static unsigned long counted;
static pid_t root;
static int root_status;
static bool has_gone_on; /* after a stop: nothing is counted any more */

static void fail(const char *what) {
  fprintf(stderr, "killat: %s: %s\n", what, strerror(errno));
  exit(FAILED);
}

static struct tracee *find(pid_t pid) {
  for (int i = 0; i < tracee_count; i++)
    if (tracees[i].pid == pid)
      return &tracees[i];
  if (tracee_count == (int)(sizeof tracees / sizeof *tracees)) {
    errno = ENOSPC;
    fail("too many threads and children");
  }
  struct tracee *tracee = &tracees[tracee_count++];
  *tracee = (struct tracee){.pid = pid};
  return tracee;
}

static void forget(pid_t pid) {
  for (int i = 0; i < tracee_count; i++)
    if (tracees[i].pid == pid)
      tracees[i] = tracees[--tracee_count];
}

/* ---- ends ---- */

static void kill_all(void) {
  for (int i = 0; i < tracee_count; i++)
    kill(tracees[i].pid, SIGKILL);
  /* Until nobody is left: a dead process's locks are then gone, too. */
  while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
    ;
}

static void reached(const struct tracee *tracee) {
  fprintf(stderr, "killat: %s at %s of %s\n",
          asked.mode == KILL ? "killed" : "stopped",
          asked.at_exit ? "exit" : "entry", call_name(tracee->call));
  char order[8];
  has_gone_on =
      asked.mode == STOP && read(STDIN_FILENO, order, sizeof order) > 0;
  if (has_gone_on)
    return;
  kill_all();
  exit(REACHED);
}

/* ---- one system call ---- */

static bool has_prefix(pid_t pid, uint64_t address) {
  char path[256] = "";
  size_t length = strlen(asked.prefix);
  if (length > sizeof path)
    return false;
  struct iovec local = {path, length};
  struct iovec remote = {(void *)(uintptr_t)address, length};
  return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)length &&
         memcmp(path, asked.prefix, length) == 0;
}

static bool is_marker(pid_t pid, const struct __ptrace_syscall_info *info) {
  return info->entry.nr == SYS_openat && has_prefix(pid, info->entry.args[1]);
}

static void on_entry(struct tracee *tracee,
                     const struct __ptrace_syscall_info *info) {
  tracee->call = info->entry.nr;
  tracee->counted = counted > 0 || is_marker(tracee->pid, info);
  if (!tracee->counted || has_gone_on)
    return;
  tracee->number = ++counted;
  if (asked.mode == LIST)
    fprintf(stderr, "killat: %lu %s\n", counted, call_name(tracee->call));
  else if (!asked.at_exit && tracee->number == asked.target)
    reached(tracee);
}

static void on_call(pid_t pid) {
  struct tracee *tracee = find(pid);
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) < 0)
    return; /* it was killed meanwhile */
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
    on_entry(tracee, &info);
  else if (info.op == PTRACE_SYSCALL_INFO_EXIT && tracee->counted) {
    if (asked.mode != LIST && asked.at_exit && !has_gone_on &&
        tracee->number == asked.target)
      reached(tracee);
    tracee->counted = false;
  }
}

/* ---- the loop ---- */

/* What to hand on when the tracee continues: a signal of its own, or 0. */
static int on_stop(pid_t pid, int status) {
  int signal = WSTOPSIG(status);
  if (signal == (SIGTRAP | 0x80)) {
    on_call(pid);
    return 0;
  }
  bool is_new = true;
  for (int i = 0; i < tracee_count; i++)
    is_new = is_new && tracees[i].pid != pid;
  find(pid);
  /* An event of ours, or the stop that a new tracee begins with. */
  return status >> 16 || (is_new && signal == SIGSTOP) ? 0 : signal;
}

static void trace(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
    if (pid < 0)
      continue;
    if (WIFSTOPPED(status)) {
      int signal = on_stop(pid, status);
      ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)signal);
      continue;
    }
    forget(pid);
    if (pid == root)
      root_status = status;
  }
}

static void start(void) {
  root = fork();
  if (root < 0)
    fail("fork");
  if (root == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
      fail("ptrace");
    raise(SIGSTOP);
    execvp(asked.program[0], asked.program);
    fail(asked.program[0]);
  }
  int status;
  if (waitpid(root, &status, 0) < 0 || !WIFSTOPPED(status))
    exit(FAILED);
  long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD |
                 PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                 PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SETOPTIONS, root, NULL, (void *)options) < 0)
    fail("PTRACE_SETOPTIONS");
  find(root);
  ptrace(PTRACE_SYSCALL, root, NULL, NULL);
}

static bool understood(int count, char **words) {
  if (count >= 4 && strcmp(words[1], "list") == 0) {
    asked.mode = LIST;
    asked.prefix = words[2];
    asked.program = words + 3;
    return true;
  }
  if (count < 6)
    return false;
  asked.mode = strcmp(words[1], "stop") == 0 ? STOP : KILL;
  asked.target = strtoul(words[2], NULL, 10);
  asked.at_exit = strcmp(words[3], "exit") == 0;
  asked.prefix = words[4];
  asked.program = words + 5;
  return asked.target > 0 &&
         (asked.mode == STOP || strcmp(words[1], "kill") == 0) &&
         (asked.at_exit || strcmp(words[3], "entry") == 0);
}

int main(int count, char **words) {
  if (!understood(count, words)) {
    fprintf(stderr, "usage: killat list PREFIX PROGRAM [ARG...]\n"
                    "       killat kill|stop N entry|exit PREFIX PROGRAM "
                    "[ARG...]\n");
    return USAGE;
  }
  alarm(30);
  start();
  trace();
  fprintf(stderr, "killat: ended after %lu calls with status %d\n", counted,
          WIFEXITED(root_status) ? WEXITSTATUS(root_status)
                                 : 128 + WTERMSIG(root_status));
  return asked.mode == LIST || has_gone_on ? REACHED : ENDED_FIRST;
}
