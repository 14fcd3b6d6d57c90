/// The number that this process's user has outside of its user namespace. It names the directory
/// of `Local\`.
///
/// In a rootless container the user is uid 0, and so is every other user in a container of theirs.
/// If the directory were named by that number, all of them and the machine's root would share one,
/// on the `/dev/shm` that they share. `/proc/self/uid_map` says which outside number a number in
/// the namespace stands for (`user_namespaces(7)`). Named by that one, each user has a directory
/// of their own, and shares it with their own processes outside of the container.
package enum OutsideUser {
  /// The outside number according to the kernel; the inside number where the kernel does not say.
  static func number(of user: UInt32) -> UInt32 {
    let system = System()  // a look at ourselves, which is no operation that an observer explains
    guard let map = try? system.contents(System.path("/proc/self/uid_map")) else { return user }
    return number(of: user, map) {
      // The machine's root owns this file, in whichever namespace /proc was mounted.
      (try? system.status(System.path("/proc/version")))?.owner
    }
  }

  /// - Parameters:
  ///   - map: the text of `/proc/self/uid_map`.
  ///   - root: the number that the machine's root has in here; nil: unknown.
  package static func number(
    of user: UInt32, _ map: [UInt8], root: () -> UInt32?
  ) -> UInt32 {
    let ranges = String(decoding: map, as: UTF8.self).split(separator: "\n").compactMap(Range.init)
    guard let outside = ranges.compactMap({ $0.outside(of: UInt64(user)) }).first,
      outside != UInt64(user)
    else { return user }
    // In a nested namespace the map's outside numbers belong to the enclosing namespace, not to the
    // machine. If the map claims to show the machine's root, root's files show whether that is
    // true.
    if let rootHere = ranges.compactMap({ $0.inside(of: 0) }).first,
      root().map(UInt64.init) != rootHere
    {
      return user
    }
    return UInt32(outside)
  }

  /// A line of the map: the first number inside, the first number outside, and the length.
  private struct Range {
    let here, outside, count: UInt64

    init?(_ line: Substring) {
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }.map(UInt64.init)
      guard numbers.count == 3 else { return nil }
      (here, outside, count) = (numbers[0], numbers[1], numbers[2])
    }

    /// UINT32_MAX is no user's number (it is `(uid_t)-1`).
    func outside(of user: UInt64) -> UInt64? {
      guard user >= here, user - here < count else { return nil }
      let found = outside + (user - here)
      return found < UInt32.max ? found : nil
    }

    func inside(of user: UInt64) -> UInt64? {
      user >= outside && user - outside < count ? here + (user - outside) : nil
    }
  }
}
