// `Layout` is of this library's interface, and the C reader a room of its own: it needs no memory.
@_exported public import Declarations
