import Glibc
import TestSupport
import Testing

/// Writers that are killed at any moment of their updates, and readers that look for half a record.
@Suite struct SequenceKillTests {
  private static let kills = 60

  /// The record is long, so that a good part of a writer's time goes into copying it.
  private static let common = """
    local options = load('return {' .. arg[1] .. '}')()
    local length = 200000
    local view = assert(shm.create('record', 262144))
    local stop, repairs = view:atomic(262140), view:atomic(262136)
    """

  private static let writer = """
    local byte = math.random(0, 255)
    print('ready') io.stdout:flush()
    while true do
      view:update(64, length, function(draft, torn)
        if torn then repairs:add(1) end
        byte = (byte + 1) % 256
        draft:write(string.char(byte):rep(length))
      end, options)
    end
    """

  private static let reader = """
    local seen, refused, torn = 0, 0, 0
    options.timeout = 0.02
    print('ready') io.stdout:flush()
    while stop:load() == 0 do
      local record = view:snapshot(64, length, options)
      if not record then refused = refused + 1
      elseif record == record:sub(1, 1):rep(length) then seen = seen + 1
      else torn = torn + 1 end
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
      usleep(UInt32.random(in: 500...8_000))
      writer.kill(SIGKILL)
      writer.wait()
    }
    // Whatever the last one left, the next update repairs.
    let last = moonpool(
      "-e",
      """
      local view = assert(shm.open('record'))
      view:update(64, 200000, function(draft) draft:write(('z'):rep(200000)) end, {\(options)})
      print(#assert(view:snapshot(64, 200000, {\(options)})), view:atomic(262136):load())
      view:atomic(262140):store(1)
      """, session: session)
    #expect(last.output.hasPrefix("200000\t"), "\(last.errors)")
    for reader in readers {
      #expect(reader.wait() == 0)
      #expect(reader.printed.contains(", 0 torn, "), "\(reader.printed)")
      #expect(!reader.printed.contains("\n0 seen"), "\(reader.printed)")
    }
    let repairs = last.output.dropFirst(7).prefix { $0.isNumber }
    print(
      "\(options): \(Self.kills) writers killed, \(repairs) in the middle of an update;",
      readers[0].printed.dropFirst(6).prefix { $0 != "\n" })
  }
}
