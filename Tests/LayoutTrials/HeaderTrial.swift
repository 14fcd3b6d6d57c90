import Compilers
import Declarations

/// Headers of this machine, read as pasted text, as files, and by a compiler, which is the judge.
public struct HeaderTrial {
  public enum Outcome: Equatable {
    case read
    /// It defines no struct or union.
    case empty
    case failed(String)
  }

  public let path: String
  /// The text alone, without folders.
  public private(set) var pasted: Outcome
  /// With the folders.
  public private(set) var file: Outcome
  public private(set) var compiled: Outcome
  /// Where a layout that was read is not the compiler's.
  public private(set) var wrong: [String] = []
  public private(set) var structures = 0
  public private(set) var fields = 0

  /// `folders`: for the file and for the compiler.
  public init?(_ path: String, _ abi: Layout.ABI, _ language: Layout.Language?, _ folders: [String])
  {
    guard let bytes = TextFile.read(path) else { return nil }
    self.path = path
    var options = Layout.Options(abi: abi)
    options.language = language
    var own: [LayoutDeclarations] = []
    pasted = Self.outcome(bytes, options, &own)
    options.file = path
    options.folders = folders
    options.read = { TextFile.read($0) }
    file = Self.outcome(bytes, options, &own)
    do throws(LayoutError) {
      let judge = try CompiledLayout(bytes, options)
      compiled = judge.names.isEmpty ? .empty : .read
      structures = judge.names.count
      let alignments = judge.alignments(of: judge.names)
      for name in judge.names { compare(name, judge, alignments, own) }
    } catch {
      compiled = .failed(error.description)
    }
  }

  private static func outcome(
    _ bytes: [UInt8], _ options: Layout.Options, _ own: inout [LayoutDeclarations]
  ) -> Outcome {
    do throws(LayoutError) {
      let declarations = try LayoutDeclarations(bytes, options)
      own.append(declarations)
      _ = try declarations.layout(nil)
      return .read
    } catch {
      return error.message.hasPrefix("no struct or union") ? .empty : .failed(error.description)
    }
  }

  private mutating func compare(
    _ name: String, _ judge: CompiledLayout, _ alignments: [String: Int],
    _ own: [LayoutDeclarations]
  ) {
    guard let theirs = try? judge.layout(name, alignments) else { return }
    for declarations in own {
      // What a text without its headers does not define is no wrong number.
      guard let ours = try? declarations.layout(name) else { continue }
      fields += ours.members.count
      if let difference = ours.difference(from: theirs) { wrong.append("\(name), \(difference)") }
    }
  }
}
