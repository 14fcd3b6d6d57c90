/* The real world: named objects that can be waited for; the host performs
   everything. When a world is set, what the files in Waitables do in line is
   done here, too. */
#include "perform.h"

#include "../Waitables/waitable.h"

static void refuse_if(struct luashm_operation *operation, int32_t code) {
  if (code != 0)
    operation->answer = LUASHM_ANSWER_REFUSED;
}

/* ---- making and closing ---- */

/* When a world is set, nothing is done in line. */
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

/* Closed before the host is called, whatever the host answers. */
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

/* The host may end a wait for no reason; then it is continued. */
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

/* What is no object, at a place of the list. */
static struct cshm_condition
condition_at(const struct luashm_operation *operation, uint64_t place) {
  const struct luashm_condition *asked = &operation->conditions[place];
  const struct luashm_handle *handle =
      luashm_handle(operation->several[place]);
  struct cshm_condition condition = {.place = (int32_t)place, .process = -1};
  if (asked->kind == LUASHM_ENDED)
    condition.process = (int32_t)handle->key;
  else {
    condition.word = handle->base + asked->at;
    condition.size = asked->size;
    condition.expected = asked->expected;
    condition.guard = handle->guard;
  }
  return condition;
}

/* False: one of them is not open any more. */
static bool list_items(const struct luashm_operation *operation,
                       uint64_t keys[], struct cshm_condition conditions[],
                       int32_t *condition_count) {
  for (uint64_t i = 0; i < operation->length; i++) {
    const struct luashm_handle *handle = luashm_handle(operation->several[i]);
    if (!handle->base)
      return false;
    keys[i] = handle->key;
    if (operation->conditions[i].kind == LUASHM_TAKEN)
      continue;
    keys[i] = 0;
    conditions[(*condition_count)++] = condition_at(operation, i);
  }
  return true;
}

/* Was it a word whose memory is gone that ended the wait? */
static bool is_gone(const struct luashm_operation *operation) {
  if (operation->answer != LUASHM_ANSWER_DONE || operation->b)
    return false;
  uint64_t place = (uint64_t)operation->result - 1;
  return operation->conditions[place].kind == LUASHM_CHANGED &&
         cshm_lost(luashm_handle(operation->several[place])->guard);
}

/* Of too many the host says so without a look at them. */
static void wait_for_several(struct luashm_operation *operation) {
  uint64_t keys[LUASHM_MOST_WAITED];
  struct cshm_condition conditions[LUASHM_MOST_WAITED];
  uint64_t count = operation->length;
  struct luashm_named_wait asked = {
      .keys = keys,
      .count = count > INT32_MAX ? INT32_MAX : (int32_t)count,
      .conditions = conditions,
      .all = operation->b != 0};
  if (count <= LUASHM_MOST_WAITED &&
      !list_items(operation, keys, conditions, &asked.condition_count)) {
    operation->answer = LUASHM_ANSWER_CLOSED;
    return;
  }
  operation->answer = wait_for(operation, &asked);
  if (is_gone(operation))
    operation->answer = LUASHM_ANSWER_GONE;
  operation->holds = operation->answer == LUASHM_ANSWER_DONE;
}

/* ---- rings ---- */

/* As for waits, the host may end it for no reason; or it is tried again and
   again. What it moved counts all the same. */
static enum luashm_answer move(struct luashm_operation *operation,
                               const struct luashm_handle *object) {
  struct luashm_host *host = object->host;
  struct luashm_ring_call *call = operation->ring;
  struct luashm_waiting *waiting = operation->waiting;
  int64_t timeout = operation->tries ? 0 : operation->timeout;
  luashm_begin_waiting(operation->state, timeout, waiting);
  call->should_stop = should_stop;
  call->waiting = waiting;
  call->nanoseconds = timeout == LUASHM_FOREVER ? -1 : timeout;
  uint32_t moved = call->moved;
  for (;;) {
    call->outcome = CSHM_TIMED_OUT;
    call->moved = 0;
    int32_t code = host->named_ring(host->context, object->key, call,
                                    operation->failure);
    moved += call->moved;
    call->messages += call->moved;
    call->count -= call->moved;
    call->moved = moved;
    operation->outcome = call->outcome;
    operation->result =
        call->act == LUASHM_RING_PUBLISH ? (int64_t)call->token : moved;
    if (code != 0 || call->outcome != CSHM_INTERRUPTED)
      return answer_of(operation, code);
    if (luashm_should_stop(waiting))
      return LUASHM_ANSWER_INTERRUPTED;
    if (call->nanoseconds > 0)
      call->nanoseconds = cops_left(waiting->deadline);
  }
}

static void on_ring(struct luashm_operation *operation,
                    const struct luashm_handle *object) {
  operation->answer = move(operation, object);
  operation->holds = operation->answer == LUASHM_ANSWER_DONE;
}

/* ---- operations of one kind, and looking ---- */

/* `b` is set to whether this interpreter holds the object. */
static void act_on(struct luashm_operation *operation,
                   const struct luashm_handle *object) {
  struct luashm_host *host = object->host;
  const struct cshm_named *plain = plain_of(object);
  const struct luashm_act *act =
      &luashm_waitable(operation->waitable)->acts[operation->act];
  refuse_if(operation, host->named_act(host->context, object->key, act->verb,
                                       operation->a, &operation->result,
                                       operation->failure));
  operation->b = plain->claim->depth != 0;
  if (act->told == LUASHM_LOAD && cshm_lost(plain->guard))
    operation->answer = LUASHM_ANSWER_GONE;
}

static void look_at(struct luashm_operation *operation,
                    const struct luashm_handle *object) {
  const struct cshm_named *plain = plain_of(object);
  operation->result = (int64_t)cshm_load64(cshm_state(plain));
  operation->b = plain->claim->depth != 0;
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
  case LUASHM_OP_CLOSE_NAMED:
    close_handle(operation, object);
    return;
  case LUASHM_OP_CHECK_NAMED:
    check(operation, object);
    return;
  case LUASHM_OP_WAIT_FOR_NAMED:
    wait_for_one(operation, object);
    return;
  case LUASHM_OP_ACT_ON_NAMED:
    act_on(operation, object);
    return;
  case LUASHM_OP_RING_PUSH:
  case LUASHM_OP_RING_POP:
  case LUASHM_OP_RING_PEEK:
  case LUASHM_OP_RING_DRAIN:
    on_ring(operation, object);
    return;
  case LUASHM_OP_NAMED_STATE:
    look_at(operation, object);
  }
}

void luashm_perform_named(struct luashm_operation *operation) {
  switch (operation->op) {
  case LUASHM_OP_CREATE_NAMED:
    create(operation);
    return;
  case LUASHM_OP_OPEN_NAMED:
    open_name(operation);
    return;
  case LUASHM_OP_WAIT_SEVERAL:
    wait_for_several(operation);
    return;
  default:
    on_object(operation);
  }
}
