/* A process-shared pthread mutex with the Lua calls of shm.mutex, to compare
   the two. */
#include "BareCalls.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_mutex_t *mutex_of(lua_State *L) {
  pthread_mutex_t **mutex = lua_touserdata(L, 1);
  if (mutex && lua_getmetatable(L, 1)) {
    int same = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (same && *mutex)
      return *mutex;
  }
  luaL_typeerror(L, 1, "bare.mutex");
  return NULL;
}

static int bare_lock(lua_State *L) {
  lua_pushboolean(L, pthread_mutex_lock(mutex_of(L)) == 0);
  return 1;
}

static int bare_unlock(lua_State *L) {
  lua_pushboolean(L, pthread_mutex_unlock(mutex_of(L)) == 0);
  return 1;
}

static const luaL_Reg methods[] = {
    {"lock", bare_lock}, {"unlock", bare_unlock}, {NULL, NULL}};

static void *map(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  void *memory = MAP_FAILED;
  if (fd >= 0)
    memory = mmap(NULL, sizeof(pthread_mutex_t), PROT_READ | PROT_WRITE,
                  MAP_SHARED, fd, 0);
  if (fd >= 0)
    close(fd);
  return memory == MAP_FAILED ? NULL : memory;
}

/* bare_mutex(path) -> userdata */
static int bare_mutex(lua_State *L) {
  void *memory = map(luaL_checkstring(L, 1));
  if (!memory)
    return luaL_error(L, "no memory to map");
  void **mutex = lua_newuserdatauv(L, sizeof *mutex, 0);
  *mutex = memory;
  lua_newtable(L);
  lua_newtable(L);
  lua_pushvalue(L, -2);
  luaL_setfuncs(L, methods, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  return 1;
}

void bare_open_mutexes(struct lua_State *L) {
  lua_pushcfunction(L, bare_mutex);
  lua_setglobal(L, "bare_mutex");
}

int bare_make_mutex(void *memory) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  return pthread_mutex_init(memory, &attributes);
}
