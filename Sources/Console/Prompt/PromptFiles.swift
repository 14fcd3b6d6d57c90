internal import Glibc

/// Files that the prompt reads and writes: scripts made of what ran, and a chunk for an editor.
enum PromptFiles {
  struct Failure: Error {
    let description: String
    init(_ what: String) { description = what }
    /// Gives the reason of the system call that has just failed.
    init(_ path: String, errno number: Int32) {
      description = "\(path): \(String(cString: strerror(number)))"
    }
  }

  /// Replaces a leading `~/` by the home directory.
  static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }

  /// Writes a new file that is executable, as a script should be. Replaces an existing one only if
  /// asked to.
  static func write(_ bytes: [UInt8], to path: String, overwriting: Bool) throws(Failure) {
    let mode = O_WRONLY | O_CREAT | O_CLOEXEC | (overwriting ? O_TRUNC : O_EXCL)
    let file = open(path, mode, 0o777)
    if file < 0 && errno == EEXIST && !overwriting {
      throw Failure("\(path) exists; :save! \(path) overwrites it")
    }
    if file < 0 { throw Failure(path, errno: errno) }
    let well = StandardTerminal.write(bytes, to: file)
    let reason = errno
    if close(file) != 0 || !well { throw Failure(path, errno: reason) }
  }

  /// Returns the text after the user has edited it with `$VISUAL` or `$EDITOR`.
  static func edit(_ text: [UInt8]) throws(Failure) -> [UInt8] {
    guard let editor = ["VISUAL", "EDITOR"].lazy.compactMap(Self.variable).first else {
      throw Failure("set VISUAL or EDITOR to your editor's command first")
    }
    var template = Array("\(variable("TMPDIR") ?? "/tmp")/moonpool-XXXXXX.lua".utf8CString)
    let file = mkstemps(&template, 4)  // 0600
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    if file < 0 { throw Failure(path, errno: errno) }
    defer { unlink(path) }
    let well = StandardTerminal.write(text, to: file)
    close(file)
    if !well { throw Failure("\(path): could not be written") }
    try spawn(editor, path)
    guard let edited = contents(path) else { throw Failure(path, errno: errno) }
    return edited
  }

  /// Starts the editor through the shell, as the command may contain arguments.
  private static func spawn(_ editor: String, _ path: String) throws(Failure) {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var argv = ["sh", "-c", "\(editor) \"$1\"", "sh", path].map { strdup($0 as String) } + [nil]
    defer { for text in argv { free(text) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, "/bin/sh", nil, &attributes, &argv, environ)
    if failure != 0 { throw Failure("/bin/sh", errno: failure) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    if status != 0 { throw Failure("\(editor) failed; nothing is run") }
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).flatMap { $0.pointee == 0 ? nil : String(cString: $0) }
  }

  private static func contents(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(file, &part, part.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += part[..<count]
    }
  }
}
