/// What C declarations say about memory: sizes, offsets, bit positions, as gcc lays them out.
///
///     let point = try Layout("struct Point { float x, y; uint32_t flags : 3; };")
///     try point.offset(of: "y")  // 4
///
/// It takes C as it stands in headers: structs, unions, arrays, enums, typedefs, bit-fields,
/// pointers (as integers), `#pragma pack`, attributes, `#define`, conditions, constant
/// expressions, stdint's and Windows' names. Structs, unions and arrays are in each other up to 100
/// levels deep, and one byte has at most 1,024 values, as each level of unions in unions may double
/// them. Lua: `shm.layout(text)`.
public struct Layout: Sendable {
  /// Whose rules place the members.
  public let abi: ABI
  package let types: LayoutTypes
  package let root: LayoutTypeID
  private let named: [(name: String, value: Int64)]

  /// Reads declarations, and keeps the type that memory is to be seen as: `type` (a tag or a
  /// typedef's name), else the last struct or union that is defined at file scope.
  ///
  /// - Throws: what is wrong, with line and column.
  public init(
    _ declarations: String, abi: ABI = .linux, type: String? = nil
  ) throws(LayoutError) {
    try self.init(bytes: Array(declarations.utf8), Options(abi: abi, type: type))
  }

  /// The same, with all that may be said about them.
  public init(_ declarations: String, options: Options) throws(LayoutError) {
    try self.init(bytes: Array(declarations.utf8), options)
  }

  /// The same for bytes that may be no UTF-8: they are allowed in comments and texts.
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

  /// `sizeof`, in bytes.
  public var size: Int { Int(types[root].size) }

  /// In bytes, a power of two.
  public var alignment: Int { Int(types[root].alignment) }

  /// The type's tag or typedef name; empty if it has none.
  public var name: String { types[root].name }

  /// Enumerators, integer `#define`s and constants of the text. A value above 2^63-1 appears as
  /// the negative number with the same bits. Lua: `layout:constants()`.
  public var constants: [String: Int64] {
    Dictionary(named.map { ($0.name, $0.value) }) { first, _ in first }
  }

  /// The same, in the order of the text.
  var orderedConstants: [(name: String, value: Int64)] { named }
}

/// A text that is read once, for the layouts of any of its types.
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

  /// `name`: a tag or a typedef's name; nil: the last struct or union at file scope.
  package func layout(_ name: String?) throws(LayoutError) -> Layout {
    var parser = parser  // whose types grow by a known header's, declared only now
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
  /// A name that only headers have: `type = "timespec"`.
  private mutating func namedRoot(_ name: String) throws(LayoutFault) -> LayoutTypeID? {
    if let type = try assume(name, isTag: false, token.position) { return type }
    return try assume(name, isTag: true, token.position)
  }

  /// The type of that name, or the last record.
  mutating func root(_ name: String?) throws(LayoutFault) -> LayoutTypeID {
    guard let name else {
      if let lastRecord {
        // All that nobody declares at once, not only what this one lacks.
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
