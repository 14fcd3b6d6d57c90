import Glibc
import TestSupport
import Testing

/// What a program's own headers and readers say about its memory: the numbers of bundled layouts.
struct PublishedLayout: CustomTestStringConvertible, Sendable {
  let name: String
  let size: Int
  let object: String?
  let offsets: [(path: String, offset: Int)]
  var testDescription: String { name }

  init(_ name: String, _ size: Int, _ object: String?, _ offsets: KeyValuePairs<String, Int>) {
    self.name = name
    self.size = size
    self.object = object
    self.offsets = offsets.map { ($0.key, $0.value) }
  }
}

extension PublishedLayout {
  static let all: [PublishedLayout] = voice + sensors + games

  private static let voice: [PublishedLayout] = [
    .init(
      "mumble_linux", 10580, "/MumbleLink.\(getuid())",
      [
        "uiVersion": 0, "uiTick": 4, "fAvatarPosition": 8, "fAvatarFront": 20, "fAvatarTop": 32,
        "fAvatarTop[2]": 40, "name": 44, "fCameraPosition": 1068, "fCameraFront": 1080,
        "fCameraTop": 1092, "identity": 1104, "context_len": 2128, "context": 2132,
        "description": 2388,
      ]),
    .init(
      "mumble_windows", 5460, "MumbleLink",
      [
        "uiVersion": 0, "uiTick": 4, "fAvatarPosition": 8, "name": 44, "fCameraPosition": 556,
        "fCameraFront": 568, "fCameraTop": 580, "identity": 592, "context_len": 1104,
        "context": 1108, "description": 1364,
      ]),
    .init(
      "guild_wars_2", 88, nil,
      ["serverAddress": 0, "mapId": 28, "uiState": 48, "playerX": 60, "processId": 80]),
    .init("dbwin", 4096, "DBWIN_BUFFER", ["dwProcessId": 0, "data": 4]),
    .init(
      "freetrack", 108, "FT_SharedMem",
      [
        "data.DataID": 0, "data.CamWidth": 4, "data.Yaw": 12, "data.X": 24, "data.RawYaw": 36,
        "data.X1": 60, "GameID": 92, "table": 96, "table_ints": 96, "GameID2": 104,
      ]),
    .init(
      "opentrack_wine", 72, "/facetracknoir-wine-shm",
      ["data": 0, "gameid": 48, "gameid2": 52, "table": 56, "stop": 64]),
  ]

  private static let sensors: [PublishedLayout] = [
    .init(
      "rtss", 40, "RTSSSharedMemoryV2",
      [
        "dwSignature": 0, "dwVersion": 4, "dwAppEntrySize": 8, "dwAppArrOffset": 12,
        "dwAppArrSize": 16, "dwOSDEntrySize": 20, "dwOSDArrOffset": 24, "dwOSDArrSize": 28,
        "dwOSDFrame": 32, "dwBusy": 36,
      ]),
    .init(
      "rtss_app", 9184, nil,
      [
        "dwProcessID": 0, "szName": 4, "dwFlags": 264, "dwTime0": 268, "dwTime1": 272,
        "dwFrames": 276, "dwFrameTime": 280, "dwStatFrameTimeBuf": 924,
        "dwStatFrameTimeBufPos": 5020, "dwStatFrameTimeBufFramerate": 5024,
        "qwStatTotalTime": 5072, "dwStatFramerate0Dot1PercentLow": 9180,
      ]),
    .init(
      "rtss_osd", 266_752, nil, ["szOSD": 0, "szOSDOwner": 256, "szOSDEx": 512, "buffer": 4608]),
    .init(
      "afterburner", 32, "MAHMSharedMemory",
      [
        "dwSignature": 0, "dwVersion": 4, "dwHeaderSize": 8, "dwNumEntries": 12,
        "dwEntrySize": 16, "time": 20, "dwNumGpuEntries": 24, "dwGpuEntrySize": 28,
      ]),
    .init(
      "afterburner_entry", 1324, nil,
      [
        "szSrcName": 0, "szSrcUnits": 260, "szRecommendedFormat": 1040, "data": 1300,
        "minLimit": 1304, "maxLimit": 1308, "dwFlags": 1312, "dwGpu": 1316, "dwSrcId": 1320,
      ]),
    .init("afterburner_gpu", 1304, nil, ["szGpuId": 0, "szBIOS": 1040, "dwMemAmount": 1300]),
    .init(
      "hwinfo", 44, #"Global\HWiNFO_SENS_SM2"#,
      [
        "dwSignature": 0, "dwVersion": 4, "dwRevision": 8, "poll_time": 12,
        "dwOffsetOfSensorSection": 20, "dwSizeOfSensorElement": 24, "dwNumSensorElements": 28,
        "dwOffsetOfReadingSection": 32, "dwSizeOfReadingElement": 36, "dwNumReadingElements": 40,
      ]),
    .init(
      "hwinfo_sensor", 264, nil,
      ["dwSensorID": 0, "dwSensorInst": 4, "szSensorNameOrig": 8, "szSensorNameUser": 136]),
    .init(
      "hwinfo_reading", 316, nil,
      [
        "tReading": 0, "dwSensorIndex": 4, "dwReadingID": 8, "szLabelOrig": 12,
        "szLabelUser": 140, "szUnit": 268, "Value": 284, "ValueMin": 292, "ValueMax": 300,
        "ValueAvg": 308,
      ]),
    .init(
      "core_temp", 4740, "CoreTempMappingObjectEx",
      [
        "uiLoad": 0, "uiTjMax": 1024, "uiCoreCnt": 1536, "uiCPUCnt": 1540, "fTemp": 1544,
        "fVID": 2568, "fCPUSpeed": 2572, "fFSBSpeed": 2576, "fMultiplier": 2580,
        "sCPUName": 2584, "ucFahrenheit": 2684, "ucDeltaToTjMax": 2685, "uiStructVersion": 2688,
        "fMultipliers": 3716,
      ]),
    .init(
      "core_temp_old", 2688, "CoreTempMappingObject",
      ["fTemp": 1544, "sCPUName": 2584, "ucFahrenheit": 2684, "ucDeltaToTjMax": 2685]),
    .init(
      "gpuz", 200_204, "GPUZShMem",
      [
        "version": 0, "busy": 4, "lastUpdate": 8, "data": 12, "data[1].value": 1548,
        "sensors": 131_084, "sensors[1].digits": 132_152, "sensors[127].value": 200_196,
      ]),
  ]

  private static let games: [PublishedLayout] = [
    .init(
      "assetto_corsa_physics", 800, "acpmf_physics",
      [
        "packetId": 0, "gas": 4, "brake": 8, "fuel": 12, "gear": 16, "rpms": 20,
        "steerAngle": 24, "speedKmh": 28, "velocity": 32, "accG": 44, "wheelSlip": 56,
        "drsEnabled": 344, "brakeTemp": 348, "clutch": 364, "isAIControlled": 416,
        "tyreContactHeading[3][2]": 560, "brakeBias": 564, "localVelocity": 568,
        "currentMaxRpm": 588, "waterTemp": 712, "absVibrations": 796,
      ]),
    .init(
      "rf2_telemetry", 241_680, "$rFactor2SMMP_Telemetry$",
      [
        "mVersionUpdateBegin": 0, "mVersionUpdateEnd": 4, "mBytesUpdatedHint": 8,
        "mNumVehicles": 12, "mVehicles": 16, "mVehicles[1].mID": 1904,
        "mVehicles[127].mWheels[3]": 241_420,
      ]),
    .init(
      "rf2_vehicle", 1888, nil,
      [
        "mID": 0, "mDeltaTime": 4, "mElapsedTime": 12, "mLapNumber": 20, "mVehicleName": 32,
        "mTrackName": 96, "mPos": 160, "mGear": 352, "mEngineRPM": 356, "mFuel": 524,
        "mExpansion": 696, "mWheels": 848, "mWheels[1]": 1108,
      ]),
    .init(
      "iracing", 112, #"Local\IRSDKMemMapFileName"#,
      [
        "ver": 0, "status": 4, "tickRate": 8, "sessionInfoUpdate": 12, "sessionInfoLen": 16,
        "sessionInfoOffset": 20, "numVars": 24, "varHeaderOffset": 28, "numBuf": 32,
        "bufLen": 36, "varBuf": 48, "varBuf[0].bufOffset": 52, "varBuf[3].tickCount": 96,
      ]),
    .init(
      "iracing_variable", 144, nil,
      ["type": 0, "offset": 4, "count": 8, "name": 16, "desc": 48, "unit": 112]),
  ]
}

@Suite struct BundledLayoutTests {
  @Test(arguments: PublishedLayout.all)
  func theParserGivesThePublishedNumbers(_ layout: PublishedLayout) {
    var script = "local T = shm.layouts.\(layout.name) print(T:size(), T:object())\n"
    var expected = "\(layout.size)\t\(layout.object ?? "nil")\n"
    for (path, offset) in layout.offsets {
      script += "print((T:offset '\(path)'))\n"
      expected += "\(offset)\n"
    }
    let outcome = moonpool("-e", script, session: Places.unique())
    #expect(outcome.output == expected)
    #expect(outcome.errors == "")
  }

  @Test(arguments: PublishedLayout.all)
  func theCompilerGivesThePublishedNumbers(_ layout: PublishedLayout) {
    // The first line tells the ABI, the second the type; the declarations follow.
    let source = moonpool(
      "-e",
      """
      local folder = '\(Places.repository)/Sources/CBundle/Layouts/'
      local function load(name) return dofile(folder .. name .. '.lua') end
      for _, entry in ipairs(loadfile(folder .. 'layouts.lua')(load).list) do
        if entry[1] == '\(layout.name)' then
          local tag = entry.text:find('struct ' .. entry.type .. ' {', 1, true)
          io.write(entry.abi, '\\n', tag and 'struct ' or '', entry.type, '\\n', entry.text)
        end
      end
      """, session: Places.unique()
    ).output.split(separator: "\n", maxSplits: 2)
    guard source.count == 3 else {
      Issue.record("no layout \(layout.name) in layouts.lua")
      return
    }
    guard let compiler = Compiler(abi: source[0]) else { return }
    var program = "#include <stddef.h>\n\(source[2])\ntypedef \(source[1]) root;\n"
    program += "_Static_assert(sizeof(root) == \(layout.size), \"size\");\n"
    for (path, offset) in layout.offsets {
      program += "_Static_assert(offsetof(root, \(path)) == \(offset), \"\(path)\");\n"
    }
    let outcome = compiler.check(program)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func theListIsThatOfTheTestAndParsesNothing() {
    let outcome = moonpool(
      "-e",
      """
      for name, what in pairs(shm.layouts) do print(name) assert(#what > 5) end
      for name in pairs(debug.getmetatable(shm.layouts).parsed) do print("parsed " .. name) end
      """, session: Places.unique())
    let names = PublishedLayout.all.map(\.name).sorted()
    #expect(outcome.output == names.map { "\($0)\n" }.joined())
  }

  @Test func aNameThatIsNotBundledIsMisuse() {
    let script = """
      for _, name in ipairs { "mumble", "rtss_ap", "Core_Tmep", "nothing" } do
        print(select(2, pcall(function() return shm.layouts[name] end)))
      end
      """
    let outcome = moonpool("-e", script, session: Places.unique())
    let lines = [
      "'mumble'; near: mumble_linux, mumble_windows", "'rtss_ap'; near: rtss_app",
      "'Core_Tmep'; near: core_temp", "'nothing'",
    ].map {
      "(command line):2: shm.layouts has no \($0); pairs(shm.layouts) goes through what it has\n"
    }
    #expect(outcome.output == lines.joined())
  }

  @Test func aLayoutIsParsedOnce() {
    let outcome = moonpool(
      "-e", "print(rawequal(shm.layouts.rtss, shm.layouts.rtss))", session: Places.unique())
    #expect(outcome.output == "true\n")
  }
}

/// The compiler whose layout an ABI is.
struct Compiler {
  private let path: String

  /// Nil, with the reason printed: it is not installed.
  init?(abi: Substring = "linux") {
    path = abi == "windows" ? "/usr/bin/x86_64-w64-mingw32-gcc" : "/usr/bin/gcc"
    if access(path, X_OK) != 0 {
      print("skipped: \(path) is not installed")
      return nil
    }
  }

  func check(_ program: String) -> Outcome {
    run(path, ["-std=gnu11", "-fsyntax-only", "-x", "c", "-"], input: .text(program))
  }

  /// A program of its own, removed by the caller.
  func build(_ program: String) -> String? {
    let output = "/tmp/\(Places.unique("moonpool-c"))"
    let outcome = run(
      path, ["-std=gnu11", "-O1", "-x", "c", "-o", output, "-", "-lm"], input: .text(program))
    if outcome.status != 0 { Issue.record("\(outcome.errors)") }
    return outcome.status == 0 ? output : nil
  }
}
