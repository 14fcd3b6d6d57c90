extension Layout {
  /// The compiler whose rules place the members.
  public enum ABI: UInt32, Sendable, Hashable, CaseIterable {
    /// gcc for x86-64 Linux, by the System V ABI: `long` has 8 bytes, `wchar_t` 4.
    case linux
    /// Microsoft's compiler for x64, as `clang --target=x86_64-pc-windows-msvc` follows it: `long`
    /// has 4 bytes, `long double` 8, `wchar_t` 2; bit-fields of different sizes share no unit; an
    /// alignment that was asked for is never lowered.
    case windows
    /// `x86_64-w64-mingw32-gcc`: Windows' sizes except for `long double` (16 bytes), and gcc's
    /// rules.
    case mingw
  }
}

/// A member that has not been placed yet.
struct LayoutMember {
  var name: String
  var type: LayoutTypeID
  /// A bit-field's width in bits; nil: it is no bit-field.
  var width: UInt64?
  /// The member's own `aligned(n)`, in bytes; 0: none.
  var alignment: UInt64 = 0
  var isPacked = false
  /// It is a base class rather than a member.
  var isBase = false
  let position: Int

  var isBitField: Bool { width != nil }
}

/// Places the members of one struct or union, one after the other.
protocol LayoutPlacing {
  /// Returns the bit at which the member begins.
  mutating func place(
    _ member: LayoutMember, _ types: LayoutTypes, isLast: Bool
  ) throws(LayoutFault) -> UInt64
  /// After the last member: sets the size, the alignment, and what a derived class needs to know.
  mutating func finish(_ type: inout LayoutType)
}
