internal import CLuaShm
internal import SharedMemory

// The host's part of `shm.so`, the module for a stock `lua5.4`: each state gets a host of its
// own, and `require "shm"` there the same functions as here. The names are those of `CLuaShm.h`.

// swift-format-ignore: AlwaysUseLowerCamelCase
@implementation @c
func luashm_module_begin(_ host: UnsafeMutablePointer<luashm_host>!) {
  host.pointee = Host(.current, NoTerminal(), nil).calls.pointee
}

/// The state is closing.
// swift-format-ignore: AlwaysUseLowerCamelCase
@implementation @c
func luashm_module_end(_ host: UnsafeMutablePointer<luashm_host>!) {
  Host.from(host.pointee.context).end()
}
