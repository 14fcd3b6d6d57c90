internal import CShm

/// What an owner has in one named object, as the C module's fast paths use it: its slot, and how
/// often it holds the mutex. In a child of `fork` it is empty again; see `CShmClaims.h`.
struct NamedClaim: @unchecked Sendable {
  /// One for all handles of the owner, never moved.
  let plain: UnsafeMutablePointer<cshm_claim>

  init() {
    plain = .allocate(capacity: 1)
    plain.initialize(to: cshm_claim())
  }

  func deallocate() { plain.deallocate() }

  /// The state of a mutex that the owner holds; nothing before it has a slot.
  var token: NamedState { NamedState(rawValue: cshm_claim_token(plain)) }

  /// The owner's mark; nil before it has a slot.
  var mark: NamedMark? { token.mark == .none ? nil : token.mark }

  /// How often the owner holds the mutex; only its own thread touches it.
  var depth: UInt32 {
    get { plain.pointee.depth }
    nonmutating set { plain.pointee.depth = newValue }
  }

  /// Only between forks.
  func begin(_ mark: NamedMark, _ descriptor: consuming Descriptor) {
    cshm_claim_begin(plain, NamedState(mark, NamedState.held).rawValue, descriptor.give())
  }

  /// Only between forks. Returns the descriptor, which is then the caller's to close.
  func end() -> Int32 { cshm_claim_end(plain) }
}
