// The rule for what of a text may reach a terminal is of names as of all other texts, and a room
// of its own: the C reader, which is above this one, follows it, too.
@_exported public import PrintableText
