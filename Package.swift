// swift-tools-version: 6.2
// The house: each target has one job and depends only on those above it.

import PackageDescription

let strictC: [CSetting] = [.treatAllWarnings(as: .error)]
let strictSwift: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// Tests, and the programs that they run.
let tests: [Target] = [
  // Processes, unique names and the built binaries, for all test targets.
  .target(name: "TestSupport", dependencies: ["CShm", "SharedMemory"], path: "Tests/Support"),
  // One process of a test of named objects.
  .executableTarget(
    name: "named-worker", dependencies: ["SharedMemory"], path: "Tests/named-worker"),
  // Random C declarations, what compilers say of them, and broken ones.
  .target(
    name: "LayoutTrials",
    dependencies: ["SharedMemory", "Declarations", "Compilers", "TestSupport"],
    path: "Tests/LayoutTrials"),
  .executableTarget(
    name: "layout-fuzz", dependencies: ["LayoutTrials", "SharedMemory"], path: "Tests/layout-fuzz"),
  .testTarget(
    name: "SharedMemoryTests",
    dependencies: ["SharedMemory", "CShm", "TestSupport", "LayoutTrials", "named-worker"]),
  .testTarget(
    name: "LuaHostTests",
    dependencies: ["LuaHost", "SharedMemory", "CLua", "CLuaShm", "Actors", "TestSupport"]),
  // Scripts on C stacks of their own, in a world that says "later"; and their images.
  .target(
    name: "Actors", dependencies: ["CLua", "CLuaShm", "CShm"], path: "Tests/Actors",
    cSettings: strictC),
  // A kind that the program does not have, and what is said when a part of one is missing.
  .target(
    name: "Latch", dependencies: ["CLua", "CLuaShm", "CShm"], path: "Tests/Latch",
    exclude: ["api_latch.lua"],
    cSettings: strictC + [.headerSearchPath("../../Sources/CLuaShm")]),
  .testTarget(
    name: "WaitableKindTests",
    dependencies: ["Latch", "LuaHost", "CLuaShm", "SharedMemory", "moonpool", "TestSupport"]),
  // Reads lines with the editor, for tests that look at the screen.
  .executableTarget(name: "editor-demo", dependencies: ["Console"], path: "Tests/editor-demo"),
  .testTarget(name: "ConsoleTests", dependencies: ["Console", "TestSupport", "editor-demo"]),
  .testTarget(
    name: "MoonpoolTests",
    dependencies: [
      "moonpool", "killat", "killstep", "named-victim", "torture", "Console", "SharedMemory",
      "TestSupport",
    ]),
  // Scenarios: real processes, faults, verdicts; Tests/Scenarios has those inside of the binary.
  .testTarget(
    name: "ScenarioTests",
    dependencies: [
      "moonpool", "Scenarios", "LuaHost", "SharedMemory", "CLuaShm", "CShm", "TestSupport",
    ],
    swiftSettings: strictSwift),
  // One trial of the explorer, in a process of its own, as a model has tables of the process.
  .executableTarget(
    name: "explorer-trials",
    dependencies: ["Explorer", "LuaHost", "Scenarios", "SharedMemory", "TestSupport"],
    path: "Tests/explorer-trials", swiftSettings: strictSwift),
  // The explorer: its corpus, sets of outcomes by each search, mutants, reports.
  .testTarget(
    name: "ExplorerTests", dependencies: ["moonpool", "explorer-trials", "TestSupport"],
    exclude: ["Reports"], swiftSettings: strictSwift),
  // The lifetime protocol's table, explored with all interleavings and all kills.
  .target(
    name: "LifetimeModel", dependencies: ["SharedMemory"], path: "Tests/LifetimeModel",
    swiftSettings: strictSwift),
  .executableTarget(
    name: "lifetime-model", dependencies: ["LifetimeModel"], path: "Tests/lifetime-model",
    swiftSettings: strictSwift),
  .testTarget(
    name: "LifetimeModelTests",
    dependencies: ["LifetimeModel", "SharedMemory", "TestSupport"],
    swiftSettings: strictSwift),
  // The words of named objects, explored in the same way.
  .testTarget(
    name: "NamedModelTests", dependencies: ["SharedMemory"], swiftSettings: strictSwift),
  // The steps of queues' rings, explored in every order and with deaths, and wrong on purpose.
  .target(
    name: "RingModel", dependencies: ["COperations", "CShm"], path: "Tests/RingModel",
    cSettings: strictC + [.headerSearchPath("../../Sources/COperations")]),
  .executableTarget(name: "ring-model", dependencies: ["RingModel"], path: "Tests/ring-model"),
  .testTarget(
    name: "RingModelTests",
    dependencies: ["RingModel", "SharedMemory", "COperations", "CShm", "TestSupport"],
    swiftSettings: strictSwift),
  // A process that speaks and misbehaves like a wineserver; hostile answers; real ones.
  .executableTarget(
    name: "wineserver-double", path: "Tests/wineserver-double", cSettings: strictC),
  .target(name: "WineTrials", dependencies: ["Wine", "SharedMemory"], path: "Tests/WineTrials"),
  .executableTarget(name: "wine-fuzz", dependencies: ["WineTrials"], path: "Tests/wine-fuzz"),
  .testTarget(
    name: "WineTests",
    dependencies: [
      "Wine", "WineTrials", "SharedMemory", "TestSupport", "wineserver-double", "moonpool",
    ],
    exclude: ["Programs"]),
  // Runs a program and kills it at its Nth system call (ptrace).
  .executableTarget(name: "killat", path: "Tests/killat", cSettings: strictC),
  // Steps a program through an operation and kills it at each instruction (ptrace).
  .executableTarget(name: "killstep", path: "Tests/killstep", cSettings: strictC),
  .executableTarget(
    name: "named-victim", dependencies: ["SharedMemory", "TestSupport"],
    path: "Tests/named-victim"),
  // Random kills of random processes, with checks that do not trust the library.
  .executableTarget(
    name: "torture", dependencies: ["LuaHost", "SharedMemory", "TestSupport"],
    path: "Tests/torture"),
  // The protocol's system calls in C, and what the library costs beside them.
  .target(
    name: "BareCalls", dependencies: ["CLua", "COperations", "CShm"], path: "Tests/BareCalls",
    cSettings: strictC),
  .executableTarget(
    name: "bench",
    dependencies: ["BareCalls", "COperations", "CShm", "LuaHost", "SharedMemory", "TestSupport"],
    path: "Tests/bench", exclude: ["peers"]),
]

let package = Package(
  name: "moonpool",
  products: [
    .library(name: "SharedMemory", targets: ["SharedMemory"]),
    .library(name: "Wine", targets: ["Wine"]),
    .executable(name: "moonpool", targets: ["moonpool"]),
    // The module "shm" for a stock lua5.4; `scripts/build` names it shm.so.
    .library(name: "shm", type: .dynamic, targets: ["LuaHost"]),
  ],
  dependencies: [
    // The command line of the inspecting commands: usage, help and completions that
    // nobody has to write by hand. Scripts never reach it, so start-up does not pay.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Debian's shared liblua5.4, so that Debian's C modules load into the host.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    // What Swift cannot say: OFD locks, an exact mkdir, the SIGBUS guard.
    .target(name: "CShm", cSettings: strictC),
    // Each operation on shared memory once, for Lua and for Swift.
    .target(
      name: "COperations", dependencies: ["CShm"],
      exclude: ["broadcast-steps.def", "ring-steps.def"], cSettings: strictC),
    // The one rule for what of a text may reach a terminal.
    .target(name: "PrintableText", swiftSettings: strictSwift),
    // The C reader: text in, layouts out. It needs no memory; of CShm only the image's form, of
    // COperations how far two names are apart.
    .target(
      name: "Declarations", dependencies: ["CShm", "COperations", "PrintableText"],
      swiftSettings: strictSwift),
    // What compilers say of declarations: starts one, reads the types out of its object file.
    .target(name: "Compilers", dependencies: ["Declarations"], swiftSettings: strictSwift),
    // Names, objects, views, lifetime. No Lua, no Foundation.
    .target(
      name: "SharedMemory",
      dependencies: ["CShm", "COperations", "PrintableText", "Declarations"],
      swiftSettings: strictSwift),
    // Windows programs' memory under Wine: wineserver's protocol. Its users are below it.
    .target(name: "Wine", dependencies: ["SharedMemory"], swiftSettings: strictSwift),
    // The Lua texts inside the binary. clang takes #embed, and says each time that C17 has it not.
    .target(
      name: "CBundle", exclude: ["Api", "Layouts", "Plays", "Prompt", "Reference.md"],
      cSettings: strictC + [.disableWarning("c23-extensions")]),
    // Every function that Lua calls, and the only code that raises.
    .target(
      name: "CLuaShm", dependencies: ["CLua", "COperations", "CShm"],
      exclude: ["World/operations.def"],
      cSettings: strictC + [.headerSearchPath(".")]),
    // The interpreter: makes a state, runs programs, answers the C module from SharedMemory.
    .target(
      name: "LuaHost",
      dependencies: [
        "SharedMemory", "Wine", "Compilers", "CBundle", "CLuaShm", "CLua", "COperations",
      ],
      swiftSettings: strictSwift),
    // Several processes from one file, faults included: the conductor, verdicts, reports.
    .target(
      name: "Scenarios",
      dependencies: ["LuaHost", "SharedMemory", "PrintableText", "CLuaShm", "CShm"],
      swiftSettings: strictSwift),
    // The model of a scenario: its actors inside of one process, every interleaving, every kill.
    .target(
      name: "Explorer",
      dependencies: ["Scenarios", "LuaHost", "SharedMemory", "PrintableText", "CLuaShm", "CShm"],
      swiftSettings: strictSwift),
    // What a person at a terminal sees and types.
    .target(
      name: "Console", dependencies: ["LuaHost", "Wine", "PrintableText", "CShm"],
      swiftSettings: strictSwift),
    // The commands, one file each.
    .executableTarget(
      name: "moonpool",
      dependencies: [
        "Console", "Explorer", "LuaHost", "Scenarios", "SharedMemory", "Wine", "Compilers",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strictSwift),
  ]
    + tests
)
