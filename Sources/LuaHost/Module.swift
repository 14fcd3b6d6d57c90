internal import CLuaShm
internal import SharedMemory

/// The host's part of `shm.so`, the module for a stock `lua5.4`: each state gets a host of its
/// own, and `require "shm"` there the same functions as here.
@implementation @c(luashm_module_begin)
func beginModule(_ host: UnsafeMutablePointer<luashm_host>!) {
  host.pointee = Host(.current, NoTerminal(), nil).calls.pointee
}

/// The state is closing.
@implementation @c(luashm_module_end)
func endModule(_ host: UnsafeMutablePointer<luashm_host>!) {
  Host.from(host.pointee.context).end()
}
