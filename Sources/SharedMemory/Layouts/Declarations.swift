// `Layout` belongs to this library's interface; the C reader has a module of its own, as it needs
// no shared memory.
@_exported public import Declarations
