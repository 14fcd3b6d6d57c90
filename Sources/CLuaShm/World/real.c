/* The real world: the host performs operations on names; bytes are in mapped
   memory. */
#include "perform.h"

#include "../module.h"

#include <string.h>

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
  static const char text[] = "create: it was closed while it was made";
  if (operation->made.index == 0 ||
      luashm_handle(operation->made) != luashm_handles)
    return false;
  operation->answer = LUASHM_ANSWER_REFUSED;
  operation->failure->code = 6; /* ERROR_INVALID_HANDLE */
  memcpy(operation->failure->message, text, sizeof text);
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
