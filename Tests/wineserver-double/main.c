/*
 * A process that looks and speaks like a wineserver, and misbehaves on request.
 *
 * usage: wineserver-double PREFIX NAME TYPE [WAY]
 *
 * It makes its server directory in PREFIX, and has one object: NAME, as NT
 * writes it, of TYPE section, event, image or file (a section of a file of
 * three bytes). It prints "ready", and "gone" for each client that leaves and
 * that was started for PREFIX: whatever lists names on this machine comes, too.
 * It ends with its standard input; a byte there cuts the object's file to one
 * page.
 * WAY is how it fails: see the enum. Its table of requests is not in the order
 * of any wine, and one directory request is missing, as in each of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const requests[] = {
    "new_process",          "get_new_process_info",
    "open_directory",       "init_first_thread",
    "get_handle_fd",        "open_mapping",
    "get_object_info",      "alloc_file_handle",
    "create_mapping",       "get_mapping_info",
    "get_directory_entries", "close_handle",
    "list_processes",       "get_system_handles",
    "open_process",         "dup_handle",
    "compare_objects",      "set_queue_mask"};
enum { REQUESTS = sizeof requests / sizeof *requests };

/* In the order of the words. */
enum way {
  WELL,        /* all is served */
  MUTE,        /* accepts, and never greets */
  NO_PIPE,     /* greets without a pipe */
  NO_REPLY,    /* greets, and never answers */
  WIDE,        /* begins with a longer reply than any wine */
  NARROW,      /* and with a shorter one */
  LEAVES,      /* reads no more requests after the first */
  DIES,        /* ends at the first open_mapping */
  CUTS,        /* cuts the connection there */
  HALF,        /* answers it with half of a reply, and is silent */
  TOO_LONG,    /* announces a variable part nobody asked for */
  NO_HANDLE,   /* opens without a handle */
  NO_FILE,     /* sends no descriptor for the section */
  WRONG_FILE,  /* sends one for another handle */
  PIPE_FILE,   /* sends a pipe */
  READ_ONLY,   /* sends a descriptor that may only be read */
  ANOTHER,     /* each open finds another section */
  ONCE,        /* the name exists for the first open only */
  LONG_LIST,   /* lists names whose lengths cannot be */
  ENDLESS,     /* always has one more name */
  NOISE,       /* answers with random bytes */
  CLOSED,      /* its /proc is closed to its own user */
  SAVES,       /* its working directory is the prefix, as while wine saves */
  WAYS
};
static const char *const words[WAYS] = {
    "well",      "mute",    "no-pipe", "no-reply",  "wide",
    "narrow",    "leaves",
    "dies",      "cuts",    "half",    "long",      "no-handle", "no-file",
    "wrong-file", "pipe-file", "read-only", "another", "once",   "long-list",
    "endless",   "noise",   "closed",  "saves"};

enum { SESSION = 7, HANDLE = 0x44, DIRECTORY = 0x48, SIZE = 8192 };
enum { NOT_FOUND = 0xC0000034u, MISMATCH = 0xC0000024u, EXISTS = 0xC0000035u };

static enum way way;
static const char *prefix, *name, *type;
static int memory = -1; /* the object's file; -1: it has none now */
static int made = -1;   /* what create_mapping made */
static int opened;

struct client {
  int socket, requests, replies;
  int passed[8], numbers[8], count; /* descriptors by the client's numbers */
  bool expected;                    /* started for our prefix */
};

static uint32_t word(const unsigned char *bytes, size_t at) {
  uint32_t value;
  memcpy(&value, bytes + at, sizeof value);
  return value;
}

static void put(unsigned char *bytes, size_t at, uint32_t value) {
  memcpy(bytes + at, &value, sizeof value);
}

static void say(const char *line) {
  printf("%s\n", line);
  fflush(stdout);
}

static void send_descriptor(int socket, uint32_t number, int descriptor) {
  struct iovec part = {&number, sizeof number};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
  }
  sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* A descriptor of the client's, with its number there; false: it has left. */
static bool take_descriptor(struct client *client) {
  uint32_t data[2];
  struct iovec part = {data, sizeof data};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  if (recvmsg(client->socket, &message, 0) != sizeof data || client->count == 8)
    return false;
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  if (!rights)
    return false;
  memcpy(&client->passed[client->count], CMSG_DATA(rights), sizeof(int));
  client->numbers[client->count++] = (int)data[1];
  return true;
}

static int taken(const struct client *client, uint32_t number) {
  for (int i = client->count - 1; i >= 0; i--)
    if (client->numbers[i] == (int)number)
      return client->passed[i];
  return -1;
}

static int new_memory(size_t size, const char *text) {
  int fd = memfd_create("section", MFD_CLOEXEC);
  if (ftruncate(fd, (off_t)size) < 0 ||
      pwrite(fd, text, strlen(text), 0) < 0)
    abort();
  return fd;
}

/* UTF-16 of a request is this ASCII text. */
static bool is_name(const unsigned char *units, size_t bytes,
                    const char *text) {
  size_t length = strlen(text);
  if (bytes != 2 * length)
    return false;
  for (size_t i = 0; i < length; i++)
    if (units[2 * i] != (unsigned char)text[i] || units[2 * i + 1] != 0)
      return false;
  return true;
}

static size_t put_text(unsigned char *to, const char *text) {
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++)
    put(to, 2 * i, (unsigned char)text[i]); /* the next one writes over 0 */
  return 2 * length;
}

/* Fills in the reply; returns the length of its variable part, at 64. */
static uint32_t answer(struct client *client, const char *request,
                       const unsigned char *in, size_t variable,
                       unsigned char *out) {
  const unsigned char *more = in + 64;
  if (strcmp(request, "init_first_thread") == 0) {
    client->replies = taken(client, word(in, 24));
    put(out, 8, 0x100);
    put(out, 12, 0x104);
    put(out, 24, SESSION);
    put(out, 64, 0x8664014c);
    return way == WIDE ? 256 : way == NARROW ? 0 : 4;
  }
  if (strcmp(request, "open_mapping") == 0) {
    bool ours = is_name(more, variable, name);
    opened++;
    if (!ours || memory < 0 || (way == ONCE && opened > 1))
      put(out, 0, NOT_FOUND);
    else if (strcmp(type, "event") == 0)
      put(out, 0, MISMATCH);
    else
      put(out, 8, way == NO_HANDLE ? 0 : HANDLE);
    if (way == ANOTHER && ours)
      memory = new_memory(SIZE, "anew");
  } else if (strcmp(request, "create_mapping") == 0) {
    if (is_name(more + 16, word(more, 12), name)) {
      put(out, 0, word(more, 4) & 0x80 ? 0x40000000 : EXISTS);
      put(out, 8, HANDLE);
    } else {
      uint64_t size;
      memcpy(&size, in + 24, sizeof size);
      int file = word(in, 32) ? taken(client, word(in, 32)) : -1;
      made = file >= 0 ? file : new_memory((size + 4095) & ~4095ull, "");
      char text[16] = {0};
      if (file >= 0 && pread(file, text, sizeof text - 1, 0) >= 0)
        say(text);
      put(out, 8, HANDLE + 4);
    }
  } else if (strcmp(request, "alloc_file_handle") == 0) {
    while (taken(client, word(in, 20)) < 0 && take_descriptor(client))
      ;
    put(out, 8, word(in, 20));
  } else if (strcmp(request, "get_mapping_info") == 0) {
    struct stat status;
    fstat(word(in, 12) == HANDLE ? memory : made, &status);
    uint64_t size = strcmp(type, "file") == 0 ? SIZE : (uint64_t)status.st_size;
    memcpy(out + 8, &size, sizeof size);
    put(out, 16, strcmp(type, "image") == 0 ? 0x01000000 : 0x08000000);
  } else if (strcmp(request, "get_handle_fd") == 0) {
    int file = word(in, 12) == HANDLE ? memory : made;
    int ends[2] = {-1, -1};
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (way == PIPE_FILE && pipe(ends) == 0)
      file = ends[0];
    if (way == READ_ONLY)
      file = open(path, O_RDONLY);
    send_descriptor(client->socket, word(in, 12) + (way == WRONG_FILE),
                    way == NO_FILE ? -1 : file);
  } else if (strcmp(request, "get_object_info") == 0) {
    put(out, 16, 3); /* ours, and two of somebody's */
  } else if (strcmp(request, "open_directory") == 0) {
    put(out, 8, DIRECTORY + (variable > 40)); /* Global: the shorter path */
  } else if (strcmp(request, "get_directory_entries") == 0) {
    const char *last = strrchr(name, '\\') + 1;
    bool global = strncmp(name, "\\BaseNamedObjects", 17) == 0;
    bool over = word(in, 16) > 0 && way != ENDLESS;
    if (over || (word(in, 12) == DIRECTORY) != global) {
      put(out, 0, 0x8000001A);
      return 0;
    }
    uint32_t length = (uint32_t)put_text(out + 72, last);
    uint32_t kind = (uint32_t)put_text(out + 72 + length, "Section");
    put(out, 64, way == LONG_LIST ? 0xFFFFFFF0u : length);
    put(out, 68, kind);
    put(out, 0, way == ENDLESS ? 0 : 0x8000001A); /* there are no more */
    put(out, 12, 1);
    return (8 + length + kind + 3) & ~3u;
  }
  return 0;
}

static bool read_all(int fd, unsigned char *bytes, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t got = read(fd, bytes + at, length - at);
    if (got <= 0)
      return false;
    at += (size_t)got;
  }
  return true;
}

/* Serves one request; false: the client has left, or is sent away. */
static bool serve(struct client *client) {
  unsigned char *in = calloc(1, 1 << 20), *out = calloc(1, 1 << 20);
  bool goes_on = read_all(client->requests, in, 64) &&
                 word(in, 4) < (1 << 19) &&
                 read_all(client->requests, in + 64, word(in, 4));
  uint32_t number = word(in, 0);
  if (goes_on && number < REQUESTS) {
    const char *request = requests[number];
    uint32_t length = answer(client, request, in, word(in, 4), out);
    bool first = strcmp(request, "open_mapping") == 0;
    if (first && way == DIES)
      _exit(0);
    if (first && way == CUTS)
      goes_on = false;
    put(out, 4, first && way == TOO_LONG ? word(in, 8) + 1 : length);
    if (way == NOISE && strcmp(request, "init_first_thread") != 0)
      for (int at = 0; at < 64 + 256; at++)
        out[at] = (unsigned char)(rand() >> 7);
    size_t all = first && way == HALF ? 30 : 64 + length;
    if (way == LEAVES) { /* before the client can go on */
      close(client->requests);
      client->requests = open("/dev/null", O_RDONLY);
      goes_on = write(client->replies, out, all) < 0;
    }
    if (goes_on && way != NO_REPLY &&
        write(client->replies, out, all) != (ssize_t)all)
      goes_on = false;
  }
  free(in);
  free(out);
  return goes_on;
}

/* Does the process at the other end have MOONPOOL_WINE=PREFIX? */
static bool is_expected(int socket) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  char path[64], wanted[4096], environment[1 << 16];
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
    return false;
  snprintf(path, sizeof path, "/proc/%d/environ", peer.pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = 0, got;
  while (file >= 0 && (got = read(file, environment + length,
                                  sizeof environment - (size_t)length)) > 0)
    length += got;
  close(file);
  int end = snprintf(wanted, sizeof wanted, "MOONPOOL_WINE=%s", prefix) + 1;
  return memmem(environment, (size_t)length, wanted, (size_t)end) != NULL;
}

static void *converse(void *argument) {
  struct client *client = argument;
  int ends[2];
  if (way == MUTE)
    pause();
  if (pipe(ends) < 0)
    abort();
  client->requests = ends[0];
  send_descriptor(client->socket, 758, way == NO_PIPE ? -1 : ends[1]);
  close(ends[1]);
  if (take_descriptor(client) && take_descriptor(client))
    while (serve(client))
      ;
  for (int i = 0; i < client->count; i++)
    if (client->passed[i] != made)
      close(client->passed[i]);
  close(client->requests);
  close(client->socket);
  if (client->expected)
    say("gone");
  free(client);
  return NULL;
}

/* Ends with whoever holds the other end of standard input, in any way. */
static void *end_with_owner(void *unused) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0)
    if (ftruncate(memory, 4096) == 0)
      say("cut");
  _exit(0);
  return unused;
}

static int listening(void) {
  struct stat status;
  char folder[4096];
  /* Open, as wineserver has it. */
  int opened_prefix = open(prefix, O_RDONLY | O_DIRECTORY);
  if (opened_prefix < 0 || fstat(opened_prefix, &status) < 0)
    return -1;
  snprintf(folder, sizeof folder, "%s/server-%llx-%llx", prefix,
           (unsigned long long)status.st_dev,
           (unsigned long long)status.st_ino);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (mkdir(folder, 0700) < 0 || chdir(folder) < 0 ||
      bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
      listen(fd, 5) < 0)
    return -1;
  return fd;
}

int main(int count, char **words_given) {
  if (count < 4)
    return 64;
  prefix = words_given[1];
  name = words_given[2];
  type = words_given[3];
  for (int i = 0; count > 4 && i < WAYS; i++)
    if (strcmp(words_given[4], words[i]) == 0)
      way = (enum way)i;
  memory = strcmp(type, "file") == 0 ? new_memory(3, "cut")
                                     : new_memory(SIZE, "from Windows");
  signal(SIGPIPE, SIG_IGN); /* clients leave when they like */
  int fd = listening();
  if (fd < 0) {
    perror(prefix);
    return 1;
  }
  pthread_t owner;
  if (pthread_create(&owner, NULL, end_with_owner, NULL) != 0)
    return 1;
  if (way == SAVES && (open(".", O_RDONLY | O_DIRECTORY) < 0 ||
                       chdir(prefix) < 0))
    return 1;
  if (way == CLOSED)
    prctl(PR_SET_DUMPABLE, 0);
  say("ready");
  for (;;) {
    int socket = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (socket < 0)
      continue;
    struct client *client = calloc(1, sizeof *client);
    pthread_t thread;
    client->socket = socket;
    client->replies = -1;
    client->expected = is_expected(socket);
    if (pthread_create(&thread, NULL, converse, client) == 0)
      pthread_detach(thread);
  }
}
