public import SharedMemory
internal import Synchronization

/// An object's bytes as a layout's fields, in the lines that `tostring(record)` has for a script.
///
/// An interpreter of its own reads the layout and makes the lines of copies: the object itself is
/// looked at as ever, without a handle.
public struct FieldListing: ~Copyable {
  /// Why the layout cannot be read.
  public struct Failure: Error {
    public let description: String
  }

  /// What the chunk says; nobody looks at a terminal here.
  private final class Answers: Terminal {
    private let text = Mutex<[UInt8]>([])
    func key() -> UInt8? { nil }
    func show(_ text: [UInt8], title: [UInt8]) { self.text.withLock { $0 = text } }
    var last: String { text.withLock { String(decoding: $0, as: UTF8.self) } }
  }

  private let interpreter: Interpreter
  private let answers: Answers
  /// Bytes of the layout; a last array without a count has none.
  public let size: Int

  /// Elements of a last array without a count are listed as far as these bytes behind it.
  private static let shown = 4096

  /// - Parameters:
  ///   - layout: a header's path, which has a dot or a slash, or a name of `shm.layouts`.
  ///   - type: of the header; nil: its last structure.
  public init(_ layout: String, type: String?) throws(Failure) {
    let answers = Answers()
    interpreter = try Self.opened(Self.chunk(layout, type), answers)
    self.answers = answers
    size = Int(answers.last) ?? 0
  }

  private static func chunk(_ layout: String, _ type: String?) -> String {
    let isFile = layout.contains { $0 == "." || $0 == "/" }
    let word = literal(Array(layout.utf8))
    let named = type.map { ", type = \(literal(Array($0.utf8)))" } ?? ""
    let made = isFile ? "shm.layout { file = \(word)\(named) }" : "shm.layouts[\(word)]"
    return """
      local made, layout = pcall(function() return \(made) end)
      if not made then
        local names = {}
        for name in pairs(shm.layouts) do names[#names + 1] = name end
        table.sort(names)
        layout = layout:gsub("^layout:%d+: ", ""):gsub("^shm%.layouts has no", "no layout is named")
        error(layout:gsub("; pairs%(.*", "; there are " .. table.concat(names, ", ")
          .. "; a header has a dot or a slash, such as ./FILE.h"), 0)
      end
      local view
      function fields(size, bytes)
        if not view or #view ~= size then view = assert(shm.create(nil, size, { reserve = true })) end
        console.message_box(tostring(view:write(bytes):as(layout)))
      end
      console.message_box(layout:size())
      """
  }

  private static func opened(
    _ chunk: String, _ answers: Answers
  ) throws(Failure) -> Interpreter {
    do {
      let interpreter = try Interpreter(console: answers)
      try interpreter.open()
      try interpreter.run(chunk, name: "=layout")
      return interpreter
    } catch let error as Interpreter.ScriptError {
      let text = error.description
      let end = text.firstRange(of: "\nstack traceback")?.lowerBound ?? text.endIndex
      throw Failure(description: String(text[..<end]))
    } catch {
      throw Failure(description: "not enough memory")
    }
  }

  /// The lines of the record that begins at `offset`: a heading, then a line for each field.
  ///
  /// - Parameters:
  ///   - end: the first byte that is not looked at; the object's end may come before.
  ///   - name: the object's, as a line shows it.
  public func lines(
    of reader: borrowing ObjectReader, from offset: Int, to end: Int, name: String
  ) throws(SharedMemoryError) -> [String] {
    let room = max(min(end, reader.size) - offset, 0)
    if room < max(size, 1) {
      throw SharedMemoryError(
        .invalidParameter, "read", name,
        "\(room) bytes are there from offset \(offset), and the layout has \(size)")
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(room, size + Self.shown), alignment: 16)
    defer { buffer.deallocate() }
    let count = try reader.fill(buffer, at: offset)
    let bytes = Array(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    do {
      try interpreter.run("fields(\(room), \(Self.literal(bytes)))", name: "=layout")
    } catch {
      throw SharedMemoryError(.notEnoughMemory, "read", name, "\(error)")
    }
    var lines = answers.last.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    lines[0].replace(
      " at offset 0 of an unnamed object (", with: " at offset \(offset) of \(name) (",
      maxReplacements: 1)
    return lines
  }

  /// Bytes as a string of Lua's.
  private static func literal(_ bytes: [UInt8]) -> String {
    var text = "\""
    for byte in bytes {
      let digits = String(byte)
      text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
    return text + "\""
  }
}
