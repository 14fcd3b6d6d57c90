extension MemoryObject {
  /// How `create` makes an object.
  public struct CreateOptions: Sendable {
    /// What this handle's views may do. A new object whose creator may only read it is read-only
    /// for everybody (`PAGE_READONLY`, `PAGE_WRITECOPY`).
    public var access: Access
    /// Permission bits from 0o400 to 0o777 that include the owner's 0o400; the umask is ignored.
    public var mode: UInt32
    /// If true, an existing name is error 183.
    public var exclusive: Bool
    /// Do not commit the pages now. A full file system is then met by whoever touches a new page.
    public var reserve: Bool

    /// By default a new object may be written, belongs to its user alone, and is committed.
    public init(
      access: Access = .readWrite, mode: UInt32 = 0o600, exclusive: Bool = false,
      reserve: Bool = false
    ) {
      self.access = access
      self.mode = mode
      self.exclusive = exclusive
      self.reserve = reserve
    }
  }

  /// Creates the object, or opens the one that exists (`existed`; the existing size wins).
  ///
  /// A new object is invisible until it has its whole size, zeroed and committed: O_TMPFILE,
  /// `fallocate(2)`, `linkat(2)`. Win32's `CreateFileMapping`; Lua: `shm.create`.
  ///
  /// - Parameters:
  ///   - name: see the README's table of names; nil or empty makes an object without a name.
  ///   - size: in bytes, at least 1.
  /// - Throws: 87 an invalid size or mode, 1455 not enough memory on `/dev/shm`, 183 an existing
  ///   name and `exclusive`, 5 an object or directory of another user, 6 an object of another type,
  ///   170 other processes were deciding about the name for too long, and the errors of names
  ///   (3, 6, 123, 161, 206).
  public static func create(
    _ name: String?, size: Int, _ options: CreateOptions = CreateOptions(),
    in session: Session = .current
  ) throws(SharedMemoryError) -> MemoryObject {
    try create(bytes: name.map { Array($0.utf8) }, size: size, options, in: session)
  }

  /// The same with a name of any bytes.
  public static func create(
    bytes name: [UInt8]?, size: Int, _ options: CreateOptions = CreateOptions(),
    in session: Session = .current
  ) throws(SharedMemoryError) -> MemoryObject {
    let text = shown(name ?? [])
    if size <= 0 {
      throw SharedMemoryError(.invalidParameter, "create", text, "the size must be at least 1 byte")
    }
    if options.mode & ~0o777 != 0 {
      throw SharedMemoryError(
        .invalidParameter, "create", text, "the mode must be permission bits, 0 to 0777 (octal)")
    }
    if options.mode & 0o400 == 0 {
      throw SharedMemoryError(
        .invalidParameter, "create", text,
        "the mode must let its owner read (0400), who else could not remove it once it is dead")
    }
    let acquisition = Acquisition("create", text, options.access, session)
    guard let name, !name.isEmpty else { return try acquisition.anonymous(size, options) }
    return try acquisition.create(ObjectName(name, for: "create"), size, options)
  }

  /// Opens an existing object. Win32's `OpenFileMapping`; Lua: `shm.open`.
  ///
  /// - Throws: 2 nobody holds an object of this name, 5 its mode keeps this user out, 6 an object
  ///   of another type or an empty name, 170 as for `create`, and the errors of names.
  public static func open(
    _ name: String, access: Access = .readWrite, in session: Session = .current
  ) throws(SharedMemoryError) -> MemoryObject {
    try open(bytes: Array(name.utf8), access: access, in: session)
  }

  /// The same with a name of any bytes.
  public static func open(
    bytes name: [UInt8], access: Access = .readWrite, in session: Session = .current
  ) throws(SharedMemoryError) -> MemoryObject {
    if name.isEmpty { throw withoutName("open") }
    return try Acquisition("open", shown(name), access, session)
      .open(ObjectName(name, for: "open"))
  }

  /// Removes a POSIX name, `/x`; mapped objects keep their bytes. `shm_unlink(3)`.
  ///
  /// - Throws: 87 any other name, as such names live as long as their holders; 2 there is no such
  ///   name; 5 another user's object.
  public static func unlink(
    _ name: String, in session: Session = .current
  ) throws(SharedMemoryError) {
    try unlink(bytes: Array(name.utf8), in: session)
  }

  /// The same with a name of any bytes.
  public static func unlink(
    bytes name: [UInt8], in session: Session = .current
  ) throws(SharedMemoryError) {
    let name = try ObjectName(name, for: "unlink")
    guard name.place == .raw else {
      throw SharedMemoryError(
        .invalidParameter, "unlink", name.text,
        "only POSIX names (/name) are removed; this one goes with its last handle")
    }
    try Acquisition("unlink", name.text, .read, session).unlink(name)
  }
}
