/// The number that this process's user has outside of its user namespace, which names the
/// directory of `Local\`.
///
/// In a rootless container a user is uid 0, as is every other user in theirs: named by that
/// number, the directories of all of them and of the machine's root would be one, on a `/dev/shm`
/// that they share. `/proc/self/uid_map` says which number of the namespace outside a number here
/// is (`user_namespaces(7)`); by that one each has their own, and shares it with their own
/// processes outside.
package enum OutsideUser {
  /// As the kernel says it now; the number here where it does not say.
  static func number(of user: UInt32) -> UInt32 {
    let system = System()  // a look at ourselves, which is no operation that an observer explains
    guard let map = try? system.contents(System.path("/proc/self/uid_map")) else { return user }
    return number(of: user, map) {
      // The machine's root owns it, in whichever namespace /proc was mounted.
      (try? system.status(System.path("/proc/version")))?.owner
    }
  }

  /// - Parameters:
  ///   - map: the text of `/proc/self/uid_map`.
  ///   - root: the number by which the machine's root is seen here; nil: nobody can say.
  package static func number(
    of user: UInt32, _ map: [UInt8], root: () -> UInt32?
  ) -> UInt32 {
    let ranges = String(decoding: map, as: UTF8.self).split(separator: "\n").compactMap(Range.init)
    guard let outside = ranges.compactMap({ $0.outside(of: UInt64(user)) }).first,
      outside != UInt64(user)
    else { return user }
    // In a namespace inside of another the map's numbers are that one's, and no user's of the
    // machine. Where they seem to be of the machine's root, its files show whether they are.
    if let rootHere = ranges.compactMap({ $0.inside(of: 0) }).first,
      root().map(UInt64.init) != rootHere
    {
      return user
    }
    return UInt32(outside)
  }

  /// A line: the first number here, the first outside, and how many follow each other.
  private struct Range {
    let here, outside, count: UInt64

    init?(_ line: Substring) {
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }.map(UInt64.init)
      guard numbers.count == 3 else { return nil }
      (here, outside, count) = (numbers[0], numbers[1], numbers[2])
    }

    /// UINT32_MAX is nobody's number.
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
