import Compilers
import Declarations

/// The types that are read out of a compiler's object file, beside what the library reads itself.
extension Comparison {
  /// The names of the headers, without the headers.
  private static let names = """
    typedef __UINT8_TYPE__ uint8_t; typedef __INT8_TYPE__ int8_t;
    typedef __UINT16_TYPE__ uint16_t; typedef __INT16_TYPE__ int16_t;
    typedef __UINT32_TYPE__ uint32_t; typedef __INT32_TYPE__ int32_t;
    typedef __UINT64_TYPE__ uint64_t; typedef __INT64_TYPE__ int64_t;
    typedef __SIZE_TYPE__ size_t; typedef __UINTPTR_TYPE__ uintptr_t;
    #ifndef __cplusplus
    typedef __CHAR16_TYPE__ char16_t; typedef __CHAR32_TYPE__ char32_t;
    typedef __WCHAR_TYPE__ wchar_t;
    #endif
    typedef unsigned int DWORD; typedef unsigned short WORD; typedef unsigned char BYTE;
    typedef int BOOL; typedef uint16_t WCHAR; typedef long long LONGLONG; typedef float FLOAT;
    typedef void *HANDLE;

    """

  /// Where the two differ, with the declaration.
  public static func compiledDifferences(
    _ count: Int, seed: UInt64, _ compiler: Compiler
  ) throws -> [String] {
    let declarations = (0..<count).map {
      compiler.isCPlusPlus
        ? ClassMaker.make($0, seed: seed) : DeclarationMaker.make($0, seed: seed, compiler.abi)
    }
    var options = Layout.Options(abi: compiler.abi)
    options.language = compiler.isCPlusPlus ? .cPlusPlus : .c
    let text = names + declarations.map(\.text).joined()
    let compiled = try CompiledLayout(Array(text.utf8), options, compiler.command)
    var found: [String] = []
    let alignments = compiled.alignments(of: declarations.map(\.name))
    for declaration in declarations {
      options.type = declaration.name
      do {
        let own = try Layout(declaration.text, options: options)
        let theirs = try compiled.layout(declaration.name, alignments)
        if let difference = own.difference(from: theirs) {
          found.append("\(declaration.name), \(difference)\n\(declaration.text)")
        }
        let explicit = try Layout(theirs.explicitDeclarations)
        if let difference = theirs.difference(fromPadded: explicit) {
          found.append(
            "\(declaration.name) written out, \(difference)\n\(theirs.explicitDeclarations)")
        }
      } catch {
        found.append("\(declaration.name): \(error)\n\(declaration.text)")
      }
    }
    return found
  }
}
