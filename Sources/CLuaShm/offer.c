/* Names under Wine: their options, and offering our object under one. */
#include "module.h"
#include "options.h"

#include <string.h>

static const char wine_start[] = "Wine\\";

void luashm_check_wine(lua_State *L, int index, struct luashm_bytes name,
                       const struct luashm_options *options) {
  size_t length = sizeof wine_start - 1;
  bool wine = name.length >= length &&
              memcmp(name.data, wine_start, length) == 0;
  if (!wine && (options->wine.data || options->hold >= 0))
    luaL_argerror(L, index,
                  lua_pushfstring(
                      L, "option '%s' is for names that begin with Wine\\",
                      options->wine.data ? "wine" : "hold"));
  if (wine && options->making.mode.bits != 0600)
    luaL_argerror(L, index, "option 'mode': names under Wine have none");
}

static const struct luashm_option offer_options[] = {
    {OPTION("wine", struct luashm_options, wine), OPTION_TEXT, .slot = 1},
    {NULL}};

/* Reads the options at the index; the stack slot after them keeps the
   prefix. */
static void read_offer_options(lua_State *L, int index,
                               struct luashm_options *options) {
  static const struct luashm_option *const groups[] = {offer_options, NULL};
  *options = (struct luashm_options){
      .access = -1, .making.mode.bits = 0600, .hold = -1};
  lua_settop(L, index + 1);
  luashm_read_options(L, index, groups, options, index);
}

/* shm.offer(view, name [, options]) -> view */
static int object_offer(lua_State *L) {
  luashm_check(L, 1, TYPE_VIEW);
  struct luashm_failure failure;
  struct luashm_options options;
  struct luashm_bytes name;
  name.data = luaL_checklstring(L, 2, &name.length);
  read_offer_options(L, 3, &options);
  struct luashm_object offered = luashm_new_view(L, 2);
  struct luashm_object object = luashm_object_at(L, 1);
  const struct luashm_handle *view = luashm_handle(object);
  if (!view->base) /* a finalizer may have closed it */
    return luashm_closed_view(L, 1);
  if (view->key == 0)
    return luaL_error(L, "offer: a draft of %s is private memory",
                      luashm_shown_name(L, 1));
  struct luashm_operation operation = {.op = LUASHM_OP_OFFER,
                                       .object = object,
                                       .made = offered,
                                       .text = name,
                                       .options = &options,
                                       .failure = &failure};
  return luashm_ask_again(L, &operation) == LUASHM_ANSWER_DONE
             ? 1
             : luashm_answered(L, &operation);
}

const luaL_Reg luashm_offer_functions[] = {{"offer", object_offer},
                                           {NULL, NULL}};
