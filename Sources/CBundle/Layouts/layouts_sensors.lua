-- Bundled layouts: temperatures, clocks, voltages and frame rates. See layouts.lua for the form.

-- The signatures are multi-character constants of C: 'RTSS' is the bytes "SSTR" in memory. A
-- signature of 0xDEAD is memory that its owner has given up.

-- Version 2.14. Whoever reads takes the sizes from the header: entries have grown, and will.
local rivatuner <const> = [[
#include <windows.h>

#define MAX_PATH 260
#define RTSS_SIGNATURE 0x52545353
#define RTSS_DEAD 0xDEAD
#define RTSS_VERSION 0x0002000E
#define APPFLAG_API_USAGE_MASK 0x0000FFFF
#define APPFLAG_OGL 0x00000001
#define APPFLAG_D3D9 0x00000004
#define APPFLAG_D3D11 0x00000007
#define APPFLAG_D3D12 0x00000008
#define APPFLAG_VULKAN 0x0000000A

typedef struct {
  DWORD dwSignature;
  DWORD dwVersion;
  DWORD dwAppEntrySize;
  DWORD dwAppArrOffset;
  DWORD dwAppArrSize;
  DWORD dwOSDEntrySize;
  DWORD dwOSDArrOffset;
  DWORD dwOSDArrSize;
  DWORD dwOSDFrame;
  LONG dwBusy;
} RTSS_SHARED_MEMORY;

typedef struct {
  char szOSD[256];
  char szOSDOwner[256];
  char szOSDEx[4096];
  BYTE buffer[262144];
} RTSS_SHARED_MEMORY_OSD_ENTRY;

typedef struct {
  DWORD dwProcessID;
  char szName[MAX_PATH];
  DWORD dwFlags;
  DWORD dwTime0;
  DWORD dwTime1;
  DWORD dwFrames;
  DWORD dwFrameTime;
  DWORD dwStatFlags;
  DWORD dwStatTime0;
  DWORD dwStatTime1;
  DWORD dwStatFrames;
  DWORD dwStatCount;
  DWORD dwStatFramerateMin;
  DWORD dwStatFramerateAvg;
  DWORD dwStatFramerateMax;
  DWORD dwOSDX;
  DWORD dwOSDY;
  DWORD dwOSDPixel;
  DWORD dwOSDColor;
  DWORD dwOSDFrame;
  DWORD dwScreenCaptureFlags;
  char szScreenCapturePath[MAX_PATH];
  DWORD dwOSDBgndColor;
  DWORD dwVideoCaptureFlags;
  char szVideoCapturePath[MAX_PATH];
  DWORD dwVideoFramerate;
  DWORD dwVideoFramesize;
  DWORD dwVideoFormat;
  DWORD dwVideoQuality;
  DWORD dwVideoCaptureThreads;
  DWORD dwScreenCaptureQuality;
  DWORD dwScreenCaptureThreads;
  DWORD dwAudioCaptureFlags;
  DWORD dwVideoCaptureFlagsEx;
  DWORD dwAudioCaptureFlags2;
  DWORD dwStatFrameTimeMin;
  DWORD dwStatFrameTimeAvg;
  DWORD dwStatFrameTimeMax;
  DWORD dwStatFrameTimeCount;
  DWORD dwStatFrameTimeBuf[1024];
  DWORD dwStatFrameTimeBufPos;
  DWORD dwStatFrameTimeBufFramerate;
  ULONGLONG qwAudioCapturePTTEventPush;
  ULONGLONG qwAudioCapturePTTEventRelease;
  ULONGLONG qwAudioCapturePTTEventPush2;
  ULONGLONG qwAudioCapturePTTEventRelease2;
  DWORD dwPrerecordSizeLimit;
  DWORD dwPrerecordTimeLimit;
  ULONGLONG qwStatTotalTime;
  DWORD dwStatFrameTimeLowBuf[1024];
  DWORD dwStatFramerate1Dot0PercentLow;
  DWORD dwStatFramerate0Dot1PercentLow;
} RTSS_SHARED_MEMORY_APP_ENTRY;
]]

-- An entry without a value has FLT_MAX.
local afterburner <const> = [[
#include <stdint.h>
#include <windows.h>

#define MAX_PATH 260
#define MAHM_SIGNATURE 0x4D41484D
#define MAHM_DEAD 0xDEAD
#define MAHM_VERSION 0x00020000
#define MAHM_SHARED_MEMORY_ENTRY_FLAG_SHOW_IN_OSD 1
#define MAHM_SHARED_MEMORY_ENTRY_FLAG_SHOW_IN_LCD 2
#define MAHM_SHARED_MEMORY_ENTRY_FLAG_SHOW_IN_TRAY 4
#define MONITORING_SOURCE_ID_GPU_TEMPERATURE 0x00000000
#define MONITORING_SOURCE_ID_FAN_SPEED 0x00000010
#define MONITORING_SOURCE_ID_CORE_CLOCK 0x00000020
#define MONITORING_SOURCE_ID_GPU_USAGE 0x00000030
#define MONITORING_SOURCE_ID_FRAMERATE 0x00000050
#define MONITORING_SOURCE_ID_CPU_TEMPERATURE 0x00000080
#define MONITORING_SOURCE_ID_CPU_USAGE 0x00000090
#define MONITORING_SOURCE_ID_RAM_USAGE 0x00000091

typedef struct {
  DWORD dwSignature;
  DWORD dwVersion;
  DWORD dwHeaderSize;
  DWORD dwNumEntries;
  DWORD dwEntrySize;
  int32_t time;
  DWORD dwNumGpuEntries;
  DWORD dwGpuEntrySize;
} MAHM_SHARED_MEMORY_HEADER;

typedef struct {
  char szSrcName[MAX_PATH];
  char szSrcUnits[MAX_PATH];
  char szLocalizedSrcName[MAX_PATH];
  char szLocalizedSrcUnits[MAX_PATH];
  char szRecommendedFormat[MAX_PATH];
  float data;
  float minLimit;
  float maxLimit;
  DWORD dwFlags;
  DWORD dwGpu;
  DWORD dwSrcId;
} MAHM_SHARED_MEMORY_ENTRY;

typedef struct {
  char szGpuId[MAX_PATH];
  char szFamily[MAX_PATH];
  char szDevice[MAX_PATH];
  char szDriver[MAX_PATH];
  char szBIOS[MAX_PATH];
  DWORD dwMemAmount;
} MAHM_SHARED_MEMORY_GPU_ENTRY;
]]

-- Version 1; version 2 has longer elements, and its header says so.
local hwinfo <const> = [[
#include <stdint.h>
#include <windows.h>

#define HWiNFO_SIGNATURE 0x53695748
#define HWiNFO_DEAD 0x44414544

enum SENSOR_READING_TYPE {
  SENSOR_TYPE_NONE,
  SENSOR_TYPE_TEMP,
  SENSOR_TYPE_VOLT,
  SENSOR_TYPE_FAN,
  SENSOR_TYPE_CURRENT,
  SENSOR_TYPE_POWER,
  SENSOR_TYPE_CLOCK,
  SENSOR_TYPE_USAGE,
  SENSOR_TYPE_OTHER
};

#pragma pack(push, 1)

typedef struct {
  DWORD dwSignature;
  DWORD dwVersion;
  DWORD dwRevision;
  int64_t poll_time;
  DWORD dwOffsetOfSensorSection;
  DWORD dwSizeOfSensorElement;
  DWORD dwNumSensorElements;
  DWORD dwOffsetOfReadingSection;
  DWORD dwSizeOfReadingElement;
  DWORD dwNumReadingElements;
} HWiNFO_SENSORS_SHARED_MEM2;

typedef struct {
  DWORD dwSensorID;
  DWORD dwSensorInst;
  char szSensorNameOrig[128];
  char szSensorNameUser[128];
} HWiNFO_SENSORS_SENSOR_ELEMENT;

typedef struct {
  enum SENSOR_READING_TYPE tReading;
  DWORD dwSensorIndex;
  DWORD dwReadingID;
  char szLabelOrig[128];
  char szLabelUser[128];
  char szUnit[16];
  double Value;
  double ValueMin;
  double ValueMax;
  double ValueAvg;
} HWiNFO_SENSORS_READING_ELEMENT;

#pragma pack(pop)
]]

local core_temp <const> = [[
typedef struct {
  unsigned int uiLoad[256];
  unsigned int uiTjMax[128];
  unsigned int uiCoreCnt;
  unsigned int uiCPUCnt;
  float fTemp[256];
  float fVID;
  float fCPUSpeed;
  float fFSBSpeed;
  float fMultiplier;
  char sCPUName[100];
  unsigned char ucFahrenheit;
  unsigned char ucDeltaToTjMax;
} CORE_TEMP_SHARED_DATA;

typedef struct {
  unsigned int uiLoad[256];
  unsigned int uiTjMax[128];
  unsigned int uiCoreCnt;
  unsigned int uiCPUCnt;
  float fTemp[256];
  float fVID;
  float fCPUSpeed;
  float fFSBSpeed;
  float fMultiplier;
  char sCPUName[100];
  unsigned char ucFahrenheit;
  unsigned char ucDeltaToTjMax;
  unsigned char ucTdpSupported;
  unsigned char ucPowerSupported;
  unsigned int uiStructVersion;
  unsigned int uiTdp[128];
  float fPower[128];
  float fMultipliers[256];
} CORE_TEMP_SHARED_DATA_EX;
]]

local gpuz <const> = [[
#include <windows.h>

#define MAX_RECORDS 128

#pragma pack(push, 1)

typedef struct {
  WCHAR key[256];
  WCHAR value[256];
} GPUZ_RECORD;

typedef struct {
  WCHAR name[256];
  WCHAR unit[8];
  UINT32 digits;
  double value;
} GPUZ_SENSOR_RECORD;

typedef struct {
  UINT32 version;
  LONG busy;
  UINT32 lastUpdate;
  GPUZ_RECORD data[MAX_RECORDS];
  GPUZ_SENSOR_RECORD sensors[MAX_RECORDS];
} GPUZ_SH_MEM;

#pragma pack(pop)
]]

return {
  { "rtss", "RivaTuner Statistics Server: the header; entries follow where it says",
    abi = "windows", type = "RTSS_SHARED_MEMORY", object = "RTSSSharedMemoryV2", text = rivatuner },
  { "rtss_app", "RivaTuner: one program with its frame rate",
    abi = "windows", type = "RTSS_SHARED_MEMORY_APP_ENTRY", text = rivatuner },
  { "rtss_osd", "RivaTuner: one slot of text on the screen",
    abi = "windows", type = "RTSS_SHARED_MEMORY_OSD_ENTRY", text = rivatuner },
  { "afterburner", "MSI Afterburner: the header; entries follow where it says",
    abi = "windows", type = "MAHM_SHARED_MEMORY_HEADER", object = "MAHMSharedMemory",
    text = afterburner },
  { "afterburner_entry", "MSI Afterburner: one value",
    abi = "windows", type = "MAHM_SHARED_MEMORY_ENTRY", text = afterburner },
  { "afterburner_gpu", "MSI Afterburner: one graphics card",
    abi = "windows", type = "MAHM_SHARED_MEMORY_GPU_ENTRY", text = afterburner },
  { "hwinfo", [[HWiNFO: the header; elements follow where it says; mutex Global\HWiNFO_SM2_MUTEX]],
    abi = "windows", type = "HWiNFO_SENSORS_SHARED_MEM2", object = [[Global\HWiNFO_SENS_SM2]],
    text = hwinfo },
  { "hwinfo_sensor", "HWiNFO: one device with sensors",
    abi = "windows", type = "HWiNFO_SENSORS_SENSOR_ELEMENT", text = hwinfo },
  { "hwinfo_reading", "HWiNFO: one value of a sensor",
    abi = "windows", type = "HWiNFO_SENSORS_READING_ELEMENT", text = hwinfo },
  { "core_temp", "Core Temp: temperature and load of each core",
    abi = "windows", type = "CORE_TEMP_SHARED_DATA_EX", object = "CoreTempMappingObjectEx",
    text = core_temp },
  { "core_temp_old", "Core Temp as it was before the Ex structure, still published",
    abi = "windows", type = "CORE_TEMP_SHARED_DATA", object = "CoreTempMappingObject",
    text = core_temp },
  { "gpuz", "GPU-Z: all of it",
    abi = "windows", type = "GPUZ_SH_MEM", object = "GPUZShMem", text = gpuz },
}
