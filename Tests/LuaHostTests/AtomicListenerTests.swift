import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// What a listener hears of cells and of records under a sequence word.
@Suite struct AtomicListenerTests {
  private final class Listener: OperationListener {
    let heard = Mutex<[String]>([])

    func enter(_ operation: Operation) {}

    func leave(_ operation: Operation, outcome: Int32) {
      let arguments = operation.arguments.map(String.init).joined(separator: ",")
      let timeout = operation.timeout.map { " \($0) s" } ?? ""
      heard.withLock {
        $0.append(
          "\(operation.kind) \(operation.verb)(\(arguments))\(timeout) "
            + "\(operation.offset)+\(operation.length) = \(outcome) \(operation.result) "
            + "\(operation.existed)")
      }
    }
  }

  @Test func everyOperationIsHeardAndNoneOfADraft() throws {
    let listener = Listener()
    let interpreter = try Interpreter(
      session: Session(named: Places.unique("gate")), listener: listener)
    try interpreter.open()
    try interpreter.run(
      """
      local view = assert(shm.create("x", 64))
      local cell = view:atomic(8)
      cell:store(5):add(2)
      cell:load()
      cell:cas(7, 1)
      cell:cas(7, 2)
      cell:wait(1, 0)
      cell:wait(0)
      cell:wake()
      pcall(cell.store, cell, -1)
      local T = shm.layout("struct s { int number; char text[4]; };")
      view:update(16, 8, function(draft)
        draft:write("x"):atomic(4):add(draft:size())
        draft:u32(4, draft:u32(0)):pack("z", 0, draft:text(0))
        draft:unpack("I4", 0)
        draft:fill(0):copy(0, view, 8, 4):hex()
        local record = draft:as(T)
        record.number, record.text = record.number + 1, record.text
        record:write(record:read())
        draft:update(0, 8, function() end):snapshot(0, 8)
      end, {sequence = 0})
      view:snapshot(16, 8, {sequence = 0})
      view:close()
      """)
    #expect(
      listener.heard.withLock { $0 }.dropFirst().dropLast() == [
        "store cell:store(5) 8+4 = 0 5 true",
        "atomic cell:add(2) 8+4 = 0 5 true",
        "load cell:load() 8+4 = 0 7 true",
        "atomic cell:cas(7,1) 8+4 = 0 7 true",
        "atomic cell:cas(7,2) 8+4 = 0 1 false",
        "wait cell:wait(1) 0.0 s 8+4 = 0 0 false",
        "wait cell:wait(0) 8+4 = 0 0 true",
        "wake cell:wake(1) 8+4 = 0 0 true",
        "load view:update(16,8) 16+8 = 0 0 false",
        "load view:copy(0,8,4) 8+4 = 0 0 true",
        "store view:update(16,8) 16+8 = 0 0 true",
        "load view:snapshot(16,8) 16+8 = 0 0 true",
      ])
  }
}
