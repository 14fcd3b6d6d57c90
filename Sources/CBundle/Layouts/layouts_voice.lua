-- Bundled layouts: voice chat, head tracking and debug texts. See layouts.lua for the form.

-- Mumble unlinks its object when it ends, and names it after the real user.
local function link_object()
  local status <close> = assert(io.open("/proc/self/status"))
  return "/MumbleLink." .. assert(status:read("a"):match("\nUid:%s*(%d+)"), "no Uid in /proc/self/status")
end

local link <const> = [[
#include <stdint.h>
#include <wchar.h>

struct LinkedMem {
  uint32_t uiVersion;
  uint32_t uiTick;
  float fAvatarPosition[3];
  float fAvatarFront[3];
  float fAvatarTop[3];
  wchar_t name[256];
  float fCameraPosition[3];
  float fCameraFront[3];
  float fCameraTop[3];
  wchar_t identity[256];
  uint32_t context_len;
  unsigned char context[256];
  wchar_t description[2048];
};
]]

-- Guild Wars 2 gives context_len as 48, the part that is the same for all who hear each other.
local guild_wars <const> = [[
#include <stdint.h>

struct MumbleContext {
  unsigned char serverAddress[28];
  uint32_t mapId;
  uint32_t mapType;
  uint32_t shardId;
  uint32_t instance;
  uint32_t buildId;
  uint32_t uiState;
  uint16_t compassWidth;
  uint16_t compassHeight;
  float compassRotation;
  float playerX;
  float playerY;
  float mapCenterX;
  float mapCenterY;
  float mapScale;
  uint32_t processId;
  uint8_t mountIndex;
};
]]

local debug_output <const> = [[
#include <windows.h>

struct dbwin_buffer {
  DWORD dwProcessId;
  char data[4096 - sizeof(DWORD)];
};
]]

local freetrack <const> = [[
#include <stdint.h>

typedef struct {
  uint32_t DataID;
  int32_t CamWidth;
  int32_t CamHeight;
  float Yaw, Pitch, Roll;
  float X, Y, Z;
  float RawYaw, RawPitch, RawRoll;
  float RawX, RawY, RawZ;
  float X1, Y1, X2, Y2, X3, Y3, X4, Y4;
} FTData;

typedef struct {
  FTData data;
  int32_t GameID;
  union {
    unsigned char table[8];
    int32_t table_ints[2];
  };
  int32_t GameID2;
} FTHeap;
]]

local opentrack <const> = [[
#include <stdbool.h>

struct WineSHM {
  double data[6];
  int gameid, gameid2;
  unsigned char table[8];
  bool stop;
};
]]

return {
  { "mumble_linux", "Mumble Link between Linux programs; Mumble makes and unlinks it",
    abi = "linux", type = "LinkedMem", object = link_object, text = link },
  { "mumble_windows", "Mumble Link between Windows programs; Guild Wars 2 writes it without Mumble, too",
    abi = "windows", type = "LinkedMem", object = "MumbleLink", text = link },
  { "guild_wars_2", "what Guild Wars 2 puts into the context of mumble_windows",
    abi = "windows", type = "MumbleContext", text = guild_wars },
  { "dbwin", "OutputDebugString; events DBWIN_BUFFER_READY and DBWIN_DATA_READY, mutex DBWinMutex",
    abi = "windows", type = "dbwin_buffer", object = "DBWIN_BUFFER", text = debug_output },
  { "freetrack", "head tracking of FreeTrack and opentrack; mutex FT_Mutext",
    abi = "windows", type = "FTHeap", object = "FT_SharedMem", text = freetrack },
  { "opentrack_wine", "head tracking, from opentrack on Linux to its helper inside wine",
    abi = "linux", type = "WineSHM", object = "/facetracknoir-wine-shm", text = opentrack },
}
