/*
 * A Windows program that does what its standard input says, a line each:
 *
 *   create NAME SIZE   open NAME   mutex NAME   read   write TEXT   close
 *
 * Each is answered by a line: "ok", "existed", a text, or "error NUMBER".
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static HANDLE mapping;
static char *view;

static void answer(const char *text) {
  printf("%s\n", text);
  fflush(stdout);
}

static void fail(void) {
  printf("error %lu\n", GetLastError());
  fflush(stdout);
}

static void map(HANDLE handle, DWORD error) {
  mapping = handle;
  view = handle ? MapViewOfFile(handle, FILE_MAP_ALL_ACCESS, 0, 0, 0) : NULL;
  if (!view)
    fail();
  else
    answer(error == ERROR_ALREADY_EXISTS ? "existed" : "ok");
}

int main(void) {
  static char line[4096];
  static WCHAR name[4096];
  while (fgets(line, sizeof line, stdin)) {
    char *verb = strtok(line, " \r\n"), *first = strtok(NULL, " \r\n");
    char *second = strtok(NULL, " \r\n");
    if (first)
      MultiByteToWideChar(CP_UTF8, 0, first, -1, name, 4096);
    if (!verb)
      continue;
    if (strcmp(verb, "create") == 0) {
      SetLastError(0);
      HANDLE made = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL,
                                       PAGE_READWRITE, 0, atoi(second), name);
      map(made, GetLastError());
    } else if (strcmp(verb, "open") == 0) {
      map(OpenFileMappingW(FILE_MAP_ALL_ACCESS, FALSE, name), 0);
    } else if (strcmp(verb, "mutex") == 0) {
      answer(CreateMutexW(NULL, FALSE, name) ? "ok" : "error");
    } else if (strcmp(verb, "read") == 0) {
      answer(view);
    } else if (strcmp(verb, "write") == 0) {
      strcpy(view, first);
      answer("ok");
    } else if (strcmp(verb, "close") == 0) {
      UnmapViewOfFile(view);
      CloseHandle(mapping);
      answer("ok");
    }
  }
  return 0;
}
