#define _GNU_SOURCE
#include "CShmProcesses.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t cshm_fork(void) { return fork(); }

/* ---- a /dev/shm of one's own ---- */

static const char place[] = "/dev/shm";

static int write_text(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0)
    return -1;
  ssize_t written = write(file, text, strlen(text));
  close(file);
  return written < 0 ? -1 : 0;
}

/* user_namespaces(7): who is mapped to the same number stays who they are. */
static int enter_user_namespace(int flags) {
  unsigned user = geteuid(), group = getegid();
  char text[64];
  if (unshare(CLONE_NEWUSER | flags) != 0)
    return -1;
  write_text("/proc/self/setgroups", "deny"); /* older kernels have none */
  snprintf(text, sizeof text, "%u %u 1", user, user);
  if (write_text("/proc/self/uid_map", text) != 0)
    return -1;
  snprintf(text, sizeof text, "%u %u 1", group, group);
  return write_text("/proc/self/gid_map", text);
}

static bool is_in_user_namespace;

static int enter_private_shm(void) {
  int flags = CLONE_NEWNS | CLONE_NEWPID;
  if (unshare(flags) != 0) {
    if (enter_user_namespace(flags) != 0)
      return -1;
    is_in_user_namespace = true;
  }
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return -1;
  return mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

/* First in a process that ends behind it: where a later step is refused, the
   earlier ones would leave us in a namespace without numbers. */
static bool may_have_private_shm(void) {
  int status;
  pid_t probe = fork();
  if (probe == 0)
    _exit(enter_private_shm() == 0 ? 0 : 1);
  while (probe > 0 && waitpid(probe, &status, 0) < 0)
    if (errno != EINTR)
      return false;
  return probe > 0 && status == 0;
}

int cshm_private_shm(void) {
  return may_have_private_shm() ? enter_private_shm() : -1;
}

int cshm_fill_shm(bool full) {
  char options[96] = "size=50%,nr_inodes=1000000";
  struct statfs now;
  if (statfs(place, &now) != 0)
    return -1;
  unsigned long used =
      (now.f_blocks - now.f_bfree) * (unsigned long)now.f_bsize;
  unsigned long files = now.f_files - now.f_ffree;
  if (full) /* 0 would mean that there is no limit */
    snprintf(options, sizeof options, "size=%lu,nr_inodes=%lu",
             used > 0 ? used : 1, files > 0 ? files : 1);
  return mount("tmpfs", place, "tmpfs", MS_REMOUNT | MS_NOSUID | MS_NODEV,
               options);
}

/* Who is root of a user namespace passes over the mode of the user's files. */
static void drop_privileges(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
  if (is_in_user_namespace)
    syscall(SYS_capset, &header, none);
}

/* ---- children ---- */

bool cshm_end_with(pid_t parent, int signal) {
  prctl(PR_SET_PDEATHSIG, signal);
  return getppid() == parent;
}

void cshm_adopt_orphans(void) { prctl(PR_SET_CHILD_SUBREAPER, 1); }

static void reset_signals(void) {
  static const int changed[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD};
  sigset_t none;
  for (size_t i = 0; i < sizeof changed / sizeof *changed; i++)
    signal(changed[i], SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* First all of them where none of the targets is, then to their places. */
static void move_descriptors(const struct cshm_descent *descent) {
  enum { ABOVE = 64, ALL = 7 };
  int given[ALL] = {descent->input,     descent->output,    descent->errors,
                    descent->others[0], descent->others[1], descent->others[2],
                    descent->others[3]};
  unsigned last = 0;
  for (int i = 0; i < ALL; i++)
    given[i] = given[i] < 0 ? -1 : fcntl(given[i], F_DUPFD, ABOVE);
  for (int i = 0; i < ALL; i++)
    if (given[i] >= 0) {
      dup2(given[i], i);
      last = (unsigned)i;
    }
  syscall(SYS_close_range, last + 1, ~0U, 0);
}

void cshm_descend(const struct cshm_descent *descent) {
  setpgid(0, 0);
  drop_privileges(); /* which would take the next one back */
  if (!cshm_end_with(descent->parent, SIGKILL))
    _exit(1);
  move_descriptors(descent);
  reset_signals();
}

/* ---- what the parent polls ---- */

int cshm_signals(void) {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGINT);
  sigaddset(&watched, SIGTERM);
  sigaddset(&watched, SIGHUP);
  sigaddset(&watched, SIGPIPE);
  if (sigprocmask(SIG_BLOCK, &watched, NULL) != 0)
    return -1;
  return signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

int cshm_next_signal(int signals) {
  struct signalfd_siginfo next;
  return read(signals, &next, sizeof next) == sizeof next ? (int)next.ssi_signo
                                                          : 0;
}

int cshm_doorbell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cshm_ring(int doorbell) {
  uint64_t one = 1;
  ssize_t written = write(doorbell, &one, sizeof one);
  (void)written; /* a full counter has been rung */
}

void cshm_answer(int doorbell) {
  uint64_t rings;
  ssize_t taken = read(doorbell, &rings, sizeof rings);
  (void)taken; /* nobody rang */
}

pid_t cshm_ended_child(void) {
  siginfo_t info = {0};
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    return 0;
  return info.si_pid;
}
