internal import CLuaShm

/// The scenario's text, for reports: what a line calls.
struct Source {
  struct Call {
    /// `a:add(-30)`, or the whole line.
    let text: String
    /// `a`; empty: unknown.
    let subject: String
    let method: String
  }

  private let lines: [[UInt8]]

  init(_ model: Model) {
    let text = model.shared.pointee.script.text
    let bytes = UnsafeRawBufferPointer(start: text.data, count: text.length)
    lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      Array($0)
    }
  }

  /// - Parameter count: how many calls of the method on this line come before, from 0.
  func call(_ method: String, _ line: Int, _ count: Int) -> Call {
    guard lines.indices.contains(line - 1) else {
      return Call(text: "", subject: "", method: method)
    }
    let text = lines[line - 1]
    let found = calls(method, text)
    if found.isEmpty { return Call(text: Self.trimmed(text), subject: "", method: method) }
    let range = found[count % found.count]
    let subject = String(decoding: text[range.begin..<range.method], as: UTF8.self)
    return Call(
      text: String(decoding: text[range.begin..<range.end], as: UTF8.self),
      subject: subject == "shm" ? "" : subject, method: method)
  }

  private static func trimmed(_ line: [UInt8]) -> String {
    var text = line[...]
    if let comment = text.firstRange(of: Array("--".utf8)) { text = text[..<comment.lowerBound] }
    while let last = text.last, last == 0x20 || last == 0x0D || last == 0x09 { text.removeLast() }
    return String(decoding: text.drop { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
  }

  /// Where `subject:method(…)` stand in the line: the subject's begin, the colon, and the end.
  private func calls(_ method: String, _ line: [UInt8]) -> [(begin: Int, method: Int, end: Int)] {
    var found: [(begin: Int, method: Int, end: Int)] = []
    let word = Array(method.utf8)
    var from = 0
    while let range = line[from...].firstRange(of: word) {
      from = range.upperBound
      var end = from
      while end < line.count && line[end] == 0x20 { end += 1 }
      let before = range.lowerBound > 0 ? line[range.lowerBound - 1] : 0x20
      let isCalled = end < line.count && "({\"'".utf8.contains(line[end])
      if !isCalled || Self.isWord(before) { continue }
      let isMethod = before == UInt8(ascii: ":") || before == UInt8(ascii: ".")
      let colon = isMethod ? range.lowerBound - 1 : range.lowerBound
      found.append(
        (begin: isMethod ? subject(line, colon) : colon, method: colon, end: close(line, end)))
    }
    // A call that is an argument of another comes first.
    return found.sorted { $0.end < $1.end }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
      || (0x61...0x7A).contains(byte)
  }

  /// Where what stands before the colon begins: names, indices, dots.
  private func subject(_ line: [UInt8], _ colon: Int) -> Int {
    var at = colon
    while at > 0 {
      let byte = line[at - 1]
      if Self.isWord(byte) || byte == UInt8(ascii: ".") {
        at -= 1
      } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: ")") {
        let open = byte == UInt8(ascii: "]") ? UInt8(ascii: "[") : UInt8(ascii: "(")
        var depth = 0
        repeat {
          at -= 1
          if line[at] == byte { depth += 1 }
          if line[at] == open { depth -= 1 }
        } while at > 0 && depth > 0
      } else {
        break
      }
    }
    return at
  }

  /// Behind the call's closing parenthesis, or the line's end.
  private func close(_ line: [UInt8], _ open: Int) -> Int {
    if line[open] == UInt8(ascii: "\"") || line[open] == UInt8(ascii: "'") {
      return line[(open + 1)...].firstIndex(of: line[open]).map { $0 + 1 } ?? line.count
    }
    var depth = 0
    var at = open
    while at < line.count {
      let byte = line[at]
      if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "{") { depth += 1 }
      if byte == UInt8(ascii: ")") || byte == UInt8(ascii: "}") { depth -= 1 }
      at += 1
      if depth <= 0 && (byte == UInt8(ascii: ")") || byte == UInt8(ascii: "}")) { return at }
    }
    return at
  }
}
