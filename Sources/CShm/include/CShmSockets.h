/*
 * Unix sockets that carry descriptors, and pipes whose reader may be gone;
 * implemented in sockets.c, as the macros of cmsg(3) do not reach Swift. Only
 * cshm_connect waits, and no longer than it is told to. Unless noted, a failure
 * is -1 with errno.
 */
#ifndef CSHM_SOCKETS_H
#define CSHM_SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A stream socket, close-on-exec and non-blocking, connected to the socket at
   `path`. While the backlog is full it waits for at most `nanoseconds`, then
   fails with EAGAIN. connect(2). */
int cshm_connect(const char *path, int64_t nanoseconds);

/* The user and the process at the other end: SO_PEERCRED of unix(7). */
int cshm_peer(int fd, uid_t *user, pid_t *process);

/* sendmsg(2) of the bytes and one descriptor; raises no SIGPIPE. */
ssize_t cshm_send_descriptor(int fd, const void *bytes, size_t length,
                             int descriptor);

/* recvmsg(2) of up to `length` bytes. *descriptor is the first descriptor that
   came with them, close-on-exec, or -1; any further ones are closed. EMFILE: a
   descriptor came but this process has no free number for it; the bytes are
   lost. */
ssize_t cshm_receive_descriptor(int fd, void *bytes, size_t length,
                                int *descriptor);

/* write(2) to a pipe. A missing reader is EPIPE and raises no SIGPIPE: the
   signal's handler and pending state stay as they are. */
ssize_t cshm_write_pipe(int fd, const void *bytes, size_t length);

/* pipe2(2), which Swift does not see (_GNU_SOURCE): both ends close-on-exec,
   the reading end non-blocking. */
int cshm_pipe(int ends[2]);

/* Makes a pipe's descriptor that came from elsewhere non-blocking; EINVAL for
   any other kind of file. */
int cshm_take_pipe(int fd);

/* fcntl(2) with F_GETFL; Swift cannot call a variadic function. */
int cshm_status_flags(int fd);

#endif
