import LuaHost
import SharedMemory
import TestSupport
import Testing

@Test func aScriptWritesAndReads() throws {
  let interpreter = try Interpreter(session: Session(named: Places.unique()))
  try interpreter.open()
  try interpreter.run(
    #"local v = assert(shm.create("x", 8)); v:write("hi"); assert(v:read() == "hi")"#)
}
