extension Session {
  /// The living objects of a namespace that their names open: not those of whose name the kernel
  /// keeps only a part, which would be another object's.
  package func openable(_ place: Place) -> [Entry] {
    let entries = (try? list(place)) ?? []
    return entries.filter { entry in
      guard let path = try? path(of: entry.name) else { return false }
      return path.elementsEqual(entry.file.dropLast().map { UInt8(bitPattern: $0) })
    }
  }
}
