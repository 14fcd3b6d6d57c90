extension Layout {
  /// Whose memory it is: which compiler's rules place the members.
  public enum ABI: UInt32, Sendable, Hashable, CaseIterable {
    /// gcc for x86-64 Linux, System V's rules: `long` 8 bytes, `wchar_t` 4.
    case linux
    /// Microsoft's compiler for x64, as `clang --target=x86_64-pc-windows-msvc` has it: `long` 4
    /// bytes, `long double` 8, `wchar_t` 2; bit-fields of unlike sizes share no unit, and an
    /// alignment that is asked for is never lowered.
    case windows
    /// `x86_64-w64-mingw32-gcc`: Windows' sizes, but a `long double` of 16 bytes, and gcc's ways.
    case mingw
  }
}

/// A member before it has its place.
struct LayoutMember {
  var name: String
  var type: LayoutTypeID
  /// Of a bit-field; nil: none.
  var width: UInt64?
  /// `aligned(n)` of the member itself, in bytes; 0: none.
  var alignment: UInt64 = 0
  var isPacked = false
  /// It is no member but the base class.
  var isBase = false
  let position: Int

  var isBitField: Bool { width != nil }
}

/// Gives the members of one struct or union their places, one after the other.
protocol LayoutPlacing {
  /// The bit at which the member begins.
  mutating func place(
    _ member: LayoutMember, _ types: LayoutTypes, isLast: Bool
  ) throws(LayoutFault) -> UInt64
  /// After the last member: sets the size, the alignment, and what a derived class needs to know.
  mutating func finish(_ type: inout LayoutType)
}
