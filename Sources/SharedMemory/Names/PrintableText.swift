// The rule for which parts of a text may reach a terminal concerns names as well as other texts.
// It has a module of its own because the C reader follows it, too.
@_exported public import PrintableText
