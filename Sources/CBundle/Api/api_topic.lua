-- The API, told once: topics. See help.lua for the tables' forms.

local given <const> = ... -- the prompt's loader, or the name that was required
local shared <const> = type(given) == "function" and given("api_shared")
  or require("moonpool.api_shared")

local making <const>, opening <const>, naming <const>, timeout <const>, gone <const>
  = shared.making, shared.opening, shared.naming, shared.timeout, shared.gone

local topic = {}

-- What the general table says of other things.
local no_topic <const> = "what lies in its memory is no topic"
local looking <const> = { [13] = no_topic }
local reading <const> = { [13] = "the message is no value, or " .. no_topic }
local publishing <const> = {
  [13] = no_topic,
  [24] = "the message is larger than `limit`, a quarter of the ring; create it with more bytes",
  [170] = "another publisher stopped in the midst of publishing, for 0.3 s; try again",
}

topic.classes = {
  { "topic", class = "shm.topic", made = "shm.topic",
    line = "topics: publish, next, latest …", within = "queue",
    text = "Messages that every reader gets, as far as it keeps up; ?topics says when to take them." },
}

topic.functions = {
  {
    name = "shm.topic", signature = "shm.topic(name, bytes [, options])",
    results = { { "topic", "shm.topic" },
      { "existed", "boolean", "whether it was opened" } },
    brief = "makes a topic, or opens the one that exists (its size wins)",
    params = {
      naming,
      { "bytes", "integer", "of its ring, rounded up to whole pages; from 1 to 2^30" },
      { "options", "shm.topic.options?", "from, strict, access, mode, exclusive" },
    },
    text = "A message takes 24 bytes more than it has, rounded up to 8. Each handle is one reader, "
      .. "which begins with what is published next; `from` says otherwise: \"oldest\", \"latest\" or a "
      .. "sequence.",
    codes = making,
    raises = "a name that is no string, a size that is no integer, an unknown option",
    example = [=[
local speed <close> = assert(shm.topic("speed", 65536))
speed:publish { kmh = 88 }
print(speed)  --> topic of speed (1 message, the last 1 kept in 65536 bytes)
print(speed:next().kmh)  --> 88]=],
  },
  {
    name = "shm.open_topic", signature = "shm.open_topic(name [, options])",
    family = "shm.open_event",
    results = { { "topic", "shm.topic" } },
    brief = "opens a topic that exists, as a further reader",
    params = { { "name", "string", "as it was created" },
      { "options", "shm.topic.options?", "from, strict, access" } },
    codes = opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
speed:publish("early")
local late <close> = assert(shm.open_topic("speed", { access = "read" }))
local later <close> = assert(shm.open_topic("speed", { from = "oldest" }))
print(late:next(0))  --> false	timeout
print(later:next(0), later:position())  --> early	1]=],
  },
  {
    name = "topic:publish", signature = "topic:publish(value)",
    results = { { "sequence", "integer", "1, 2, …: its number among all messages" } },
    brief = "publishes a message; never waits for readers, and writes over the oldest messages",
    params = { { "value", "string|number|true|table", "one message; as for queue:push" } },
    text = "It is there as a whole or not at all, whenever somebody is killed. The handle is a "
      .. "publisher from the first call on.",
    codes = { 5, 13, 24, 170 }, meanings = publishing,
    raises = "a closed topic, nil and false (what next returns for no message), a function or "
      .. "userdata with the way to it, a table in itself, " .. gone,
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:publish { kmh = 88 }, speed:publish("text"))  --> 1	2]=],
  },
  {
    name = "topic:publish_all", signature = "topic:publish_all(list)",
    results = { { "sequence", "integer", "of the last one; of an empty list: of the newest there is" } },
    brief = "publishes all messages of a list, with one wake-up",
    params = { { "list", "table", "messages, from 1" } },
    text = "They go in one by one: who reads meanwhile may see a part, and a kill leaves a part.",
    codes = { 5, 13, 24, 170 }, meanings = publishing,
    raises = "as publish", family = "topic:publish",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:publish_all { "a", "b", "c" }, speed:next())  --> 3	a]=],
  },
  {
    name = "topic:next", signature = "topic:next([timeout])",
    results = { { "value", "any", "false: nothing came" }, { "why", "string?", '"timeout"' } },
    brief = "the next message that this handle has not read; waits for one",
    params = { timeout },
    text = "A reader that was too slow goes on with the oldest message there is; topic:lost says how "
      .. "many it missed. nil, …, 109 is the end: all publishers that there were have closed it or "
      .. "died, and all is read. With `strict` a loss is nil, …, 1117, once, before it goes on; so "
      .. "is what `from` or seek asked for and is gone.",
    codes = { 5, 13, 109, 1117 },
    meanings = {
      [13] = reading[13],
      [109] = "the end: all publishers have gone, and all was read",
      [1117] = "with `strict`: messages were lost; the next call goes on behind them",
    },
    raises = "a closed topic, a timeout that is no number from 0, " .. gone,
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:next(0.01))  --> false	timeout
speed:publish("one")
print(speed:next(), speed:position())  --> one	1]=],
  },
  {
    name = "topic:messages", signature = "topic:messages([timeout])",
    results = { { "next", "fun(topic: shm.topic): any, integer" }, { "topic", "shm.topic" } },
    brief = "for value, sequence in topic:messages() do: until the end, or until nothing came in time",
    params = { timeout },
    raises = "a closed topic; in the loop, what next refuses but for the end", family = "topic:next",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
speed:publish_all { "a", "b" }
for value, sequence in speed:messages(0) do print(sequence, value) end
--> 1	a
--> 2	b]=],
  },
  {
    name = "topic:latest", signature = "topic:latest()",
    results = { { "value", "any", "nil: there has been none" } },
    brief = "the newest message, whoever published it and whether it lives; next is not affected",
    codes = { 5, 13 }, meanings = reading,
    raises = "a closed topic, " .. gone,
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:latest())  --> nil
speed:publish_all { "old", "new" }
print(speed:latest(), speed:sequence())  --> new	2]=],
  },
  {
    name = "topic:lost", signature = "topic:lost()",
    results = { { "new", "integer", "since the last call" },
      { "total", "integer", "since the handle was opened" } },
    brief = "how many messages were written over before this handle came to read them",
    text = "Exact: it counts sequences. It learns of a loss with the next message that it reads.",
    raises = "a closed topic",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
for i = 1, 1000 do speed:publish(i) end
local value = speed:next()
print(value - 1 == speed:lost(), speed:lost())  --> true	0	872]=],
  },
  {
    name = "topic:seek", signature = "topic:seek(place)",
    results = { { "sequence", "integer", "of the message that next returns then" } },
    brief = "reads on elsewhere: \"next\", \"latest\", \"oldest\", or a sequence",
    params = { { "place", "string|integer", "what is gone of a sequence counts as lost, once" } },
    codes = { 5, 13 }, meanings = looking,
    raises = "a closed topic, a place that is none, " .. gone,
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
speed:publish_all { "a", "b", "c" }
print(speed:seek("latest"), speed:next())  --> 3	c
print(speed:seek(2), speed:next())  --> 2	b]=],
  },
  {
    name = "topic:skip", signature = "topic:skip()", family = "topic:seek",
    results = { { "count", "integer", "messages that were passed over, which are not lost" } },
    brief = "passes over everything there is",
    codes = { 5, 13 }, meanings = looking,
    raises = "a closed topic, " .. gone,
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
speed:publish_all { "a", "b" }
print(speed:skip(), speed:next(0))  --> 2	false	timeout]=],
  },
  {
    name = "topic:sequence", signature = "topic:sequence()", family = "topic:latest",
    results = { { "sequence", "integer", "0: there has been none" } },
    brief = "the number of the newest message",
    codes = { 13 }, meanings = looking,
    raises = "a closed topic, " .. gone,
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:sequence(), speed:publish("x"), speed:sequence())  --> 0	1	1]=],
  },
  {
    name = "topic:position", signature = "topic:position()", family = "topic:lost",
    results = { { "sequence", "integer", "0: it has read none since the topic was made" } },
    brief = "how far this handle is: the number of the message that it read, or passed over, last",
    raises = "a closed topic",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
speed:publish_all { "a", "b", "c" }
print(speed:next(), speed:position(), speed:sequence() - speed:position())  --> a	1	2]=],
  },
  {
    name = "topic:age", signature = "topic:age()", family = "topic:latest",
    results = { { "seconds", "number?", "nil: this handle has read none" } },
    brief = "the time since the message that next returned last was published",
    text = "A publisher reads the clock every few microseconds at most: it is as exact as that.",
    raises = "a closed topic",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
speed:publish("x")
print(speed:age(), speed:next(), speed:age() < 60)  --> nil	x	true]=],
  },
  {
    name = "topic:capacity", signature = "topic:capacity()",
    results = { { "bytes", "integer" } },
    brief = "the bytes of its ring",
    raises = "a closed topic",
    example = [=[
local speed <close> = assert(shm.topic("speed", 5000))
print(speed:capacity())  --> 8192]=],
  },
  {
    name = "topic:limit", signature = "topic:limit()", family = "topic:capacity",
    results = { { "bytes", "integer" } },
    brief = "the bytes of the largest message: a quarter of the ring, without its header",
    raises = "a closed topic",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:limit(), select(3, speed:publish(("x"):rep(1001))))  --> 1000	24]=],
  },
  {
    name = "topic:name", signature = "topic:name()", family = "event:name",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:name())  --> speed]=],
  },
  {
    name = "topic:check", signature = "topic:check()", family = "event:check",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    codes = { 2, 999 },
    raises = "a closed topic",
    example = [=[
local speed <close> = assert(shm.topic("speed", 4096))
print(speed:check())  --> true]=],
  },
  {
    name = "topic:close", signature = "topic:close()", family = "event:close",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "closes the handle; `<close>` and the collector do the same",
    text = "A topic lives as long as its handles, of publishers and readers.",
    example = [=[
local speed = assert(shm.topic("speed", 4096))
print(speed:close(), speed)  --> true	topic of speed (closed)]=],
  },
}

topic.options = {
  { "from", '"next"|"latest"|"oldest"|integer', "topic, open_topic",
    'where this reader begins; default `"next"`: with what is published then',
    class = "shm.topic.options" },
  { "strict", "boolean", "topic, open_topic", "`next` says error 1117 where messages were lost",
    class = "shm.topic.options" },
  { "access", '"all"|"publish"|"read"', "topic, open_topic",
    '`"all"` (default), `"publish"` (a publisher at once), `"read"`', class = "shm.topic.options" },
}

topic.subjects = {
  { "topics", "what many read, each at its own pace", within = "queue", [=[
shm.topic carries messages to all who read it. Publishing never waits: it writes over the oldest
messages. A reader writes nothing into shared memory, so any number of them costs publishers nothing.

Each handle is one reader with a position of its own. It begins with what is published after it was
opened; `from` says otherwise. A reader that is overtaken goes on with the oldest message that is
still there and knows exactly how many it lost: topic:lost, or error 1117 with `strict`. Who must lose
nothing takes a queue (?queues), one for each reader.

  a publisher dies    what it had published is there; what it was writing never was. The last one's
                      death is the end (109) for who has read all, noticed within a second
  a reader dies       nobody notices
  one is stopped      in the midst of publishing: other publishers get error 170 after 0.3 s (3 s, if
                      it only gets no processor), readers go on

shm.wait { speed, stop } waits for what this handle has not read, or the end.]=] },
}

return topic
