// Reads lines with the editor and says what it got, for tests that look at the screen.
//
// Its language has brackets only: a text is complete when none is open.

import Console
import Glibc

final class Demo: LineEditorDelegate {
  func isComplete(_ text: String) -> Bool {
    text.count { $0 == "(" } <= text.count { $0 == ")" }
  }

  func styles(_ text: String, cursor: Int) -> [StyledRange] {
    LuaSyntax.styles(text, cursor: cursor)
  }

  func hint(_ text: String, cursor: Int) -> String? {
    text.hasSuffix("open(") ? "name, access" : nil
  }

  func completions(_ text: String, cursor: Int) -> Completions {
    let characters = Array(text)
    var start = cursor
    while start > 0 && (characters[start - 1].isLetter || characters[start - 1] == ".") {
      start -= 1
    }
    let part = String(characters[start..<cursor])
    let all = ["print", "shm.create", "shm.open", "shm.list", "string.rep"]
    return Completions(range: start..<cursor, candidates: all.filter { $0.hasPrefix(part) })
  }
}

guard LineEditor.isUsable else {
  print("not usable")
  exit(3)
}
var editor = LineEditor(
  history: History(path: History.standardPath()), delegate: Demo())
while true {
  switch editor.readLine(prompt: "> ", continuation: ">> ") {
  case .line("abort"): abort()
  case .line(let text): print("got \(text.debugDescription)")
  case .interrupted: print("interrupted")
  case .end:
    print("end")
    exit(0)
  }
}
