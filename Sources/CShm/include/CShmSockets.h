/*
 * Unix sockets that carry descriptors, and pipes whose reader may be gone:
 * sockets.c. The macros of cmsg(3) do not reach Swift. None of the calls waits
 * but cshm_connect, and that not for longer than it is told.
 */
#ifndef CSHM_SOCKETS_H
#define CSHM_SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A stream socket, close-on-exec and not blocking, that is connected to the one
   at the path; a full backlog is waited for, and is EAGAIN at the end. */
int cshm_connect(const char *path, int64_t nanoseconds);

/* SO_PEERCRED: the user and the process at the other end. */
int cshm_peer(int fd, uid_t *user, pid_t *process);

/* sendmsg(2) without a signal, of the bytes and one descriptor. */
ssize_t cshm_send_descriptor(int fd, const void *bytes, size_t length,
                             int descriptor);

/* recvmsg(2) of up to `length` bytes. *descriptor: the first that came with
   them, close-on-exec, or -1; further ones are closed. EMFILE: one came for
   which there is no room; the bytes are gone. */
ssize_t cshm_receive_descriptor(int fd, void *bytes, size_t length,
                                int *descriptor);

/* write(2) to a pipe; EPIPE without the signal SIGPIPE, whose handler and
   pending state stay as they are. */
ssize_t cshm_write_pipe(int fd, const void *bytes, size_t length);

/* pipe2(2), behind _GNU_SOURCE: close-on-exec, the reading end not blocking. */
int cshm_pipe(int ends[2]);

/* A descriptor of a pipe from elsewhere is made not to block; EINVAL for any
   other file. */
int cshm_take_pipe(int fd);

/* fcntl(2) with F_GETFL; fcntl is variadic. */
int cshm_status_flags(int fd);

#endif
