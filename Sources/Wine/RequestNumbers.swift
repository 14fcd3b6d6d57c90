internal import SharedMemory
internal import Synchronization

/// The requests that we make of a wineserver, by their names in its own table.
package enum WineRequest: String, CaseIterable {
  case initFirstThread = "init_first_thread"
  case openMapping = "open_mapping"
  case createMapping = "create_mapping"
  case getMappingInfo = "get_mapping_info"
  case getHandleDescriptor = "get_handle_fd"
  case allocFileHandle = "alloc_file_handle"
  case closeHandle = "close_handle"
  // For looking around. A server that lacks one of these still serves all others.
  case openDirectory = "open_directory"
  /// Up to Wine 8.
  case getDirectoryEntry = "get_directory_entry"
  case getDirectoryEntries = "get_directory_entries"
  case getObjectInfo = "get_object_info"
  case listProcesses = "list_processes"
  case openProcess = "open_process"
  case dupHandle = "dup_handle"
  case compareObjects = "compare_objects"

  /// The requests without which nothing works.
  static let needed: [WineRequest] = [
    .initFirstThread, .openMapping, .createMapping, .getMappingInfo, .getHandleDescriptor,
    .allocFileHandle, .closeHandle,
  ]

  /// What `ls` and `who` need in addition. Of the two that list a directory, each version has one.
  static let lookingAround: [WineRequest] = [
    .openDirectory, .getObjectInfo, .listProcesses, .openProcess, .dupHandle,
    .compareObjects,
  ]
}

/// The number of each request in the running program.
///
/// The numbers change between versions, and no version number tells them apart: Debian's wine 8.0
/// says protocol 758, its 10.0 says 1. But for its debug output the program has a table of the
/// requests' names (`req_names` in wine's server/trace.c), an array of pointers that begins with
/// `new_process`; an entry's index is the request's number.
package struct RequestNumbers: Sendable {
  private let numbers: [String: Int32]
  /// `Wine 8.0`, as the program calls itself; empty: it does not.
  package let version: String

  package subscript(_ request: WineRequest) -> Int32? { numbers[request.rawValue] }

  /// How many requests the table has.
  package var count: Int { numbers.count }

  /// The necessary requests that the table lacks.
  package var missing: [WineRequest] { WineRequest.needed.filter { self[$0] == nil } }

  package init(_ names: [String], version: String = "") {
    var numbers: [String: Int32] = [:]
    // A name that occurs again belongs to whatever follows the table.
    for (index, name) in names.enumerated() where numbers[name] == nil {
      numbers[name] = Int32(index)
    }
    self.numbers = numbers
    self.version = version
  }

  /// Reads a program's file. If no table is found in it, no request has a number.
  package init(program bytes: [UInt8]) {
    guard let image = ElfImage(bytes) else {
      self.init([])
      return
    }
    self.init(Self.table(in: image), version: Self.version(in: image))
  }

  private static let first = ["new_process", "get_new_process_info"]
  private static let mostRequests = 2000

  private static func table(in image: ElfImage) -> [String] {
    // Each occurrence means a search through the file. A file made of such words must not take for
    // ever.
    let texts = image.occurrences(of: Array(first[0].utf8) + [0])
    for text in texts.prefix(16) {
      guard let target = image.address(of: text) else { continue }
      for start in image.pointers(to: target) {
        let names = words(from: start, in: image)
        if names.starts(with: first) { return names }
      }
    }
    return []
  }

  private static func words(from start: UInt64, in image: ElfImage) -> [String] {
    var names: [String] = []
    while names.count < mostRequests,
      let target = image.pointer(at: start &+ UInt64(names.count * image.width)),
      let name = image.word(at: target)
    {
      names.append(name)
    }
    return names
  }

  /// `Wine 8.0 (Debian …)`: the text that `wineserver --version` prints.
  private static func version(in image: ElfImage) -> String {
    for at in image.occurrences(of: Array("Wine ".utf8)) {
      let text = image.bytes[at...].prefix(40).prefix { 0x20..<0x7F ~= $0 }
      if text.dropFirst(5).first.map({ 0x30...0x39 ~= $0 }) == true {
        return String(decoding: text, as: UTF8.self)
      }
    }
    return ""
  }

  // MARK: The running program

  private struct File: Hashable {
    let device, inode: UInt64
    let size: Int
  }

  /// Each program is read once: a listing at every Tab would otherwise read the same table again.
  private static let known = Mutex<[File: RequestNumbers]>([:])
  /// In bytes. Debian's program has 0.6 MB.
  private static let largestProgram = 64 << 20

  /// The numbers of the program that a process runs.
  static func running(_ process: Int32, _ system: System) throws(Errno) -> RequestNumbers {
    let path = System.path("/proc/\(process)/exe")
    let status = try system.status(system.open(path, .readOnly))
    let file = File(device: status.device, inode: status.inode, size: status.size)
    if let numbers = known.withLock({ $0[file] }) { return numbers }
    if status.size > largestProgram { throw .fileTooBig }
    let numbers = RequestNumbers(program: try system.contents(path))
    known.withLock { $0[file] = numbers }
    return numbers
  }
}
