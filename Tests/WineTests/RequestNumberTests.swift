import Testing
import Wine

@Suite struct RequestNumberTests {
  @Test(arguments: Elf.Kind.allCases)
  func theTableIsReadFromEachKindOfProgram(kind: Elf.Kind) {
    let numbers = RequestNumbers(program: Elf(kind: kind).file)
    #expect(numbers[.openMapping] == 2)
    #expect(numbers[.getHandleDescriptor] == 3)
    #expect(numbers[.createMapping] == nil)
    #expect(numbers.count == 4)
    #expect(numbers.version == "Wine 12.3 (test)")
    #expect(numbers.missing.first == .initFirstThread)
  }

  @Test(arguments: Elf.Kind.allCases)
  func aProgramWithoutTheTableGivesNoNumbers(kind: Elf.Kind) {
    let other = Elf(kind: kind, names: ["new_process", "something_else", "open_mapping"])
    #expect(RequestNumbers(program: other.file).count == 0)
    #expect(RequestNumbers(program: []).count == 0)
    #expect(RequestNumbers(program: Array("#!/bin/sh\nexec wineserver\n".utf8)).count == 0)
  }

  @Test(arguments: Elf.Kind.allCases)
  func aProgramThatIsCutAnywhereIsReadAsFarAsItGoes(kind: Elf.Kind) {
    let whole = Elf(kind: kind).file
    for length in stride(from: 0, to: whole.count, by: 5) {
      // A segment that is longer than the file ends the reading.
      #expect(RequestNumbers(program: Array(whole.prefix(length))).count == 0)
    }
  }

  @Test(arguments: Elf.Kind.allCases)
  func aProgramWhoseNumbersAreWrongIsNoTrap(kind: Elf.Kind) {
    let whole = Elf(kind: kind).file
    var generator = SystemRandomNumberGenerator()
    // The headers, the table, the relocations and the dynamic section.
    let places = [0..<0xC0, 0x600..<0x640, 0x800..<0x8A0, 0xC00..<0xC40]
    var unread = 0
    for _ in 0..<1000 {
      var broken = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let at = places.randomElement(using: &generator)!.randomElement(using: &generator)!
        broken[at] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator)!
      }
      if RequestNumbers(program: broken)[.openMapping] == nil { unread += 1 }
    }
    #expect(unread > 0)
  }
}
