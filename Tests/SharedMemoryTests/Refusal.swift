import SharedMemory

/// Why something is refused; nil: it is not.
func code(_ body: () throws -> Void) -> ErrorCode? {
  do {
    try body()
    return nil
  } catch {
    return (error as? SharedMemoryError)?.code
  }
}
