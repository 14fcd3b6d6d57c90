/// The number of an open file description; closed when its owner goes.
///
/// `~Copyable`: exactly one place owns a descriptor, and the compiler checks it.
package struct Descriptor: ~Copyable, Sendable {
  package private(set) var number: Int32
  private let system: System

  package init(_ number: Int32, _ system: System) {
    self.number = number
    self.system = system
  }

  /// No descriptor, for variables that are declared before a file is opened. Calls with it fail
  /// with EBADF.
  package static var none: Descriptor { Descriptor(-1, System()) }

  package var isOpen: Bool { number >= 0 }

  deinit { if number >= 0 { system.close(number) } }

  /// Gives up the number; whoever takes it must close it.
  package mutating func give() -> Int32 {
    defer { number = -1 }
    return number
  }
}
