internal import CShm

/// What an owner has in one named object, as the C module's fast paths use it: its slot, and how
/// often it has locked the mutex. A child of `fork` finds it empty; see `CShmClaims.h`.
struct NamedClaim: @unchecked Sendable {
  /// Shared by all the owner's handles; it never moves.
  let plain: UnsafeMutablePointer<cshm_claim>

  init() {
    plain = .allocate(capacity: 1)
    plain.initialize(to: cshm_claim())
  }

  func deallocate() { plain.deallocate() }

  /// The state of a mutex that the owner holds; no mark in it: the owner has no slot yet.
  var token: NamedState { NamedState(rawValue: cshm_claim_token(plain)) }

  /// The owner's mark; nil: it has no slot yet.
  var mark: NamedMark? { token.mark == .none ? nil : token.mark }

  /// How often the owner has locked the mutex; only the owner's own thread uses it.
  var depth: UInt32 {
    get { plain.pointee.depth }
    nonmutating set { plain.pointee.depth = newValue }
  }

  /// Which of the slot's role bytes are locked. Both are changed only while forks are held.
  func has(_ role: RingRole) -> Bool { plain.pointee.roles & role.bit != 0 }
  func add(_ role: RingRole) { cshm_store32(roles, plain.pointee.roles | role.bit) }
  func remove(_ role: RingRole) { cshm_store32(roles, plain.pointee.roles & ~role.bit) }

  private var roles: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(plain) + MemoryLayout<cshm_claim>.offset(of: \.roles)!
  }

  /// The open file that carries the slot's locks; only while there is a mark and forks are held.
  var descriptor: Int32 { plain.pointee.descriptor }

  /// Only while forks are held.
  func begin(_ mark: NamedMark, _ descriptor: consuming Descriptor) {
    cshm_claim_begin(plain, NamedState(mark, NamedState.held).rawValue, descriptor.give())
  }

  /// Only while forks are held. Returns the descriptor, which the caller must close.
  func end() -> Int32 { cshm_claim_end(plain) }
}
