-- What can be typed at the prompt, and its keys. See help.lua for the tables' forms.

local prompt = {}

prompt.subjects = {
  { "prompt", "what can be typed here; ?keys tells what the keys do", [[
A line is an expression, whose values are shown, or a statement; one that is not complete goes on
in the next line. local ends with its line: leave it out for names that are to stay.

  ?name          help, as help(name); help() lists the topics
  ?keys          what the keys do
  _, _1, _2      the last results
  hex(number)    an integer in hexadecimal
  :all           the last result whole
  :time EXPR     run it, and say how long it took
  :ls, :who NAME what lives on this machine, and who holds it
  :edit          the last chunk in $VISUAL or $EDITOR
  :save FILE     what ran as a script; :load FILE runs one
  :              these commands, with what they do
  :q, Ctrl-D     leave

Tab completes globals, fields, methods, modules, the options of a call, the names of help behind ?
and, inside shm.open("…"), the names that live.]] },
  { "keys", nil, [[
  Tab                 complete; again: list what fits
  Enter               run, or go on in the next line while something is open
  Alt-Enter           a new line wherever the cursor is
  Up, Down            lines of this text; then earlier and later texts that begin with what
                      stands before the cursor. Ctrl-P, Ctrl-N likewise
  PageUp, PageDown    earlier and later texts, whatever they begin with; Ctrl-Up, Ctrl-Down
  Alt-<, Alt->        the oldest text, the new one
  Ctrl-R, Ctrl-S      search the texts backwards, and on in the other direction
  Ctrl-A, Ctrl-E      to the beginning and the end of the line; Home, End
  Ctrl-B, Ctrl-F      a character back and forth; Left, Right
  Alt-B, Alt-F        a word back and forth; Ctrl-Left, Ctrl-Right
  Ctrl-K, Ctrl-U      cut to the end of the line, to its beginning
  Ctrl-W, Alt-D       cut the word before the cursor, behind it; Alt-Backspace, Ctrl-Delete
  Ctrl-Y, Alt-Y       paste what was cut; what was cut before that
  Ctrl-T              exchange two characters
  Alt-U, Alt-L, Alt-C a word in upper case, in lower case, with a capital
  Ctrl-_, Alt-_       undo, redo
  Ctrl-D              delete a character; leave where there is no text
  Ctrl-L              clear the screen
  Ctrl-C              drop the text; stop what runs. Where a function of C does not stop, the
                      third ends moonpool
  Ctrl-Z              suspend moonpool]] },
}

return prompt
