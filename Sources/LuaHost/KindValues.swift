internal import CLuaShm

/// The numbers that an object of a kind is made of, with the names from the kind's C file.
package struct KindValues: Sequence {
  package let number: UInt32
  package init(_ number: UInt32) { self.number = number }

  package func makeIterator() -> some IteratorProtocol<Value> {
    (0..<LUASHM_MOST_VALUES).lazy.compactMap { [number] at in Value(number, at) }.makeIterator()
  }

  package struct Value {
    package let name: String
    /// A flag is true or false and given by name; otherwise it is an argument after the object's
    /// name.
    package let isFlag: Bool

    /// Nil: there are fewer numbers.
    fileprivate init?(_ number: UInt32, _ at: Int) {
      guard let value = luashm_value(number, Int32(at))?.pointee else { return nil }
      name = String(cString: value.name)
      isFlag = value.is_flag
    }
  }
}
