// swift-tools-version: 6.2
// A program of somebody else's that uses the library alone; ConsumerTests builds and runs it.

import PackageDescription

let package = Package(
  name: "consumer",
  dependencies: [.package(name: "moonpool", path: "../..")],
  targets: [
    .executableTarget(
      name: "consumer", dependencies: [.product(name: "SharedMemory", package: "moonpool")])
  ]
)
