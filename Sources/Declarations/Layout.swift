/// What C declarations say about memory (sizes, offsets, bit positions), as gcc lays it out.
///
///     let point = try Layout("struct Point { float x, y; uint32_t flags : 3; };")
///     try point.offset(of: "y")  // 4
///
/// It accepts C as headers contain it: structs, unions, arrays, enums, typedefs, bit-fields,
/// pointers (as integers), `#pragma pack`, attributes, `#define`, conditions, constant expressions,
/// and the names of stdint and Windows. Structs, unions and arrays may be nested up to 100 levels,
/// and a byte may belong to at most 1,024 values, as each level of nested unions may double them.
/// Lua: `shm.layout(text)`.
public struct Layout: Sendable {
  /// The compiler whose rules placed the members.
  public let abi: ABI
  package let types: LayoutTypes
  package let root: LayoutTypeID
  private let named: [(name: String, value: Int64)]

  /// Reads declarations, and chooses the type as which memory is to be seen: `type` (a tag or a
  /// typedef's name), or else the last struct or union defined at file scope.
  ///
  /// - Throws: what is wrong, with line and column.
  public init(
    _ declarations: String, abi: ABI = .linux, type: String? = nil
  ) throws(LayoutError) {
    try self.init(bytes: Array(declarations.utf8), Options(abi: abi, type: type))
  }

  /// The same, with all options.
  public init(_ declarations: String, options: Options) throws(LayoutError) {
    try self.init(bytes: Array(declarations.utf8), options)
  }

  /// The same for bytes that may not be UTF-8, which is allowed in comments and string literals.
  package init(bytes: [UInt8], abi: ABI, type: String?) throws(LayoutError) {
    try self.init(bytes: bytes, Options(abi: abi, type: type))
  }

  package init(bytes: [UInt8], _ options: Options) throws(LayoutError) {
    self = try LayoutDeclarations(bytes, options).layout(options.type)
  }

  init(
    abi: ABI, _ types: LayoutTypes, _ root: LayoutTypeID,
    _ constants: [(name: String, value: Int64)], _ assumed: [String]
  ) {
    self.abi = abi
    self.types = types
    self.root = root
    named = constants
    undefined = assumed
  }

  /// False: it is what the members have that lie in alignment; a packed type's may be less.
  var isAlignmentTold = true

  /// The same with the alignment that its compiler tells.
  package func aligned(to alignment: Int) -> Layout {
    guard alignment > 0, alignment & (alignment - 1) == 0 else { return self }
    var types = types
    types[root].alignment = UInt64(alignment)
    var layout = Layout(abi: abi, types, root, named, undefined)
    layout.isAlignmentTold = true
    return layout
  }

  /// Macros that conditions asked for, that nobody defined and that no compiler knows: they were
  /// taken as undefined, as by a compiler without `-D`. In the order of the text.
  public let undefined: [String]

  /// `sizeof` the type, in bytes.
  public var size: Int { Int(types[root].size) }

  /// The type's alignment in bytes, a power of two.
  public var alignment: Int { Int(types[root].alignment) }

  /// The type's tag or typedef name; empty if it has none.
  public var name: String { types[root].name }

  /// The text's enumerators, integer `#define`s and constants. A value above 2^63-1 appears as the
  /// negative number with the same bits. Lua: `layout:constants()`.
  public var constants: [String: Int64] {
    Dictionary(named.map { ($0.name, $0.value) }) { first, _ in first }
  }

  /// The same, in the order of the text.
  var orderedConstants: [(name: String, value: Int64)] { named }
}

/// A text that is read once, for layouts of any of its types.
package struct LayoutDeclarations {
  private let parser: LayoutParser
  private let options: Layout.Options

  /// - Throws: what is wrong, with line and column.
  package init(_ bytes: [UInt8], _ options: Layout.Options) throws(LayoutError) {
    let isCPlusPlus = options.language == .cPlusPlus
    var parser = LayoutParser(bytes, LayoutReading(options, isCPlusPlus: isCPlusPlus))
    do throws(LayoutFault) {
      do throws(LayoutFault) {
        try parser.parse()
      } catch {
        guard error.isCPlusPlus else { throw error }
        parser = LayoutParser(bytes, LayoutReading(options, isCPlusPlus: true))
        try parser.parse()
      }
    } catch {
      throw LayoutError(
        error.naming(nearTo: parser), in: parser.preprocessor.lexer, options.file)
    }
    self.parser = parser
    self.options = options
  }

  /// - Parameter name: a tag or a typedef's name; nil: the last struct or union at file scope.
  package func layout(_ name: String?) throws(LayoutError) -> Layout {
    var parser = parser  // a known header's types are added to it
    do throws(LayoutFault) {
      let root = try parser.root(name)
      return Layout(
        abi: options.abi, parser.types, root, parser.constants, parser.preprocessor.assumed)
    } catch {
      throw LayoutError(
        error.naming(nearTo: parser), in: parser.preprocessor.lexer, options.file)
    }
  }
}

extension LayoutParser {
  /// Declares a type that only headers have: `type = "timespec"`.
  private mutating func namedRoot(_ name: String) throws(LayoutFault) -> LayoutTypeID? {
    if let type = try assume(name, isTag: false, token.position) { return type }
    return try assume(name, isTag: true, token.position)
  }

  /// The type with this name, or the last struct or union.
  mutating func root(_ name: String?) throws(LayoutFault) -> LayoutTypeID {
    guard let name else {
      if let lastRecord {
        // Reports all undeclared names at once, not only those that this type lacks.
        if types[lastRecord].lacks != nil, let fault = mentioned.fault { throw fault }
        try checkShareable(types[lastRecord])
        return lastRecord
      }
      throw LayoutFault(token.position, "no struct or union is defined here")
    }
    var found = root(named: name)
    if found == nil { found = try namedRoot(name) }
    guard let id = found else {
      throw LayoutFault(
        token.position,
        "no type is named '\(Self.shortened(name))'\(NearNames.text(name, among: ownNames))")
    }
    let type = types[id]
    try checkShareable(type)
    if !type.isComplete || type.kind == .void || type.kind == .function {
      throw LayoutFault(
        token.position, "the size of '\(Self.shortened(name))' is not known")
    }
    return id
  }
}
