import ArgumentParser
import LuaHost

/// The layout whose fields a command shows in place of bytes.
struct LayoutOption: ParsableArguments {
  @Option(help: "Show the fields of a header's structure, FILE.h, or of a layout that is known.")
  var layout: String?
  @Option(help: "The header's structure; its last by default.") var type: String?

  func validate() throws {
    if type != nil && layout?.contains(where: { $0 == "." || $0 == "/" }) != true {
      throw ValidationError("--type names a structure of the header that --layout names.")
    }
  }

  /// Ends the program where the layout cannot be read.
  static func listing(_ layout: String, _ type: String?) -> FieldListing {
    do throws(FieldListing.Failure) {
      return try FieldListing(layout, type: type)
    } catch {
      ExitStatus.failure.exit(error.description)
    }
  }
}
