import BareCalls
import Glibc
import SharedMemory
import TestSupport

/// `create` and `close`, `open` and `close`, with so many other names alive in the namespace.
func measureNames(among names: Int, _ report: inout Report) {
  let word = Places.unique("bench")
  let holders = startHolders(names, session: word)
  defer { for holder in holders { holder.closeInput() } }
  let session = Session(named: word)
  let kept = try! MemoryObject.create("kept", size: 256, in: session)
  let directory = open(String(kept.path!.dropLast(5)), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  defer { close(directory) }

  let created = compare {
    _ = try! MemoryObject.create("ours", size: 256, in: session)
  } _: {
    precondition(bare_create_close(directory, "bare") == 0)
  }
  report.add("create+close among \(names)", ours: created.ours, bare: created.bare, budget: 1.5)

  let opened = compare {
    _ = try! MemoryObject.open("kept", in: session)
  } _: {
    precondition(bare_open_close(directory, "kept") == 0)
  }
  report.add("open+close among \(names)", ours: opened.ours, bare: opened.bare, budget: 1.5)
  for holder in holders {
    holder.closeInput()
    holder.wait()
  }
}

/// As many processes as the limit of descriptors asks for; returns when all names are there.
func startHolders(_ names: Int, session: String) -> [Child] {
  let most = 4_000
  var holders: [Child] = []
  for first in stride(from: 0, to: names, by: most) {
    holders.append(
      Child(
        "\(Places.binaries)/bench", ["hold", "\(min(most, names - first))"],
        environment: ["MOONPOOL_SESSION": session], input: .open))
  }
  for holder in holders { precondition(holder.prints("ready", within: 120)) }
  return holders
}

/// Holds so many names until standard input ends.
func hold(_ names: Int) {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(7), &limit)
  var objects = UniqueArray(capacity: names)
  for number in 0..<names {
    objects.append(try! MemoryObject.create("held-\(getpid())-\(number)", size: 1))
  }
  print("ready")
  fflush(nil)
  _ = getchar()
}

/// Keeps what cannot be copied until its own end.
private struct UniqueArray: ~Copyable {
  private let storage: UnsafeMutableBufferPointer<MemoryObject>
  private var count = 0

  init(capacity: Int) { storage = .allocate(capacity: capacity) }

  mutating func append(_ object: consuming MemoryObject) {
    storage.initializeElement(at: count, to: object)
    count += 1
  }

  deinit {
    storage.extracting(..<count).deinitialize()
    storage.deallocate()
  }
}
