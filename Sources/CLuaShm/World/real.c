/* The real world: the host performs operations on names; bytes are in mapped
   memory. */
#include "perform.h"

#include "../module.h"
#include "../waiting.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Adds no text: the failure has it. */
static void refuse_if(struct luashm_operation *operation, int32_t code) {
  if (code != 0)
    operation->answer = LUASHM_ANSWER_REFUSED;
}

/* ---- names ---- */

static void create_object(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  operation->holds = false;
  refuse_if(operation,
            host->create(host->context, operation->text,
                         (int64_t)operation->length, operation->options,
                         luashm_handle(operation->made), &operation->holds,
                         operation->failure));
}

static void open_object(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  refuse_if(operation,
            host->open(host->context, operation->text, operation->options,
                       luashm_handle(operation->made), operation->failure));
}

static void unlink_name(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  refuse_if(operation, host->unlink(host->context, operation->text,
                                    operation->failure));
}

/* Writes into the operation's bytes, which have room for LUASHM_PATH. */
static void path_of_name(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  size_t length = 0;
  refuse_if(operation, host->path(host->context, operation->text,
                                  (char *)operation->bytes, &length,
                                  operation->failure));
  operation->length = length;
}

/* Writes into the operation's bytes, of which there are `room`. */
static void list_names(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  operation->length = host->names(host->context, (char *)operation->bytes,
                                  operation->room);
}

static void list_holders(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  operation->length =
      host->holders(host->context, operation->text, (char *)operation->bytes,
                    operation->room);
}

/* Into the bytes, of which `room` are there; `length`: how many it takes. */
static void list_objects(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  size_t length = 0;
  refuse_if(operation, host->list(host->context, operation->b != 0,
                                  (char *)operation->bytes, operation->room,
                                  &length, operation->failure));
  operation->length = length;
}

static void who_holds(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  size_t length = 0;
  refuse_if(operation, host->who(host->context, operation->text,
                                 (char *)operation->bytes, operation->room,
                                 &length, operation->failure));
  operation->length = length;
}

/* ---- handles ---- */

static void map_window(struct luashm_operation *operation,
                const struct luashm_handle *view) {
  struct luashm_host *host = view->host;
  refuse_if(operation,
            host->map(host->context, view->key, operation->options,
                      luashm_handle(operation->made), operation->failure));
}

static void offer_view(struct luashm_operation *operation,
                       const struct luashm_handle *view) {
  struct luashm_host *host = view->host;
  refuse_if(operation,
            host->offer(host->context, view->key, operation->text,
                        operation->options, luashm_handle(operation->made),
                        operation->failure));
}

/* Closed before the host is called, whatever the host answers. */
static void close_view(struct luashm_operation *operation,
                  const struct luashm_handle *view) {
  struct luashm_host *host = view->host;
  uint64_t key = view->key;
  luashm_give_handle(operation->object);
  refuse_if(operation, host->close(host->context, key, operation->failure));
}

static void check_view(struct luashm_operation *operation,
                  const struct luashm_handle *view) {
  struct luashm_host *host = view->host;
  refuse_if(operation,
            host->check(host->context, view->key, operation->failure));
}

/* ---- time, and the process ---- */

/* For Ctrl-C. */
static bool should_stop(void *context) {
  return luashm_should_stop(context);
}

static void sleep_for(struct luashm_operation *operation) {
  struct luashm_waiting *waiting = operation->waiting;
  if (operation->tries) {
    operation->holds = operation->timeout == 0;
    operation->answer = operation->holds ? LUASHM_ANSWER_DONE
                                         : LUASHM_ANSWER_TIMED_OUT;
    return;
  }
  luashm_begin_waiting(operation->state, operation->timeout, waiting);
  if (cops_sleep(operation->timeout, should_stop, waiting) == COPS_STOPPED)
    operation->answer = LUASHM_ANSWER_INTERRUPTED;
}

/* Its key is the descriptor; its base says only that it is open. */
static void open_process(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  struct luashm_handle *process = luashm_handle(operation->made);
  int32_t descriptor = -1;
  refuse_if(operation,
            host->open_process(host->context, operation->a, &descriptor,
                               operation->failure));
  if (descriptor < 0)
    return;
  process->key = (uint64_t)descriptor;
  process->host = host;
  process->world = host->world;
  process->base = (unsigned char *)process;
}

static void close_process(struct luashm_operation *operation) {
  const struct luashm_handle *process = luashm_handle(operation->object);
  struct luashm_host *host = process->host;
  if (!process->base) {
    operation->answer = LUASHM_ANSWER_CLOSED;
    return;
  }
  int32_t descriptor = (int32_t)process->key;
  luashm_give_handle(operation->object);
  host->close_process(host->context, descriptor);
}

/* ---- the person in front of the script ---- */

static void get_key(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  operation->result = host->getch(host->context);
  operation->holds = operation->result >= 0;
}

static void show_box(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  const struct luashm_bytes text = {(const char *)operation->bytes,
                                    (size_t)operation->length};
  host->message_box(host->context, text, operation->text);
}

/* ---- */

static void on_view(struct luashm_operation *operation) {
  struct luashm_handle *view = luashm_handle(operation->object);
  if (!view->base) {
    operation->answer = LUASHM_ANSWER_CLOSED;
    return;
  }
  switch (operation->op) {
  case LUASHM_OP_MAP:
    map_window(operation, view);
    return;
  case LUASHM_OP_OFFER:
    offer_view(operation, view);
    return;
  case LUASHM_OP_CLOSE:
    close_view(operation, view);
    return;
  case LUASHM_OP_CHECK:
    check_view(operation, view);
    return;
  default:
    luashm_perform_view(operation, view);
  }
}

/* A finalizer that got hold of the userdata, by the debug library, closed it
   while it was made: the entry is nobody's, or the closed one of all. */
static bool is_closed_already(struct luashm_operation *operation) {
  if (operation->made.index == 0 ||
      luashm_handle(operation->made) != luashm_handles)
    return false;
  operation->answer = LUASHM_ANSWER_REFUSED;
  operation->failure->code = 6; /* ERROR_INVALID_HANDLE */
  /* Messages begin with the function's name, without its table or type. */
  const char *verb = luashm_verb(operation);
  snprintf(operation->failure->message, sizeof operation->failure->message,
           "%s: it was closed while it was made",
           verb + strcspn(verb, ".:") + 1);
  return true;
}

void luashm_perform_real(struct luashm_operation *operation) {
  if (is_closed_already(operation))
    return;
  if (luashm_is_of_named(operation)) {
    luashm_perform_named(operation);
    return;
  }
  switch (operation->op) {
  case LUASHM_OP_CREATE:
    create_object(operation);
    return;
  case LUASHM_OP_OPEN:
    open_object(operation);
    return;
  case LUASHM_OP_UNLINK:
    unlink_name(operation);
    return;
  case LUASHM_OP_PATH:
    path_of_name(operation);
    return;
  case LUASHM_OP_NAMES:
    list_names(operation);
    return;
  case LUASHM_OP_HOLDERS:
    list_holders(operation);
    return;
  case LUASHM_OP_SLEEP:
    sleep_for(operation);
    return;
  case LUASHM_OP_NOW:
    operation->result = cshm_now();
    return;
  case LUASHM_OP_OPEN_PROCESS:
    open_process(operation);
    return;
  case LUASHM_OP_CLOSE_PROCESS:
    close_process(operation);
    return;
  case LUASHM_OP_LIST:
    list_objects(operation);
    return;
  case LUASHM_OP_WHO:
    who_holds(operation);
    return;
  case LUASHM_OP_PID:
    operation->result = getpid();
    return;
  case LUASHM_OP_GETCH:
    get_key(operation);
    return;
  case LUASHM_OP_MESSAGE_BOX:
    show_box(operation);
    return;
  default:
    on_view(operation);
  }
}
