/// Memory whose file another program gave us, and whose name is that program's business.
extension MemoryObject {
  /// An object over an open file. Nothing is claimed: whoever gave us the file decides how long its
  /// name lives.
  ///
  /// - Parameters:
  ///   - memory: the file; it holds the object's bytes from offset 0.
  ///   - size: the object's, in bytes; at most the file's.
  ///   - isWritable: whether `memory` was opened for writing.
  package init(
    adopting memory: consuming Descriptor, name: String, size: Int, access: Access,
    existed: Bool, isWritable: Bool, _ system: System
  ) {
    self.init(
      name: name, size: size, access: access, existed: existed, place: nil,
      Handle(memory: memory, isWritable: isWritable, lock: .none, nil, system))
  }

  /// The file's descriptor, to be sent to another program while this handle is open.
  package var memoryNumber: Int32 { handle.memory.number }

  /// May the file be written through that descriptor?
  package var isMemoryWritable: Bool { handle.isWritable }

  /// Commits the file's first `size` bytes; `fallocate(2)`, whose error it throws.
  package borrowing func commitMemory(_ size: Int) throws(Errno) {
    try handle.system.commit(handle.memory, size: size)
  }
}
