extension MemoryObject {
  /// How `create` makes an object.
  public struct CreateOptions: Sendable {
    /// What this handle's views may do. A new object that its creator may only read is read-only
    /// for everybody (`PAGE_READONLY`, `PAGE_WRITECOPY`).
    public var access: Access
    /// Permission bits, 0o400 to 0o777, with the owner's 0o400; the umask does not change them.
    public var mode: UInt32
    /// An existing name is error 183.
    public var exclusive: Bool
    /// Do not commit the pages: a full file system is then met by whoever touches one.
    public var reserve: Bool

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

  /// Makes the object, or opens the one that exists (`existed`; its size wins).
  ///
  /// The object is invisible until it has its whole size, is zeroed and committed: O_TMPFILE,
  /// `fallocate(2)`, `linkat(2)`. Win32's `CreateFileMapping`; Lua: `shm.create`.
  ///
  /// - Parameters:
  ///   - name: see the README's table of names; nil or empty is an object without a name.
  ///   - size: in bytes, at least 1.
  /// - Throws: 87 a size or mode that is none, 1455 not enough memory on `/dev/shm`, 183 an
  ///   existing name where `exclusive`, 5 an object or directory of another user, 6 an object of
  ///   another type, 170 others held the name's fate open for too long, and the errors of names
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

  /// Opens an object that exists. Win32's `OpenFileMapping`; Lua: `shm.open`.
  ///
  /// - Throws: 2 nobody holds an object of this name, 5 its mode does not let this user in, 6 an
  ///   object of another type or an empty name, 170 as for `create`, and the errors of names.
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

  /// Removes a POSIX name, `/x`; objects that are mapped keep their bytes. `shm_unlink(3)`.
  ///
  /// - Throws: 87 for any other name, as their lifetime is their holders'; 2, 5.
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
