import SharedMemory

func share() throws(SharedMemoryError) {
  let first = try MemoryObject.create(#"Local\Consumer"#, size: 256)
  try first.map().write("Message from first process.")

  let second = try MemoryObject.open(#"Local\Consumer"#, access: .read)
  print(try second.map().text())
}

try share()
