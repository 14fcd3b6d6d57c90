/// What a handle or a view may do with the bytes.
public enum Access: String, Sendable, CaseIterable {
  /// Read and write; Win32's `FILE_MAP_ALL_ACCESS`.
  case readWrite = "rw"
  /// Read only; Win32's `FILE_MAP_READ`.
  case read = "r"
  /// Read the object; what is written stays private to the view. Win32's `FILE_MAP_COPY`.
  case copy = "copy"

  /// Does the file have to be open for writing?
  var needsWriting: Bool { self == .readWrite }
}
