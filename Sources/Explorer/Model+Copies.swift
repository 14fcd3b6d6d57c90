internal import CLuaShm

/// Copies of more bytes than the processor moves at once: one step while nobody can tell, and word by
/// word where somebody else stands before the same bytes (`CLuaShmPieces.h`).
///
/// Others' steps that touch none of these bytes can be put before the copy as well as between its
/// words. So it is enough to look at what they stand before: whoever comes to these bytes later is
/// there, before the copy, on another path.
extension Model {
  /// In how many ways the actor's copy goes word by word from here; 0: it does not, or is one step.
  func waysOfCopy(_ actor: Int) -> Int {
    guard isContended(actor), fault != .copiesAtOnce else { return 0 }
    let pieces = pieces(actor, isDown: false)
    return pieces.count < 2 ? 0 : pieces.is_coarse || pieces.count == 2 && isShort(pieces) ? 1 : 2
  }

  /// A copy whose words are not tried in all ways, although somebody could come between them.
  func goesFewWays(_ actor: Int) -> Bool {
    if let copy = world.processes[actor].copy { return copy.isSourceMet && copy.isTargetMet }
    guard isContended(actor), fault != .copiesAtOnce else { return false }
    let pieces = pieces(actor, isDown: false)
    return pieces.count == 0 || pieces.is_coarse
  }

  /// Of a snapshot of nothing there are only looks.
  private func isShort(_ pieces: luashm_pieces) -> Bool {
    withUnsafeBytes(of: pieces.piece) { bytes in
      bytes.bindMemory(to: luashm_piece.self).prefix(Int(pieces.count)).contains {
        $0.kind != LUASHM_READS_WORD && $0.kind != LUASHM_WRITES_WORD
      }
    }
  }

  private func pieces(_ actor: Int, isDown: Bool) -> luashm_pieces {
    var pieces = luashm_pieces()
    luashm_list_pieces(world.processes[actor].pending.operation!, isDown, &pieces)
    return pieces
  }

  private func isContended(_ actor: Int) -> Bool {
    let process = world.processes[actor]
    guard process.phase == .stands, process.pending.isWide, process.copy == nil else {
      return false
    }
    let bytes = process.pending.accesses.filter { $0.space.objectOfBytes != nil }
    if bytes.writesAnything {
      if outline.actors[actor].mayBeKilled && world.kills < limits.kills { return true }
      if actors[director].pointee.watches { return true }
    }
    return isMet(bytes, but: actor)
  }

  // MARK: - Between two views

  /// A copy between two views reads all of its words before it writes the first. A processor may write
  /// one before it reads the next, which can be told apart by who comes to both ranges meanwhile, and
  /// by nobody else: where only one range is met, the moves in the other range can be put to any
  /// place.
  func noteWhoMeetsCopies() {
    if fault == .copiesBetweenViewsUnseen { return }
    for actor in 0..<actorCount {
      guard let copy = world.processes[actor].copy, !(copy.isSourceMet && copy.isTargetMet) else {
        continue
      }
      let process = world.processes[actor]
      guard process.pending.op == LUASHM_OP_COPY.rawValue else { continue }
      let reads = process.pending.accesses.filter { !$0.writes }
      let writes = process.pending.accesses.filter { $0.writes }
      let isWatched = actors[director].pointee.watches
      if isWatched || isMet(writes, but: actor) {
        world.processes[actor].copy?.isTargetMet = true
      }
      if isMet(reads, but: actor) { world.processes[actor].copy?.isSourceMet = true }
    }
  }

  private func isMet(_ accesses: [Access], but actor: Int) -> Bool {
    (0..<actorCount).contains { other in
      let process = world.processes[other]
      return other != actor && process.phase != .absent && !process.phase.isOver
        && accesses.conflicts(with: process.pending.accesses)
    }
  }

  // MARK: - Its steps

  func beginCopy(_ process: Int, isDown: Bool) {
    let operation = world.processes[process].pending.operation!
    var copy = World.Copy(
      isDown: isDown, staged: Array(repeating: 0, count: luashm_staged_size(operation)))
    copy.staged.withUnsafeMutableBytes { bytes in
      luashm_begin_pieces(operation, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    world.processes[process].copy = copy
    stepCopy(process)
  }

  /// The next word. Behind the last one the actor goes on; a record that has changed meanwhile is
  /// copied again.
  func stepCopy(_ process: Int) {
    guard var copy = world.processes[process].copy else { return }
    let operation = world.processes[process].pending.operation!
    let list = pieces(process, isDown: copy.isDown)
    var piece = withUnsafeBytes(of: list.piece) {
      $0.bindMemory(to: luashm_piece.self)[copy.next]
    }
    note(piece, operation)
    world.processes[process].steps += 1
    let goesOn = copy.staged.withUnsafeMutableBytes { bytes in
      luashm_move_piece(
        operation, &piece, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    copy.next += 1
    if !goesOn {
      world.processes[process].copy = nil
      narrate { $0.effect = "it has changed: again" }
    } else if copy.next == list.count {
      end(process, operation, &copy)
    } else {
      world.processes[process].copy = copy
    }
  }

  private func end(_ process: Int, _ operation: Operation, _ copy: inout World.Copy) {
    copy.staged.withUnsafeMutableBytes { bytes in
      luashm_end_pieces(operation, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    copy.staged.withUnsafeBytes { learn(process, luashm_digest($0.baseAddress, $0.count, 0)) }
    learnOutcome(operation, process)
    world.processes[process].copy = nil
    proceed(process)
  }

  /// What it touches; what it overwrites is kept.
  private func note(_ piece: luashm_piece, _ operation: Operation) {
    let handle = piece.of_source ? operation.pointee.source : operation.pointee.object
    guard let object = object(handle) else { return }
    let low = base(of: handle) + Int(piece.at)
    let high = low + Int(piece.length)
    let writes =
      piece.kind == LUASHM_WRITES_WORD || piece.kind == LUASHM_RAISES
      || piece.kind == LUASHM_SETTLES
    if writes { save(object, low, high) }
    touch(.bytes(object), low, high, writes: writes)
    if piece.kind == LUASHM_RAISES && operation.pointee.b >= 0 {
      let last = base(of: handle) + Int(operation.pointee.b)
      touch(.bytes(object), last, last + 4, writes: false)
    }
    narrate { narration in
      let range = "\(piece.at)-\(piece.at + UInt64(piece.length) - 1)"
      narration.effect =
        switch piece.kind {
        case LUASHM_READS_WORD: "reads bytes \(range)"
        case LUASHM_WRITES_WORD: "writes bytes \(range)"
        case LUASHM_LOOKS: "looks at the sequence word"
        case LUASHM_LOOKS_AGAIN: "looks again: it has not changed"
        case LUASHM_RAISES: "raises the sequence word"
        default: "settles the sequence word"
        }
    }
  }
}

extension World.Copy {
  /// Where it stands is a part of where its actor is.
  func add(to digest: inout Digest) {
    digest.add(
      UInt64(next << 3 | (isDown ? 1 : 0) | (isSourceMet ? 2 : 0) | (isTargetMet ? 4 : 0)))
    staged.withUnsafeBytes { digest.add(luashm_digest($0.baseAddress, $0.count, 0)) }
  }
}
