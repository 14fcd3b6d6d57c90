internal import CLuaShm

/// The numbers that an object of a kind is made of, as the kind's C file names them.
package struct KindValues: Sequence {
  package let number: UInt32
  package init(_ number: UInt32) { self.number = number }

  package func makeIterator() -> some IteratorProtocol<Value> {
    (0..<LUASHM_MOST_VALUES).lazy.compactMap { [number] at in Value(number, at) }.makeIterator()
  }

  package struct Value {
    package let name: String
    /// True or false, and given by name; otherwise an argument behind the object's name.
    package let isFlag: Bool

    /// Nil: there are not so many.
    fileprivate init?(_ number: UInt32, _ at: Int) {
      guard let value = luashm_value(number, Int32(at))?.pointee else { return nil }
      name = String(cString: value.name)
      isFlag = value.is_flag
    }
  }
}
