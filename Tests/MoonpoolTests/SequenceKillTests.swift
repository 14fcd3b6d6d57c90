import Glibc
import TestSupport
import Testing

/// Writers that are killed at any moment of their updates, and readers that look for half a record.
@Suite struct SequenceKillTests {
  private static let kills = 60

  /// The record is long, so that a good part of a writer's time goes into publishing it.
  private static let common = """
    local options = load('return {' .. arg[1] .. '}')()
    local length = 2000000
    local view = assert(shm.create('record', 2097152))
    local stop, repairs = view:atomic(2097148), view:atomic(2097144)
    local bodies = {}
    for _, letter in ipairs { '\\0', 'A', 'B', 'C' } do
      bodies[#bodies + 1] = letter:rep(length)
      bodies[letter] = bodies[#bodies]
    end
    """

  private static let writer = """
    local turn = math.random(4)
    local function change(draft, torn)
      if torn then repairs:add(1) end
      turn = turn % 4 + 1
      draft:write(bodies[turn])
    end
    view:update(64, length, change, options)
    print('ready') io.stdout:flush()
    while true do view:update(64, length, change, options) end
    """

  private static let reader = """
    local seen, refused, torn = 0, 0, 0
    options.timeout = 0.02
    print('ready') io.stdout:flush()
    while stop:load() == 0 do
      local record = view:snapshot(64, length, options)
      if not record then refused = refused + 1
      elseif record == bodies[record:sub(1, 1)] then seen = seen + 1
      else torn = torn + 1 end
      record = nil
      collectgarbage()
    end
    print(('%d seen, %d torn, %d refused'):format(seen, torn, refused))
    """

  @Test(arguments: ["sequence = 0", "first = 0, last = 8"])
  func noReaderSeesWhatAKilledWriterLeft(options: String) throws {
    let session = Places.unique("sequence")
    func start(_ text: String) -> Child {
      let child = Child(
        Places.moonpool, ["-", options], environment: ["MOONPOOL_SESSION": session],
        input: .text(Self.common + "\n" + text))
      #expect(child.prints("ready"))
      return child
    }
    let readers = [start(Self.reader), start(Self.reader)]
    for _ in 0..<Self.kills {
      let writer = start(Self.writer)
      usleep(UInt32.random(in: 200...15_000))
      writer.kill(SIGKILL)
      writer.wait()
    }
    // Whatever the last one left, the next update repairs.
    let last = moonpool(
      "-e",
      """
      local view = assert(shm.open('record'))
      view:update(64, 2000000, function(draft) draft:write(('A'):rep(2000000)) end, {\(options)})
      print(#assert(view:snapshot(64, 2000000, {\(options)})), view:atomic(2097144):load())
      view:atomic(2097148):store(1)
      """, session: session)
    #expect(last.output.hasPrefix("2000000\t"), "\(last.errors)")
    for reader in readers {
      #expect(reader.wait() == 0)
      #expect(reader.printed.contains(", 0 torn, "), "\(reader.printed)")
      #expect(!reader.printed.contains("\n0 seen"), "\(reader.printed)")
    }
    let repairs = last.output.dropFirst(8).prefix { $0.isNumber }
    print(
      "\(options): \(Self.kills) writers killed, \(repairs) in the middle of an update;",
      readers[0].printed.dropFirst(6).prefix { $0 != "\n" })
  }
}
