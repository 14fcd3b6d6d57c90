/* In replays: one look at each operation, and what it says of named objects is
   compared with their rules. */
#include "turns.h"

#include "../Waitables/waitable.h"
#include "../module.h"

static luashm_judge *judge;

void luashm_set_judge(luashm_judge *given) { judge = given; }

static struct luashm_turns *turns_of(void) {
  return luashm_turns(luashm_player()->play);
}

/* ---- a look ---- */

bool luashm_may_wait(const struct luashm_operation *operation) {
  static const bool waits[] = {
#define OPERATION(id, verb, kind, waits) waits,
#include "operations.def"
#undef OPERATION
  };
  return waits[operation->op];
}

/* The time of what is published is that of the replay; 0 would be none. */
static void set_time(const struct luashm_operation *operation) {
  int64_t time = turns_of()->time;
  if (operation->op == LUASHM_OP_RING_PUSH)
    operation->ring->time = time > 0 ? (uint64_t)time : 1;
}

/* Looks once; before each look the record is as luashm_ask made it. */
static void look(struct luashm_operation *operation) {
  operation->answer = LUASHM_ANSWER_DONE;
  operation->holds = true;
  operation->misuse = NULL;
  operation->tries = luashm_may_wait(operation);
  if (operation->waiting)
    *operation->waiting = (struct luashm_waiting){0};
  set_time(operation);
  luashm_perform_real(operation);
}

/* ---- objects and their rules ---- */

/* Objects without a file are this process's: their address is as good. */
void luashm_identify(struct luashm_handle *handle, bool is_named) {
  struct luashm_host *host = handle->host;
  if (handle->inode != 0)
    return;
  if (is_named)
    host->named_identify(host->context, handle);
  else if (handle->key != 0)
    host->identify(host->context, handle);
  if (handle->inode == 0) {
    handle->device = (uint64_t)luashm_player()->part;
    handle->inode = (uint64_t)(uintptr_t)handle->base;
  }
}

static bool is_unset(const struct luashm_model *model) {
  return model->inode == 0;
}

/* The object's, or a free one; NULL: there are too many objects. */
static struct luashm_model *find_model(const struct luashm_handle *handle) {
  struct luashm_turns *turns = turns_of();
  struct luashm_model *unset = NULL;
  for (int i = 0; i < LUASHM_MOST_MODELS; i++) {
    struct luashm_model *model = &turns->models[i];
    if (model->inode == handle->inode && model->device == handle->device)
      return model;
    if (!unset && is_unset(model))
      unset = model;
  }
  return unset;
}

/* Has nobody ever used it? */
static bool is_new_ring(const struct cshm_named *plain) {
  const struct cshm_ring *ring = plain->ring;
  if (ring)
    return cshm_load64(&ring->push->used) == 0 &&
           cshm_load64(&ring->pop->used) == 0 &&
           cshm_load64(ring->finished) == 0;
  return cshm_load64(&plain->broadcast->publishers->used) == 0;
}

/* As the object is, while nobody has it; of a ring nobody judges later what
   there was before the rules were asked. */
static void look_up(struct luashm_model *model,
                    const struct luashm_handle *handle) {
  const struct cshm_named *plain = plain_of(handle);
  uint64_t state = cshm_load64(cshm_state(plain));
  *model = (struct luashm_model){
      .device = handle->device,
      .inode = handle->inode,
      .state = state & ~(CSHM_MARK | CSHM_SLEEPERS_BIT | CSHM_LOOKED),
      .kind = plain->kind,
      .limit = plain->limit,
      .is_unsure = (state & CSHM_MARK) != 0};
  if (!plain->ring && !plain->broadcast)
    return;
  model->state = 0;
  model->is_new = is_new_ring(plain);
  model->is_unsure = !model->is_new;
}

/* The rules' word for the object; a new one begins as the object does. NULL:
   nobody can judge it now. */
static struct luashm_model *model_of(struct luashm_handle *handle) {
  luashm_identify(handle, true);
  struct luashm_model *model = find_model(handle);
  if (model && (is_unset(model) || model->is_unsure))
    look_up(model, handle);
  return model && !model->is_unsure ? model : NULL;
}

/* A file or an address may have been another object's before. */
static void forget_model(const struct luashm_operation *operation) {
  struct luashm_handle *handle = luashm_handle(operation->made);
  if (operation->op != LUASHM_OP_CREATE_NAMED || operation->holds ||
      !handle->base)
    return;
  luashm_identify(handle, true);
  struct luashm_model *model = find_model(handle);
  if (model)
    model->is_unsure = true;
}

/* Before the operation, as a handle may be closed by it. A NULL among them
   stands for what is no object. -1: one of the objects cannot be judged. */
static int list_models(const struct luashm_operation *operation,
                       struct luashm_model *models[]) {
  int count = 0;
  bool can_be_judged = true;
  if (operation->op == LUASHM_OP_WAIT_SEVERAL) {
    if (operation->length > LUASHM_MOST_WAITED)
      return 0;
    for (uint64_t i = 0; i < operation->length; i++) {
      struct luashm_handle *handle = luashm_handle(operation->several[i]);
      bool is_object = operation->conditions[i].kind == LUASHM_TAKEN;
      models[count] = is_object && handle->base ? model_of(handle) : NULL;
      can_be_judged &= !is_object || models[count];
      count++;
    }
    for (int i = 0; i < count && !can_be_judged; i++)
      if (models[i])
        models[i]->is_unsure = true;
    return can_be_judged ? count : -1;
  }
  if (!luashm_is_of_named(operation) || operation->object.index == 0)
    return 0;
  struct luashm_handle *handle = luashm_handle(operation->object);
  if (!handle->base)
    return 0;
  models[0] = model_of(handle);
  return models[0] ? 1 : -1;
}

uint64_t luashm_reader_expects(struct luashm_object object) {
  return plain_of(luashm_handle(object))->broadcast->sequence;
}

/* What it is asked for, and by a reader at which place; the operation changes
   both. */
static struct luashm_asked asked_for(const struct luashm_operation *operation) {
  struct luashm_asked asked = {0};
  if (!luashm_is_of_named(operation))
    return asked;
  if (operation->ring)
    asked.ring = *operation->ring;
  const struct luashm_handle *handle = luashm_handle(operation->object);
  if (operation->object.index == 0 || !handle->base ||
      !plain_of(handle)->broadcast)
    return asked;
  asked.sequence = plain_of(handle)->broadcast->sequence;
  asked.owed = plain_of(handle)->broadcast->owed;
  asked.is_strict = plain_of(handle)->broadcast->is_strict;
  return asked;
}

/* A handle may be a producer or a consumer from the start. */
static int list_made(const struct luashm_operation *operation,
                     struct luashm_model *models[]) {
  bool makes = operation->op == LUASHM_OP_CREATE_NAMED ||
               operation->op == LUASHM_OP_OPEN_NAMED;
  struct luashm_handle *handle = luashm_handle(operation->made);
  if (!makes || operation->answer != LUASHM_ANSWER_DONE || !handle->base)
    return 0;
  models[0] = model_of(handle);
  if (!models[0] && operation->op == LUASHM_OP_CREATE_NAMED &&
      !operation->holds) {
    models[0] = find_model(handle);
    if (models[0])
      models[0]->is_unsure = false, models[0]->is_new = true;
  }
  return models[0] ? 1 : 0;
}

void luashm_look_and_judge(struct luashm_operation *operation) {
  struct luashm_model *models[LUASHM_MOST_WAITED];
  int count = list_models(operation, models);
  struct luashm_asked asked = asked_for(operation);
  look(operation);
  forget_model(operation);
  if (count == 0)
    count = list_made(operation, models);
  if (count > 0 && judge && operation->answer != LUASHM_ANSWER_CLOSED &&
      operation->answer != LUASHM_ANSWER_GONE)
    judge(operation, &asked, models, count, luashm_player()->part,
          luashm_player()->play);
}

/* The objects of a wait that really waited are looked up anew. */
void luashm_perform_unjudged(struct luashm_operation *operation) {
  struct luashm_model *models[LUASHM_MOST_WAITED];
  int count = list_models(operation, models);
  operation->answer = LUASHM_ANSWER_DONE;
  operation->tries = false;
  luashm_perform_real(operation);
  for (int i = 0; i < count; i++)
    if (models[i])
      models[i]->is_unsure = true;
}
