internal import CLuaShm
internal import CShm
internal import Glibc
internal import SharedMemory

/// The faults: done to who stands, or at a time.
extension Performance {
  /// Who stands waits for a fault; it is done, and they go on.
  func lookAtStanding() {
    for part in 1..<parts {
      let standing = stage.standing(part)
      if standing == 0 || frozen.contains(where: { $0.part == part }) { continue }
      // Whoever is killed stands to the end.
      guard let process = processes[part], !process.hasEnded, !process.isKilled else { continue }
      if standing == UInt32(LUASHM_STANDS_FOR_SWEEP) {
        outcome.wasKilled = true
        kill(part, "before operation \(plan.killPoint?.operation ?? 0)")
      } else {
        doFault(Int(standing) - 1, to: part)
      }
    }
  }

  func doTimed(_ index: Int) {
    let fault = scenario.faults[index]
    if fault.kind == .kill && plan.isSweep { return }
    if fault.actors.isEmpty {
      doToMemory(index)
      return
    }
    for actor in fault.actors where !(processes[actor + 1]?.hasEnded ?? true) {
      doFault(index, to: actor + 1, isStanding: false)
    }
  }

  private func doFault(_ index: Int, to part: Int, isStanding: Bool = true) {
    guard scenario.faults.indices.contains(index) else { return }
    let fault = scenario.faults[index]
    switch fault.kind {
    case .kill:
      outcome.faults.insert(index)
      kill(part, fault.when)
    case .freeze:
      outcome.faults.insert(index)
      freeze(part, fault.seconds ?? 0, isStanding)
    case .truncate, .full:
      doToMemory(index)
      if isStanding { stage.letGo(part) }
    case .delay:
      stage.letGo(part)
    }
  }

  /// It ends before anything else is looked at.
  private func kill(_ part: Int, _ when: String) {
    guard let process = processes[part] else { return }
    let place = stage.place(part)
    process.isKilled = true
    process.signal(SIGKILL)
    span(.killed, part, for: 0, "killed \(when)")
    note(part, "· killed (9) \(when)" + (place.isEmpty ? "" : ", \(place)"))
  }

  private func freeze(_ part: Int, _ seconds: Double, _ isStanding: Bool) {
    processes[part]?.signal(SIGSTOP)
    frozen.append((part, cshm_now() + Int64(seconds * 1e9), isStanding))
    span(.frozen, part, for: seconds, "frozen")
    note(part, "· frozen \(Self.number((seconds * 1000).rounded())) ms")
  }

  func span(_ kind: Outcome.Span.Kind, _ part: Int, for length: Double, _ text: String) {
    let now = seconds(since: begin)
    outcome.spans.append(.init(kind: kind, part: part, from: now, to: now + length, text: text))
  }

  func thaw(_ part: Int, _ isStanding: Bool) {
    if isStanding { stage.letGo(part) }
    processes[part]?.signal(SIGCONT)
  }

  private func doToMemory(_ index: Int) {
    let fault = scenario.faults[index]
    let refusal =
      fault.kind == .full
      ? setting.theatre.fill() : truncate(fault.object, to: fault.size ?? 0)
    if let refusal {
      outcome.refused.append(.init(text: refusal, place: fault.place))
      return
    }
    outcome.faults.insert(index)
    note(
      0,
      fault.kind == .full
        ? "· /dev/shm is full" : "· \(fault.object) truncated to \(fault.size ?? 0) bytes")
  }

  /// Nil: it is done.
  private func truncate(_ name: String, to size: Int) -> String? {
    if name.hasPrefix("/") && !setting.theatre.isPrivate {
      return "fault.truncate: \(name) is the machine's, as no /dev/shm of the play's own can be "
        + "had here"
    }
    guard let path = try? session.path(of: Array(name.utf8)) else {
      return "fault.truncate: '\(name)' is no name of an object"
    }
    let status = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
      Glibc.truncate($0.baseAddress!, size)
    }
    return status == 0
      ? nil : "fault.truncate: \(name): \(String(cString: strerror(errno)))"
  }
}
