internal import CBundle

/// The Lua texts inside the binary (`CBundle`): its scripts and its modules.
package enum Bundle {
  /// A Lua text that is part of the program and never moves.
  package struct Text: Sendable {
    /// The file's name, without folder and `.lua`.
    package let name: String
    /// The text's bytes in UTF-8; a NUL behind them does not belong to it.
    package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    /// For a text that is a literal in the source.
    package init(name: String, _ literal: StaticString) {
      let bytes = UnsafeRawBufferPointer(
        start: literal.utf8Start, count: literal.utf8CodeUnitCount)
      self.init(name: name, bytes: bytes)
    }

    fileprivate init(name: String, bytes: UnsafeRawBufferPointer) {
      self.name = name
      self.bytes = bytes
    }

    /// The first line's comment, which `moonpool scripts` shows.
    package var summary: String {
      let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2)
      let line = lines.first { !$0.starts(with: "#!".utf8) } ?? bytes[0..<0]
      return String(decoding: line.drop { " -".utf8.contains($0) }, as: UTF8.self)
    }
  }

  /// The commit from which a packaged binary was built; empty in other binaries.
  package static var commit: String { String(cString: cbundle_commit()) }

  /// The scripts of the folder `scripts`, by name.
  package static var scripts: [Text] { all(cbundle_script) }
  /// The scenarios of the folder `Tests/Scenarios`, by name.
  package static var scenarios: [Text] { all(cbundle_scenario) }
  /// What `require "moonpool.NAME"` finds.
  package static var modules: [Text] { all(cbundle_module) }

  /// The text of `scripts/NAME.lua`; nil: there is none.
  package static func script(_ name: String) -> Text? { scripts.first { $0.name == name } }
  /// The text of `Tests/Scenarios/NAME.lua`; nil: there is none.
  package static func scenario(_ name: String) -> Text? { scenarios.first { $0.name == name } }
  /// The text of the module `moonpool.NAME`; nil: there is none.
  package static func module(_ name: String) -> Text? { modules.first { $0.name == name } }

  private static func all(_ entry: (Int) -> cbundle_text) -> [Text] {
    var texts: [Text] = []
    while true {
      let next = entry(texts.count)
      guard let name = next.name else { return texts }
      texts.append(
        Text(
          name: String(cString: name),
          bytes: UnsafeRawBufferPointer(start: next.text, count: next.length)))
    }
  }
}
