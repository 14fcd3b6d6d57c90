import SharedMemory
import TestSupport
import Testing

@Test func aMessageCrossesFromOneHandleToAnother() throws {
  let session = Session(named: Places.unique())
  let first = try MemoryObject.create("x", size: 256, in: session)
  try first.map().write("Message from first process.")
  let second = try MemoryObject.open("x", in: session)
  #expect(try second.map().text() == "Message from first process.")
}
