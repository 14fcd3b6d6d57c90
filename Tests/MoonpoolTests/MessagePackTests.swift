import Glibc
import TestSupport
import Testing

/// The values of messages beside another implementation of MessagePack: what one side writes, the
/// other one reads as the same.
@Suite(.enabled(if: hasMessagePack, "python3-msgpack is not installed (scripts/setup test)"))
struct MessagePackTests {
  private let session = Places.unique("msgpack")

  private func file(_ name: String) -> String { "/tmp/\(session)-\(name)" }

  private func start(_ command: String) -> Child {
    Child(
      "/bin/sh", ["-c", command],
      environment: ["MOONPOOL_SESSION": session, "moonpool": Places.moonpool])
  }

  private func expectEnds(_ child: Child) {
    #expect(child.wait() == 0, "\(child.complained)")
    #expect(child.complained == "")
  }

  @Test func pythonReadsWhatIsPushed() throws {
    let lua = Child(
      Places.moonpool,
      ["-e", dumpInLua + "local seed = \(UInt32.random(in: 0..<1 << 31))\n" + valuesInLua],
      environment: ["MOONPOOL_SESSION": session])
    #expect(poll { moonpool("stat", "q", session: session).status == 0 })
    let python = start("\"$moonpool\" receive q | \(python) -c '\(dumpInPython)\(readInPython)'")
    expectEnds(lua)
    expectEnds(python)
    #expect(lua.printed.split(separator: "\n").count == 2000)
    #expect(python.printed == lua.printed)
  }

  @Test func whatPythonWritesIsPopped() throws {
    let sent = file("sent")
    defer { unlink(sent) }
    let seed = UInt32.random(in: 0..<1 << 31)
    let python = start(
      "\(python) -c '\(dumpInPython)\(valuesInPython)' \(seed) 2>\(sent) | \"$moonpool\" send q")
    #expect(poll { moonpool("stat", "q", session: session).status == 0 })
    let lua = Child(
      Places.moonpool,
      [
        "-e", dumpInLua + #"for value in shm.open_queue("q"):messages() do print(dump(value)) end"#,
      ],
      environment: ["MOONPOOL_SESSION": session])
    expectEnds(python)
    expectEnds(lua)
    let expected = run("/bin/cat", [sent]).output
    #expect(expected.split(separator: "\n").count == 2000)
    #expect(lua.printed == expected)
  }
}

/// Debian's own: another one that is first in the path has other packages.
private let python = "/usr/bin/python3"
private let hasMessagePack = run(python, ["-c", "import msgpack"]).status == 0

/// Both sides describe a value in the same words: floats by their bits, texts by their bytes, keys in
/// an order of their own. What has the keys 1 to n is an array.
private let dumpInLua = #"""
  function dump(value)
    if math.type(value) == "integer" then return "i" .. value end
    if math.type(value) == "float" then return ("f%016x"):format(string.unpack("<i8", string.pack("<d", value))) end
    if type(value) == "string" then return "s" .. value:gsub(".", function(c) return ("%02x"):format(c:byte()) end) end
    if type(value) ~= "table" then return tostring(value) end
    local parts, count, is_array = {}, 0, true
    for key in pairs(value) do
      is_array = is_array and math.type(key) == "integer" and key >= 1 and key <= #value
      count = count + 1
    end
    if is_array and count == #value then
      for i = 1, count do parts[i] = dump(value[i]) end
      return "[" .. table.concat(parts, ",") .. "]"
    end
    for key, item in pairs(value) do parts[#parts + 1] = dump(key) .. "=" .. dump(item) end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
  end

  """#

private let valuesInLua = #"""
  math.randomseed(seed)
  local function integer() return math.random(0) >> math.random(0, 63) end
  local function text() return (string.rep(string.char(math.random(0, 255)), math.random(0, 300))) end
  local numbers = { 0.0, -0.0, 1.5, math.huge, -math.huge, 0 / 0, math.pi, 1e300, 5e-324 }
  local value
  local function any(depth)
    local kind = math.random(depth > 0 and 7 or 5)
    if kind == 1 then return integer() end
    if kind == 2 then return -integer() end
    if kind == 3 then return numbers[math.random(#numbers)] end
    if kind == 4 then return text() end
    if kind == 5 then return math.random(2) == 1 end
    local made = {}
    for i = 1, math.random(0, math.random(4) == 1 and 40 or 5) do
      made[kind == 6 and i or math.random(2) == 1 and text() or integer()] = any(depth - 1)
    end
    return made
  end
  local queue = assert(shm.queue("q", 1 << 22))
  for _ = 1, 2000 do
    local made = any(3) or true
    assert(queue:push(made))
    print(dump(made))
  end
  assert(queue:drain())
  """#

/// Between single quotes of a shell: it has none.
private let dumpInPython = #"""
  import msgpack, random, struct, sys
  def dump(value):
      if value is True or value is False: return "true" if value else "false"
      if isinstance(value, int) and value < 1 << 63: return "i%d" % value
      if isinstance(value, (int, float)): return "f%016x" % struct.unpack("<Q", struct.pack("<d", float(value)))
      if isinstance(value, bytes): return "s" + value.hex()
      if isinstance(value, str): return "s" + value.encode().hex()
      if isinstance(value, dict):
          if all(type(key) is int for key in value) and sorted(value) == list(range(1, len(value) + 1)):
              return "[" + ",".join(dump(value[i]) for i in range(1, len(value) + 1)) + "]"
          parts = [dump(key) + "=" + dump(item) for key, item in value.items()]
          return "{" + ",".join(sorted(parts, key=lambda part: part.encode())) + "}"
      return "[" + ",".join(map(dump, value)) + "]"

  """#

private let readInPython = #"""
  while True:
      head = sys.stdin.buffer.read(5)
      if not head: break
      length, kind = struct.unpack("<IB", head)
      data = sys.stdin.buffer.read(length)
      print(dump(data if kind == 1 else msgpack.unpackb(data, raw=True, strict_map_key=False)))
  """#

private let valuesInPython = #"""
  random.seed(int(sys.argv[1]))
  def any(depth):
      kind = random.randrange(8 if depth > 0 else 6)
      if kind == 0: return random.getrandbits(64) >> random.randrange(64)
      if kind == 1: return -(random.getrandbits(63) >> random.randrange(63))
      if kind == 2: return random.choice([0.0, -0.0, 1.5, float("inf"), float("nan"), 1e300, random.random()])
      if kind == 3: return random.randbytes(random.choice([0, 3, 40, 300, 70000 if depth == 3 else 1]))
      if kind == 4: return "\u00e4\u20ac" * random.randrange(40)
      if kind == 5: return random.choice([True, False])
      count = random.randrange(random.choice([5, 40]))
      if kind == 6: return [any(depth - 1) for _ in range(count)]
      keys = [random.choice([any(0), i + 1]) for i in range(count)]
      # A text and bytes are the same to Lua, and a float may be an integer.
      keys = {dump(key): key for key in keys if type(key) is not float and (type(key) is not int or key < 1 << 63)}
      return {key: any(depth - 1) for key in keys.values()}
  for _ in range(2000):
      value = any(3)
      if value is False: value = True
      data = msgpack.packb(value, use_bin_type=random.choice([True, False]))
      sys.stdout.buffer.write(struct.pack("<IB", len(data), 2) + data)
      print(dump(value), file=sys.stderr)
  """#
