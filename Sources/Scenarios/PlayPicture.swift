/// `--svg`: one lane an actor.
enum PlayPicture {
  static func text(_ reports: [Report]) -> String { "" }
}
