/// An open file description's number, closed with its owner.
///
/// `~Copyable`: exactly one place owns a descriptor, and the compiler says which.
package struct Descriptor: ~Copyable, Sendable {
  package private(set) var number: Int32
  private let system: System

  package init(_ number: Int32, _ system: System) {
    self.number = number
    self.system = system
  }

  /// No descriptor: what is declared before it is opened. Calls with it fail with EBADF.
  package static var none: Descriptor { Descriptor(-1, System()) }

  package var isOpen: Bool { number >= 0 }

  deinit { if number >= 0 { system.close(number) } }

  /// Gives the number away; whoever takes it closes it.
  package mutating func give() -> Int32 {
    defer { number = -1 }
    return number
  }
}
