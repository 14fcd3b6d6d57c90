import Glibc
import SharedMemory
import TestSupport

/// An operation on an object, and what others have done to the object's name before.
struct FaultScenario: Sendable {
  enum World: Sendable { case empty, held, dead }

  let name: String
  /// What the errors of the operation name.
  let operation: String
  /// The object's name; nil: it has none.
  let object: String?
  let world: World
  /// What the operation says when nothing fails; nil: it succeeds.
  let refusal: ErrorCode?
  /// Arms the faults for what is to fail, and gives up whatever it acquired.
  let run: @Sendable (Session, Faults) throws(SharedMemoryError) -> Void

  var isRaw: Bool { object?.first == "/" }

  static let long = String(repeating: "n", count: 300)
  static let content = "kept"

  static let all = creations + openings + others

  private static func creation(
    _ name: String, _ object: String?, _ world: World = .empty, refusal: ErrorCode? = nil,
    _ options: MemoryObject.CreateOptions = .init()
  ) -> FaultScenario {
    FaultScenario(
      name: name, operation: "create", object: object, world: world, refusal: refusal
    ) { session, faults throws(SharedMemoryError) in
      faults.arm()
      let made = try MemoryObject.create(object, size: 4096, options, in: session)
      faults.disarm()
      made.close()
    }
  }

  private static let creations = [
    creation("a new name", "x"),
    creation("a new Global name", #"Global\x"#),
    creation("a new long name", long),
    creation("a new reserved object", "x", .init(reserve: true)),
    creation("a new read-only object", "x", .init(access: .read)),
    creation("a new exclusive name", "x", .init(exclusive: true)),
    creation("a name that is held", "x", .held),
    creation("a Global name that is held", #"Global\x"#, .held),
    creation("a long name that is held", long, .held),
    creation(
      "an exclusive name that is held", "x", .held, refusal: .alreadyExists,
      .init(exclusive: true)),
    creation("the name of a dead object", "x", .dead),
    creation("the Global name of a dead object", #"Global\x"#, .dead),
    creation("the long name of a dead object", long, .dead),
    creation("a new POSIX name", "/x"),
    creation("a POSIX name that exists", "/x", .held),
    creation(
      "an exclusive POSIX name that exists", "/x", .held, refusal: .alreadyExists,
      .init(exclusive: true)),
    creation("no name", nil),
    creation("no name, reserved", nil, .init(reserve: true)),
  ]

  private static func creation(
    _ name: String, _ object: String?, _ options: MemoryObject.CreateOptions
  ) -> FaultScenario {
    creation(name, object, .empty, refusal: nil, options)
  }

  private static func opening(
    _ name: String, _ object: String, _ world: World, refusal: ErrorCode? = nil,
    access: Access = .readWrite
  ) -> FaultScenario {
    FaultScenario(
      name: name, operation: "open", object: object, world: world, refusal: refusal
    ) { session, faults throws(SharedMemoryError) in
      faults.arm()
      let opened = try MemoryObject.open(object, access: access, in: session)
      faults.disarm()
      opened.close()
    }
  }

  private static let openings = [
    opening("a name that is held", "x", .held),
    opening("a name that is held, to read", "x", .held, access: .read),
    opening("a Global name that is held", #"Global\x"#, .held),
    opening("a long name that is held", long, .held),
    opening("a name that nobody holds", "x", .empty, refusal: .fileNotFound),
    opening("the name of a dead object", "x", .dead, refusal: .fileNotFound),
    opening("a POSIX name that exists", "/x", .held),
    opening("a POSIX name that does not exist", "/x", .empty, refusal: .fileNotFound),
  ]

  private static func mapping(_ object: String?, _ access: Access) -> FaultScenario {
    FaultScenario(
      name: "\(object ?? "no name"), \(access)", operation: "map", object: object, world: .empty,
      refusal: nil
    ) { session, faults throws(SharedMemoryError) in
      let made = try MemoryObject.create(object, size: 4096, in: session)
      faults.arm()
      defer { faults.disarm() }
      let second = made.duplicate()
      let view = try made.map(access: access)
      _ = try view.read(4096)
      faults.disarm()
      second.close()
    }
  }

  private static let others =
    Access.allCases.flatMap { [mapping("x", $0), mapping("/x", $0), mapping(nil, $0)] } + [
      FaultScenario(
        name: "the last handle", operation: "close", object: "x", world: .empty, refusal: nil
      ) { session, faults throws(SharedMemoryError) in
        let made = try MemoryObject.create("x", size: 4096, in: session)
        let copy = made.duplicate()
        copy.close()
        faults.arm()
        made.close()
      },
      FaultScenario(
        name: "one of two handles", operation: "close", object: "x", world: .held, refusal: nil
      ) { session, faults throws(SharedMemoryError) in
        let opened = try MemoryObject.open("x", in: session)
        faults.arm()
        opened.close()
      },
      FaultScenario(
        name: "a POSIX name", operation: "unlink", object: "/x", world: .empty, refusal: nil
      ) { session, faults throws(SharedMemoryError) in
        try MemoryObject.create("/x", size: 1, in: session).close()
        faults.arm()
        defer { faults.disarm() }
        try MemoryObject.unlink("/x", in: session)
      },
      FaultScenario(
        name: "what lives", operation: "list", object: "x", world: .held, refusal: nil
      ) { session, faults throws(SharedMemoryError) in
        faults.arm()
        _ = try session.list(.local)
      },
    ]
}
