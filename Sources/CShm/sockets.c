#define _GNU_SOURCE
#include "CShmSockets.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* More than any peer has a reason to send; the kernel discards the rest. */
enum { MOST_DESCRIPTORS = 16 };

static int fail_closing(int fd) {
  int number = errno;
  close(fd);
  errno = number;
  return -1;
}

int cshm_connect(const char *path, int64_t nanoseconds) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  /* A timeout of 0 would mean "wait for ever": SO_SNDTIMEO of socket(7). */
  int64_t micros = nanoseconds > 1000 ? nanoseconds / 1000 : 1;
  struct timeval limit = {.tv_sec = micros / 1000000,
                          .tv_usec = micros % 1000000};
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ||
      connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
      fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
    return fail_closing(fd);
  return fd;
}

int cshm_peer(int fd, uid_t *user, pid_t *process) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
    return -1;
  *user = peer.uid;
  *process = peer.pid;
  return 0;
}

ssize_t cshm_send_descriptor(int fd, const void *bytes, size_t length,
                             int descriptor) {
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
  return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Keeps the first descriptor of a message and closes the others. */
static void take_first(const struct cmsghdr *rights, int *descriptor) {
  size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int given;
    memcpy(&given, CMSG_DATA(rights) + i * sizeof(int), sizeof(int));
    if (*descriptor < 0)
      *descriptor = given;
    else
      close(given);
  }
}

ssize_t cshm_receive_descriptor(int fd, void *bytes, size_t length,
                                int *descriptor) {
  struct iovec part = {.iov_base = bytes, .iov_len = length};
  _Alignas(struct cmsghdr) char
      control[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  *descriptor = -1;
  ssize_t received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (received < 0)
    return -1;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each;
       each = CMSG_NXTHDR(&message, each))
    if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_RIGHTS)
      take_first(each, descriptor);
  /* The kernel discards descriptors that this process has no number for. */
  if (*descriptor < 0 && message.msg_flags & MSG_CTRUNC) {
    errno = EMFILE;
    return -1;
  }
  return received;
}

/* SIGPIPE goes to the thread that writes. Blocked there, it stays pending, and
   is consumed unless it was pending before. */
ssize_t cshm_write_pipe(int fd, const void *bytes, size_t length) {
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  ssize_t written = write(fd, bytes, length);
  int number = errno;
  if (written < 0 && number == EPIPE && !sigismember(&pending, SIGPIPE)) {
    static const struct timespec at_once;
    while (sigtimedwait(&pipe_signal, NULL, &at_once) < 0 && errno == EINTR)
      ;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = number;
  return written;
}

int cshm_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0)
    return -1;
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    return 0;
  int number = errno;
  close(ends[0]);
  close(ends[1]);
  errno = number;
  return -1;
}

int cshm_take_pipe(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0)
    return -1;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0)
    return -1;
  if (!S_ISFIFO(status.st_mode) || (flags & O_ACCMODE) == O_RDONLY) {
    errno = EINVAL;
    return -1;
  }
  return fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int cshm_status_flags(int fd) { return fcntl(fd, F_GETFL); }
