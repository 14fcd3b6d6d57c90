import SharedMemory

let first = try MemoryObject.create(#"Local\Consumer"#, size: 256)
try first.map().write("Message from first process.")
print(try MemoryObject.open(#"Local\Consumer"#, access: .read).map().text())
