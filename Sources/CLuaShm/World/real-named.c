/* The real world: events, mutexes and semaphores, all by the host. What C does
   in line is in Named; with a world it is done here, too. */
#include "perform.h"

#include "../Named/named.h"

static void refuse_if(struct luashm_operation *operation, int32_t code) {
  if (code != 0)
    operation->answer = LUASHM_ANSWER_REFUSED;
}

/* ---- making and closing ---- */

/* With a world nothing is done in line. */
static void open_handle(const struct luashm_operation *operation,
                        const struct luashm_named *named) {
  struct luashm_handle *handle = luashm_handle(operation->made);
  struct luashm_host *host = operation->host;
  if (!named->plain)
    return;
  handle->host = host;
  handle->world = host->world;
  handle->key = named->key;
  handle->base = (unsigned char *)(uintptr_t)named->plain;
  handle->access = host->world ? 0 : (int64_t)plain_of(handle)->rights;
}

static void create(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  struct luashm_named named = {0};
  operation->holds = false;
  refuse_if(operation,
            host->named_create(host->context, operation->text,
                               operation->named, &named, &operation->holds,
                               operation->failure));
  open_handle(operation, &named);
}

static void open_name(struct luashm_operation *operation) {
  struct luashm_host *host = operation->host;
  struct luashm_named named = {0};
  refuse_if(operation, host->named_open(host->context, operation->text,
                                        operation->named, &named,
                                        operation->failure));
  open_handle(operation, &named);
}

/* It is closed before the host is called, whatever that says. */
static void close_handle(struct luashm_operation *operation,
                         const struct luashm_handle *object) {
  struct luashm_host *host = object->host;
  uint64_t key = object->key;
  luashm_give_handle(operation->object);
  refuse_if(operation,
            host->named_close(host->context, key, operation->failure));
}

/* ---- waiting ---- */

static bool should_stop(const void *waiting) {
  return luashm_should_stop(waiting);
}

static bool is_acquired(int32_t outcome) {
  return outcome == CSHM_ACQUIRED || outcome == CSHM_ABANDONED ||
         outcome == CSHM_REMOVED;
}

static enum luashm_answer answer_of(const struct luashm_operation *operation,
                                    int32_t code) {
  if (code != 0)
    return LUASHM_ANSWER_REFUSED;
  return is_acquired(operation->outcome) ? LUASHM_ANSWER_DONE
                                         : LUASHM_ANSWER_TIMED_OUT;
}

/* The host ends a wait also for no reason, and then goes on. */
static enum luashm_answer wait_for(struct luashm_operation *operation,
                                   struct luashm_named_wait *asked) {
  struct luashm_host *host = operation->host;
  struct luashm_waiting *waiting = operation->waiting;
  int64_t timeout = operation->tries ? 0 : operation->timeout;
  luashm_begin_waiting(operation->state, timeout, waiting);
  asked->outcome = CSHM_TIMED_OUT;
  asked->should_stop = should_stop;
  asked->waiting = waiting;
  asked->nanoseconds = timeout == LUASHM_FOREVER ? -1 : timeout;
  for (;;) {
    int32_t code = host->named_wait(host->context, asked, operation->failure);
    operation->outcome = asked->outcome;
    operation->result = asked->index + 1;
    if (code != 0 || asked->outcome != CSHM_INTERRUPTED)
      return answer_of(operation, code);
    if (luashm_should_stop(waiting))
      return LUASHM_ANSWER_INTERRUPTED;
    if (asked->nanoseconds > 0)
      asked->nanoseconds = cops_left(waiting->deadline);
  }
}

static void wait_for_one(struct luashm_operation *operation,
                         const struct luashm_handle *object) {
  struct luashm_named_wait asked = {.keys = &object->key, .count = 1};
  operation->answer = wait_for(operation, &asked);
  operation->holds = operation->answer == LUASHM_ANSWER_DONE;
}

/* Of too many the host says so without a look at them. */
static void wait_for_several(struct luashm_operation *operation) {
  uint64_t keys[LUASHM_MOST_WAITED];
  uint64_t count = operation->length;
  struct luashm_named_wait asked = {
      .keys = keys,
      .count = count > INT32_MAX ? INT32_MAX : (int32_t)count,
      .all = operation->b != 0};
  for (uint64_t i = 0; i < count && count <= LUASHM_MOST_WAITED; i++) {
    keys[i] = luashm_handle(operation->several[i])->key;
    if (keys[i] == 0) {
      operation->answer = LUASHM_ANSWER_CLOSED;
      return;
    }
  }
  operation->answer = wait_for(operation, &asked);
  operation->holds = operation->answer == LUASHM_ANSWER_DONE;
}

/* ---- giving up ---- */

static enum luashm_release
release_of(const struct luashm_operation *operation) {
  switch (operation->op) {
  case LUASHM_OP_EVENT_SET:
    return LUASHM_SET_EVENT;
  case LUASHM_OP_EVENT_RESET:
    return LUASHM_RESET_EVENT;
  case LUASHM_OP_SEMAPHORE_RELEASE:
    return LUASHM_RELEASE_SEMAPHORE;
  default:
    return LUASHM_UNLOCK_MUTEX;
  }
}

static void release(struct luashm_operation *operation,
                    const struct luashm_handle *object) {
  struct luashm_host *host = object->host;
  int64_t previous = 0;
  refuse_if(operation,
            host->named_release(host->context, object->key,
                                release_of(operation), operation->a, &previous,
                                operation->failure));
  if (operation->op == LUASHM_OP_SEMAPHORE_RELEASE)
    operation->result = previous;
}

/* ---- looking ---- */

/* `b`: does this interpreter have it? */
static void look_at(struct luashm_operation *operation,
                    const struct luashm_handle *object) {
  struct luashm_host *host = object->host;
  const struct cshm_named *plain = plain_of(object);
  if (operation->op == LUASHM_OP_MUTEX_OWNER)
    operation->result = host->named_owner(host->context, object->key);
  else
    operation->result = (int64_t)cshm_load64(cshm_state(plain));
  operation->b = plain->kind == CSHM_MUTEX && plain->claim->depth != 0;
  if (operation->op == LUASHM_OP_MUTEX_OWNER && cshm_lost(plain->guard))
    operation->answer = LUASHM_ANSWER_GONE;
}

static void check(struct luashm_operation *operation,
                  const struct luashm_handle *object) {
  struct luashm_host *host = object->host;
  refuse_if(operation, host->named_check(host->context, object->key,
                                         operation->failure));
}

/* ---- */

static void on_object(struct luashm_operation *operation) {
  const struct luashm_handle *object = luashm_handle(operation->object);
  if (!object->base) {
    operation->answer = LUASHM_ANSWER_CLOSED;
    return;
  }
  switch (operation->op) {
  case LUASHM_OP_CLOSE_EVENT:
  case LUASHM_OP_CLOSE_MUTEX:
  case LUASHM_OP_CLOSE_SEMAPHORE:
    close_handle(operation, object);
    return;
  case LUASHM_OP_CHECK_EVENT:
  case LUASHM_OP_CHECK_MUTEX:
  case LUASHM_OP_CHECK_SEMAPHORE:
    check(operation, object);
    return;
  case LUASHM_OP_MUTEX_OWNER:
  case LUASHM_OP_NAMED_STATE:
    look_at(operation, object);
    return;
  case LUASHM_OP_EVENT_WAIT:
  case LUASHM_OP_MUTEX_LOCK:
  case LUASHM_OP_MUTEX_TRY:
  case LUASHM_OP_MUTEX_GUARD:
  case LUASHM_OP_SEMAPHORE_ACQUIRE:
    wait_for_one(operation, object);
    return;
  default:
    release(operation, object);
  }
}

void luashm_perform_named(struct luashm_operation *operation) {
  switch (operation->op) {
  case LUASHM_OP_CREATE_EVENT:
  case LUASHM_OP_CREATE_MUTEX:
  case LUASHM_OP_CREATE_SEMAPHORE:
    create(operation);
    return;
  case LUASHM_OP_OPEN_EVENT:
  case LUASHM_OP_OPEN_MUTEX:
  case LUASHM_OP_OPEN_SEMAPHORE:
    open_name(operation);
    return;
  case LUASHM_OP_WAIT_SEVERAL:
    wait_for_several(operation);
    return;
  default:
    on_object(operation);
  }
}
