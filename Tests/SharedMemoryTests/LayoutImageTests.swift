import CShm
import LayoutTrials
import Testing

@testable import SharedMemory

/// The image as C reads it.
@Suite struct LayoutImages {
  private struct Image {
    let head: cshm_layout
    let types: [cshm_type]
    let fields: [cshm_field]
    let constants: [cshm_constant]
    let enumerators: [cshm_constant]
    let names: [UInt8]

    func name(_ start: UInt32, _ length: UInt32) -> String {
      String(decoding: names[Int(start)..<Int(start + length)], as: UTF8.self)
    }
  }

  private func image(_ layout: Layout) throws -> Image {
    let bytes = layout.image
    // Words, so that the block is aligned as the structs need it.
    var words = [UInt64](repeating: 0, count: (bytes.count + 7) / 8)
    words.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    return try words.withUnsafeBytes { block in
      let head = try #require(block.baseAddress).assumingMemoryBound(to: cshm_layout.self)
      let count = head.pointee
      #expect(count.magic == UInt32(CSHM_LAYOUT_MAGIC) && Int(count.length) == bytes.count)
      let names = UnsafeRawPointer(cshm_layout_names(head))
      return Image(
        head: count,
        types: Array(UnsafeBufferPointer(start: cshm_layout_types(head), count: Int(count.types))),
        fields: Array(
          UnsafeBufferPointer(start: cshm_layout_fields(head), count: Int(count.fields))),
        constants: Array(
          UnsafeBufferPointer(start: cshm_layout_constants(head), count: Int(count.constants))),
        enumerators: Array(
          UnsafeBufferPointer(start: cshm_layout_enumerators(head), count: Int(count.enumerators))),
        names: Array(UnsafeRawBufferPointer(start: names, count: Int(count.names))))
    }
  }

  @Test("C finds types, fields, constants and names")
  func contents() throws {
    let text = """
      enum { A = 3, B = -1 };
      #define C 0xffffffffffffffff
      struct S { uint8_t a[4]; char text[A]; struct { unsigned x : 3, y : 7; }; wchar_t *p; };
      """
    let image = try image(Layout(text, abi: .windows))
    #expect(image.head.abi == UInt32(CSHM_WINDOWS.rawValue))
    let root = image.types[Int(image.head.root)]
    #expect(root.kind == UInt32(CSHM_RECORD.rawValue) && root.size == 24 && root.alignment == 8)
    #expect(image.name(root.name, root.name_length) == "S")
    let fields = image.fields[Int(root.first_field)..<Int(root.first_field + root.field_count)]
    #expect(fields.map { image.name($0.name, $0.name_length) } == ["a", "text", "", "p"])
    #expect(fields.map { $0.offset } == [0, 4, 8, 16])
    let bytes = image.types[Int(fields[fields.startIndex].type)]
    #expect(bytes.kind == UInt32(CSHM_ARRAY.rawValue) && bytes.count == 4)
    #expect(image.types[Int(bytes.element)].kind == UInt32(CSHM_UNSIGNED.rawValue))
    let bits = image.types[Int(fields[fields.startIndex + 2].type)]
    var y = image.fields[Int(bits.first_field) + 1]
    #expect((y.offset, y.bit_offset, y.bit_width) == (0, 3, 7))
    var (unit, record) = (image.types[Int(y.type)], bits)
    #expect(cshm_field_bytes(&y) == 2 && cshm_field_in_unit(&y, &unit, &record))
    #expect(
      image.constants.map { "\(image.name($0.name, $0.name_length))=\($0.value)" }
        == ["A=3", "B=-1", "C=-1"])
  }

  @Test("C finds the enumerators of each enum")
  func enumerators() throws {
    let text = """
      enum a { A = 3,
      #define A 3
      #define M 7
        B = sizeof(enum { INNER = 9 }), C = -1 };
      typedef enum : uint8_t { D, E } letter;
      typedef letter sign;
      struct S { int i; enum a x, list[2]; letter y; sign z; enum a bits : 3; };
      """
    let image = try image(Layout(text))
    let root = image.types[Int(image.head.root)]
    let fields = image.fields[Int(root.first_field)..<Int(root.first_field + root.field_count)]
    let shown = fields.map { field -> String in
      var type = image.types[Int(field.type)]
      if type.kind == CSHM_ARRAY.rawValue { type = image.types[Int(type.element)] }
      let all = image.enumerators[Int(type.element)..<Int(type.element + type.enumerator_count)]
      return all.map { "\(image.name($0.name, $0.name_length))=\($0.value)" }
        .joined(separator: " ")
    }
    let a = "A=3 B=4 C=-1"
    #expect(shown == ["", a, a, "D=0 E=1", "D=0 E=1", a])
    #expect(image.enumerators.count == 5)
  }

  @Test("the kinds are C's")
  func kinds() {
    let kinds: [(LayoutKind, cshm_type_kind)] = [
      (.unsigned, CSHM_UNSIGNED), (.signed, CSHM_SIGNED), (.floating, CSHM_FLOATING),
      (.boolean, CSHM_BOOLEAN), (.pointer, CSHM_POINTER), (.character, CSHM_CHARACTER),
      (.wide, CSHM_WIDE), (.opaque, CSHM_OPAQUE), (.array, CSHM_ARRAY), (.record, CSHM_RECORD),
      (.union, CSHM_UNION),
    ]
    for (ours, theirs) in kinds { #expect(ours.rawValue == UInt32(theirs.rawValue)) }
  }

  @Test("every index, name and bit of random layouts is inside of what it belongs to")
  func bounds() throws {
    for number in 0..<300 {
      let text = DeclarationMaker.make(number, seed: 3).text
      let image = try image(Layout(text, abi: number % 2 == 0 ? .linux : .windows))
      #expect(image.head.root < image.head.types)
      for var type in image.types {
        #expect(type.name + type.name_length <= image.head.names)
        #expect(type.first_field + type.field_count <= image.head.fields)
        #expect(type.element < image.head.types)
        for var field in image.fields[Int(type.first_field)...].prefix(Int(type.field_count)) {
          #expect(field.type < image.head.types)
          var inner = image.types[Int(field.type)]
          let isBits = field.bit_width > 0
          let length = isBits ? UInt64(cshm_field_bytes(&field)) : inner.size
          #expect(field.offset + length <= type.size)
          if isBits && cshm_field_in_unit(&field, &inner, &type) {
            #expect(field.offset + inner.size <= type.size)
          }
        }
      }
    }
  }
}
