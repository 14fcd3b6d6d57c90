import ArgumentParser

/// A number of bytes on the command line: decimal, or hexadecimal (`0x10`), and with K, M or G in
/// units of 1024.
struct ByteCount: ExpressibleByArgument {
  let value: Int

  init(_ value: Int) { self.value = value }

  init?(argument: String) {
    var digits = argument[...]
    let isNegative = digits.first == "-"
    if isNegative { digits.removeFirst() }
    let isHexadecimal = digits.hasPrefix("0x") || digits.hasPrefix("0X")
    if isHexadecimal { digits = digits.dropFirst(2) }
    var unit = 1
    if let last = digits.last, let shift = ["K": 10, "M": 20, "G": 30][last.uppercased()] {
      digits.removeLast()
      unit = 1 << shift
    }
    guard let first = digits.first, first.isHexDigit,
      let number = Int(digits, radix: isHexadecimal ? 16 : 10)
    else { return nil }
    let (product, isTooLarge) = number.multipliedReportingOverflow(by: unit)
    if isTooLarge { return nil }
    value = isNegative ? -product : product
  }
}

extension ByteCount: CustomStringConvertible {
  var description: String { "\(value)" }
}

/// The part of an object, in bytes, that a command works on.
struct ByteRange: ParsableArguments {
  @Option(help: "The first byte; also 0x10, 4K, 1M.") var offset: ByteCount?
  @Option(help: "How many bytes; up to the end by default.") var length: ByteCount?

  func validate() throws {
    for (name, given) in [("offset", offset), ("length", length)] {
      if let given, given.value < 0 { throw ValidationError("--\(name) must not be negative.") }
    }
  }

  var start: Int { offset?.value ?? 0 }

  /// The offset behind the range; the largest number if it has no end.
  var end: Int {
    let (end, isTooLarge) = start.addingReportingOverflow(length?.value ?? .max)
    return isTooLarge ? .max : end
  }
}
