/// Objects that are still held but have no name any more, because somebody removed their files.
struct RemovedObjects {
  struct Removed {
    let process: Int
    /// The object's name; where the kernel does not keep it, a description of what is known.
    let text: String
  }

  private let session: Session
  private let open: OpenFiles

  init(_ session: Session) {
    self.session = session
    open = OpenFiles(system: session.system)
  }

  private var system: System { session.system }

  /// Each pair of process and object once. Only descriptors whose file has no link are examined.
  func all() -> [Removed] {
    guard let root = try? system.target(in: System.currentDirectory, System.path(session.raw.path))
    else { return [] }
    return open.processes().flatMap { process in
      let descriptors = open.descriptors(of: process) {
        $0.device == root.device && $0.links == 0 && $0.isRegular
      }
      let files = Dictionary(grouping: descriptors) { FileIdentity($0.file) }
      return files.sorted { $0.key < $1.key }.compactMap { removed(process, $0.value) }
    }
  }

  /// - Parameter descriptors: all that the process has of this one file.
  private func removed(_ process: Int, _ descriptors: [OpenFiles.Descriptor]) -> Removed? {
    let file = descriptors[0].file
    guard
      descriptors.contains(where: {
        open.information($0).map { LockTable.claims($0, file) } ?? false
      }),
      let (folder, names) = places(descriptors)
    else { return nil }
    let prefix = self.prefix(folder)
    let name = names.lazy.compactMap(NameEncoding.decode).first ?? attribute(descriptors[0], names)
    if let name {
      return Removed(process: process, text: shown(prefix.name + name) + prefix.remark)
    }
    if let cut = names.first {
      return Removed(process: process, text: shown(prefix.name + cut) + "…" + prefix.remark)
    }
    return Removed(
      process: process,
      text: "an object of \(file.size) bytes in \(shown(prefix.name.dropLast()))\(prefix.remark)")
  }

  /// The namespace's directory, and the file names under which the descriptors were opened; nil:
  /// the file is in no namespace.
  ///
  /// The descriptor that created the file without a name (`O_TMPFILE`) shows it as `#INODE`.
  private func places(
    _ descriptors: [OpenFiles.Descriptor]
  ) -> (folder: [UInt8], names: [[UInt8]])? {
    let mark = Array(" (deleted)".utf8)
    let root = session.raw.path + Array("/moonpool-".utf8)
    var folder: [UInt8]?
    var names: [[UInt8]] = []
    for descriptor in descriptors {
      guard let target = try? system.linkTarget(descriptor.path), target.starts(with: root),
        target.suffix(mark.count).elementsEqual(mark),
        let slash = target.lastIndex(of: UInt8(ascii: "/"))
      else { continue }
      folder = Array(target[session.raw.path.count..<slash].dropFirst())
      let name = Array(target[(slash + 1)...].dropLast(mark.count))
      if name != Array("#\(descriptor.file.inode)".utf8) { names.append(name) }
    }
    return folder.map { ($0, names) }
  }

  /// The prefix of the names in a directory, and a remark where the prefix alone is ambiguous.
  private func prefix(_ folder: [UInt8]) -> (name: [UInt8], remark: String) {
    if folder.elementsEqual("moonpool-global".utf8) { return (Array("Global\\".utf8), "") }
    let isOurs = (session.raw.path + [UInt8(ascii: "/")] + folder) == session.local.path
    return (Array("Local\\".utf8), isOurs ? "" : " (in \(shown(folder)))")
  }

  /// The name in the file's attribute. Whoever may write the file may also have written that, so it
  /// must not contradict a name under which the file was opened.
  private func attribute(_ descriptor: OpenFiles.Descriptor, _ names: [[UInt8]]) -> [UInt8]? {
    guard let file = try? system.open(descriptor.path, .nonBlocking),
      let name = try? system.attribute(file, NameEncoding.attribute),
      names.isEmpty || names.contains(NameEncoding.encode(name))
    else { return nil }
    return name
  }
}
