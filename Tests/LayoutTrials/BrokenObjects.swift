import Compilers
import Declarations
import Glibc
import TestSupport

/// Object files with damage: each gives types or an error, and what gives types can be asked.
public struct BrokenObjects {
  private var dice: Dice
  private let pool: [[UInt8]]
  /// How many gave a layout.
  public private(set) var accepted = 0

  /// Of compilers that are here; nil: none is.
  public init?(seed: UInt64) {
    dice = Dice(seed)
    pool = Self.samples()
    if pool.isEmpty { return nil }
  }

  private static let text = """
    enum color { RED = 1, BLUE = -3 };
    struct inner { char c; long l[2]; };
    typedef struct { struct inner in; unsigned a : 3, b : 20; enum color e; void *p; } thing;
    struct last { thing t[2]; union { int i; float f; } u; struct last *next; int flex[]; };
    """

  /// gcc's ELF in DWARF 5 and 4, and clang's COFF.
  private static func samples() -> [[UInt8]] {
    var samples: [[UInt8]] = []
    let folder = "/tmp/\(Places.unique("moonpool-objects"))"
    mkdir(folder, 0o700)
    let (source, object) = ("\(folder)/a.h", "\(folder)/a.o")
    defer {
      unlink(source)
      unlink(object)
      rmdir(folder)
    }
    guard let file = fopen(source, "w") else { return [] }
    fputs(text, file)
    fclose(file)
    let commands = [
      ["gcc", "-gdwarf-5", "-fno-eliminate-unused-debug-types"],
      ["gcc", "-gdwarf-3", "-gstrict-dwarf", "-fno-eliminate-unused-debug-types"],
      [
        Compiler.clang, "--target=x86_64-pc-windows-msvc", "-gdwarf-4",
        "-fno-eliminate-unused-debug-types",
      ],
    ]
    for command in commands {
      let arguments = Array(command.dropFirst()) + ["-x", "c", "-c", source, "-o", object]
      guard TestSupport.run(command[0], arguments).status == 0, let bytes = TextFile.read(object)
      else { continue }
      samples.append(bytes)
    }
    return samples
  }

  public mutating func run(_ count: Int, report: (Int) -> Void = { _ in }) {
    for number in 0..<count {
      var bytes = dice.pick(pool)
      for _ in 0..<dice.pick([1, 1, 1, 2, 3, 8]) { damage(&bytes) }
      if let types = try? ObjectTypes(bytes) {
        let name: String? = dice.oneIn(3) ? nil : dice.pick(["last", "thing", "inner", "color"])
        if let layout = try? types.layout(name, .linux, constants: []) {
          accepted += 1
          precondition(layout.size >= 0 && layout.alignment > 0)
          precondition(layout.image.count >= 48)
          if dice.oneIn(16) {
            precondition(!layout.description.isEmpty)
            _ = try? Layout(layout.explicitDeclarations)
          }
        }
      }
      if number % 100_000 == 99_999 { report(number + 1) }
    }
  }

  private mutating func damage(_ bytes: inout [UInt8]) {
    if bytes.isEmpty { return }
    let at = dice.below(bytes.count)
    switch dice.below(8) {
    case 0: bytes[at] = UInt8(truncatingIfNeeded: dice.next())
    case 1, 2: bytes[at] ^= 1 << UInt8(dice.below(8))
    case 3: bytes[at] = dice.pick([0, 1, 0x7f, 0x80, 0xff])
    case 4: bytes.removeSubrange(at..<min(bytes.count, at + 1 + dice.below(8)))
    case 5: if dice.oneIn(4) { bytes.removeSubrange(at...) }
    case 6:
      let from = dice.below(bytes.count)
      let piece = Array(bytes[from..<min(bytes.count, from + 1 + dice.below(16))])
      for (index, byte) in piece.enumerated() where at + index < bytes.count {
        bytes[at + index] = byte
      }
    default:
      // A number of 4 or 8 bytes, where the tables have sizes and places.
      let value: UInt64 = dice.pick([0, 1, 0xffff_ffff, .max, 1 << 63, 1 << 31, 24, 1 << 40])
      for index in 0..<dice.pick([4, 8]) where at + index < bytes.count {
        bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
      }
    }
  }
}
