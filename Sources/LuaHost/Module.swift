internal import CLuaShm

// The host's part of `shm.so`, the module for a stock `lua5.4`: each state gets a host of its own,
// and `require "shm"` gives the same functions there as here. `CLuaShm.h` declares the names.

// swift-format-ignore: AlwaysUseLowerCamelCase
@implementation @c
func luashm_module_begin(_ host: UnsafeMutablePointer<luashm_host>!) {
  host.pointee = Host(nil, NoTerminal(), nil).calls.pointee
}

/// Called when the state closes. False: a finalizer has made a view or another object meanwhile,
/// which still needs its host.
// swift-format-ignore: AlwaysUseLowerCamelCase
@implementation @c
func luashm_module_end(_ host: UnsafeMutablePointer<luashm_host>!) -> Bool {
  let ending = Host.from(host.pointee.context)
  if ending.views.count + ending.named.count > 0 { return false }
  ending.end()
  return true
}
