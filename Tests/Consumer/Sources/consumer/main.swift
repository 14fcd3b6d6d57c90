import SharedMemory

let object = try MemoryObject.create(#"Local\Consumer"#, size: 256)
let view = try object.map()
try view.write("Message from first process.")

let second = try MemoryObject.open(#"Local\Consumer"#, access: .read)
print(try second.map().text())
