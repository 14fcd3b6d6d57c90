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

/* scalars.c, pack.c, texts.c, bytes.c, number-lists.c: groups of its
   methods. */
extern const luaL_Reg luashm_scalar_methods[], luashm_pack_methods[],
    luashm_text_methods[], luashm_byte_methods[], luashm_number_methods[];

/* For methods: the view at stack index 1; raises if it is closed. */
struct luashm_handle *luashm_open_view(lua_State *L);

/* The object that a userdata stands for. */
static inline struct luashm_object luashm_object_at(lua_State *L, int index) {
  return ((const struct luashm_head *)lua_touserdata(L, index))->object;
}

/* Pushes the object's name as one line, for a message; `index`: the view's. */
const char *luashm_shown_name(lua_State *L, int index);

/* shown.c: push a text in a form that may reach a terminal. The first asks the
   host of the module's function that is running. */
const char *luashm_push_shown(lua_State *L, struct luashm_bytes text,
                              enum luashm_manner manner);
const char *luashm_push_shown_by(lua_State *L, luashm_shower *show,
                                 struct luashm_bytes text,
                                 enum luashm_manner manner);

/* The same for a word of a script's that a message quotes. */
const char *luashm_push_shown_word(lua_State *L, const char *word);

/* The same for the string at stack index 1, with the manner's name at 2, by
   default "line". */
int luashm_show_string(lua_State *L, luashm_shower *show);

/* Raises: `verb` of `length` bytes at `offset` is outside of the view at
   index 1. */
int luashm_past_end(lua_State *L, const char *verb, lua_Integer length,
                    lua_Integer offset);

/* Both raise. The first: the view at the index is closed; the second: its
   memory is gone. */
int luashm_closed_view(lua_State *L, int index);
int luashm_lost(lua_State *L, int index, const char *verb);

/* Pushes a copy of shared bytes, each loaded once. `text`: only up to the first
   NUL in the copy. */
void luashm_push_copy(lua_State *L, const unsigned char *from, size_t length,
                      bool text);

/* Before a string of LUASHM_BIG bytes or more is made: the collector frees what
   it can. May run finalizers: pace.c. */
void luashm_make_room(lua_State *L, size_t length);

/* The name of the object of the value at the index, which must be a view or
   have the name as its first user value; valid as long as that is. */
struct luashm_bytes luashm_name_of(lua_State *L, int index);

/* Pushes a view that is still closed, for the object whose name is at the index
   (0: no name); returns its entry. An error between here and the acquisition
   does no harm. */
struct luashm_object luashm_new_view(lua_State *L, int name);

/* Pushes an open view of `length` bytes of private, zeroed memory, with the
   name of the view at the index. Closing it concerns this process only. Its
   base is aligned as `like` is. */
struct luashm_handle *luashm_new_draft(lua_State *L, int index,
                                       const unsigned char *like,
                                       size_t length);

/* Gives back the entry of a closed view, and a draft's block. The collector
   does not count such blocks and would collect them too late. */
void luashm_give_back(lua_State *L, struct luashm_object object);

/* ---- atomic cells: cell.c; records under a sequence word: sequence.c ---- */

extern const struct luashm_class luashm_cells, luashm_conditions;
extern const luaL_Reg luashm_cell_methods[];     /* of views: atomic */
extern const luaL_Reg luashm_sequence_methods[]; /* of views: update, … */

/* For a call that was refused outside of any operation: did descriptors or
   memory run out, perhaps because unreachable handles wait for the collector?
   Then it collects, once, and the call may be tried again. Finalizers run:
   whatever they may have closed must be checked again. */
bool luashm_collects(lua_State *L, int32_t code, bool *collected);

/* Like luashm_take_handle; collects as above if no entry is left. */
struct luashm_object luashm_take(lua_State *L);

/* results.c: pushes nil, message, code. */
int luashm_refuse(lua_State *L, const struct luashm_failure *failure);

/* ---- layouts and records: layout.c, record.c ---- */

extern const struct luashm_class luashm_layouts, luashm_records;
extern const luaL_Reg luashm_layout_functions[];
extern const luaL_Reg luashm_record_view_methods[];

/* bundled.c: adds the field `layouts` to the module at the top of the stack,
   which already has its functions. */
void luashm_set_layouts(lua_State *L, int host, int types);

/* process.c: time, and processes; census.c: what lives, and who holds it. */
extern const struct luashm_class luashm_processes;
extern const luaL_Reg luashm_process_functions[], luashm_census_functions[];

/* offer.c: shm.offer; and raises if options at index that only names under Wine
   have, or never have, were given for another, or for such a one. */
extern const luaL_Reg luashm_offer_functions[];
void luashm_check_wine(lua_State *L, int index, struct luashm_bytes name,
                       const struct luashm_options *options);

/* console.c, shm.c: each pushes its module. `host` and `types`: stack indices
   of the host's userdata and of the list of metatables. */
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

/* The same; SIGINT raises "interrupted!" at the next instruction. Only for a
   program that has the process to itself. */
int luashm_call_interruptibly(lua_State *L, int arguments, int results);

/* In the registry: the last key that a script looked for in the module "shm"
   and that is not there. */
#define LUASHM_MISSED "shm.missed"

/* did-you-mean.c: in the handler of the message at an index: pushes a line that
   may help, or nothing. `level`: of the function that failed; 1 for one that
   the handler, a C function, is called by. */
bool luashm_push_hint(lua_State *L, int message, int level);

/* Did the last of these calls end by the interrupt's error, which nothing had
   caught? */
bool luashm_ended_by_interrupt(void);

/* complain.c: the first sets how a text is shown; the others print a line on
   standard error, and an error's message, which is popped. */
void luashm_complain_by(luashm_shower *);
void luashm_say(const char *message);
void luashm_complain(lua_State *L);

/* lines.c: reads standard input line by line and runs each. */
void luashm_lines(lua_State *L);

/* module-folders.c: extends package.cpath in a program that contains Lua. */
void luashm_add_module_folders(lua_State *L);

#endif
