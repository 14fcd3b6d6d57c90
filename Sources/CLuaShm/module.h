/* Shared by the files of this target. */
#ifndef LUASHM_MODULE_H
#define LUASHM_MODULE_H

#include "World/perform.h"
#include "types.h"

#include <CShm.h>

static inline struct luashm_host *host_of(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(UPVALUE_HOST));
}

/* ---- views: view.c, view-refusals.c ---- */

extern const struct luashm_class luashm_views;

/* scalars.c, pack.c, texts.c, bytes.c: groups of its methods. */
extern const luaL_Reg luashm_scalar_methods[], luashm_pack_methods[],
    luashm_text_methods[], luashm_byte_methods[];

/* The view at index 1 of one of its own methods; raises if it is closed. */
struct luashm_handle *luashm_open_view(lua_State *L);

/* Which one a userdata stands for. */
static inline struct luashm_object luashm_object_at(lua_State *L, int index) {
  return ((const struct luashm_head *)lua_touserdata(L, index))->object;
}

/* The object's name for a message, as one line, on the top of the stack;
   `index`: the view's. */
const char *luashm_shown_name(lua_State *L, int index);

/* shown.c: pushes a text as it may reach a terminal; the first asks the host of
   the function of the module that runs. */
const char *luashm_push_shown(lua_State *L, struct luashm_bytes text,
                              enum luashm_manner manner);
const char *luashm_push_shown_by(lua_State *L, luashm_shower *show,
                                 struct luashm_bytes text,
                                 enum luashm_manner manner);

/* The same of a word of a script's in a message. */
const char *luashm_push_shown_word(lua_State *L, const char *word);

/* The same of the string at 1, with the manner's name at 2, or "line". */
int luashm_show_string(lua_State *L, luashm_shower *show);

/* Raises: `verb` of `length` bytes at `offset` is outside of the view at
   index 1. */
int luashm_past_end(lua_State *L, const char *verb, lua_Integer length,
                    lua_Integer offset);

/* Raise: the view of the userdata at index is closed; its memory is gone. */
int luashm_closed_view(lua_State *L, int index);
int luashm_lost(lua_State *L, int index, const char *verb);

/* Pushes a copy of shared bytes, each of which is loaded once; with text, up to
   the first NUL of the copy. */
void luashm_push_copy(lua_State *L, const unsigned char *from, size_t length,
                      bool text);

/* The name of the object of the value at index, a view or what has its name as
   its first user value; stays valid while that does. */
struct luashm_bytes luashm_name_of(lua_State *L, int index);

/* Pushes a view that is still closed, for the object whose name is at index
   (0: no name), and returns its entry: an error between here and the
   acquisition harms nothing. */
struct luashm_object luashm_new_view(lua_State *L, int name);

/* Pushes an open view of private memory, `length` bytes, zeroed, for the object
   of the view at index; closing it is a matter of this process alone. Its base
   is aligned as `like` is. */
struct luashm_handle *luashm_new_draft(lua_State *L, int index,
                                       const unsigned char *like,
                                       size_t length);

/* Gives back the entry of a view that is closed, and the block of a draft. The
   collector does not count such blocks: it would come for them too late. */
void luashm_give_back(lua_State *L, struct luashm_object object);

/* ---- atomic cells: cell.c; records under a sequence word: sequence.c ---- */

extern const struct luashm_class luashm_cells;
extern const luaL_Reg luashm_cell_methods[];     /* of views: atomic */
extern const luaL_Reg luashm_sequence_methods[]; /* of views: update, … */

/* After a call that was refused, outside of any operation: did descriptors or
   memory run out, perhaps because handles that nobody can reach any more wait
   for the collector? Then it collects, once, and the call is worth another
   try. Finalizers run: whatever may have been closed has to be looked at. */
bool luashm_collects(lua_State *L, int32_t code, bool *collected);

/* As luashm_take_handle; where there is none left it collects, as above. */
struct luashm_object luashm_take(lua_State *L);

/* results.c: pushes nil, message, code. */
int luashm_refuse(lua_State *L, const struct luashm_failure *failure);

/* ---- layouts and records: layout.c, record.c ---- */

extern const struct luashm_class luashm_layouts, luashm_records;
extern const luaL_Reg luashm_layout_functions[];
extern const luaL_Reg luashm_record_view_methods[];

/* bundled.c: gives the module at the top, which has its functions, the field
   `layouts`. */
void luashm_set_layouts(lua_State *L, int host, int types);

/* process.c: time, and the process that the script is. */
extern const luaL_Reg luashm_process_functions[];

/* offer.c: shm.offer; and raises if options at index that only names under Wine
   have, or never have, were given for another, or for such a one. */
extern const luaL_Reg luashm_offer_functions[];
void luashm_check_wine(lua_State *L, int index, struct luashm_bytes name,
                       const struct luashm_options *options);

/* console.c, shm.c: each pushes its module; `host` and `types`: where the
   host's userdata and the list of metatables are on the stack. */
void luashm_push_console(lua_State *L, int host, int types);
void luashm_push_shm(lua_State *L, int host, int types);

/* script-interruption.c: has a script's SIGINT come, and not yet raised its
   error? */
bool luashm_stopping(void);

/* The string at index, or none. */
struct luashm_bytes luashm_bytes_at(lua_State *L, int index);

/* ---- protected calls: call.c ---- */

/* lua_pcall with a traceback in the message. */
int luashm_call(lua_State *L, int arguments, int results);

/* The same, and SIGINT raises "interrupted!" at the next instruction; only
   for a program that has the process to itself. */
int luashm_call_interruptibly(lua_State *L, int arguments, int results);

/* did-you-mean.c: in the handler of the message at an index: pushes a line that
   may help, or nothing. */
bool luashm_push_hint(lua_State *L, int message);

/* Did the last of these calls end by that error, which nothing had caught? */
bool luashm_ended_by_interrupt(void);

/* complain.c: how a text is shown; a line onto standard error, and the same of
   an error's message, which it pops. */
void luashm_complain_by(luashm_shower *);
void luashm_say(const char *message);
void luashm_complain(lua_State *L);

/* lines.c: reads standard input line by line and runs each. */
void luashm_lines(lua_State *L);

/* module-folders.c: adds to package.cpath in a program with Lua inside. */
void luashm_add_module_folders(lua_State *L);

#endif
