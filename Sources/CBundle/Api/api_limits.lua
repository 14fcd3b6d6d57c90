-- Topics of help about what holds on a machine, and what does not; see help.lua for the form.

local limits = {}

limits.subjects = {
  { "files", "the file of a name; which bytes names have, and how they are shown",
    within = "names", [=[
An object's file holds its bytes from offset 0 and nothing else. Its own name has /, %, a leading
dot and controls as %XX; where that is longer than 255 bytes it is the beginning of the name and its
SHA-256. The whole name then stands in an attribute of the file (Linux 6.6), and is compared: a file
that carries another one is error 206.

Commands take names of any bytes. What is printed for people (names, memory, errors, results at the
prompt) shows letters, numbers, marks, punctuation, symbols and the space; all else, what could
command a terminal or deceive who reads it, becomes \xNN or \u{NNNN}. Scripts have the same as
console.printable. In --json a name is exact, and where it is no UTF-8 it is null and name_hex has
the bytes; moonpool path prints bytes as they are.

A mode is octal digits in a string, "0644", or an integer, which Lua writes in decimal: mode = 644 is
error 87, and says what is meant.

In a user namespace that maps your user to another number (a rootless container) the directory of
Local\ has the number outside: containers of several users do not meet on a shared /dev/shm, and each
shares Local\ with its own user on the host. Inside of a further namespace nobody can say that number;
there the directory is named by the number inside, and whoever finds it taken is told to set
MOONPOOL_SESSION or to use Global\.]=] },
  { "remains", "what stays on /dev/shm, and for how long", within = "lifetime", [=[
After a normal last close nothing remains but the two empty directories moonpool-global and
moonpool-<uid>. What killed processes leave is dead at once and never comes back. Its file is removed
by the next operation on the name, and by other operations in its namespace: each process looks at
64 entries with its first, and at 64 more at most every 10 ms. moonpool ls, and a create that finds
/dev/shm full, look at everything, the user's other sessions included. A file can outlast a last
close, dead, if at that moment somebody who may only read it was opening or closing it.

Looking takes no handle and changes nothing: a reserved page stays uncommitted, an object of 100 TiB
is dumped in the memory of a small one, and moonpool who asks only processes that you may look into;
of others it says that only root may see them.]=] },
  { "limits", "what can go wrong on a machine, why, and what to do",
    within = "lifetime", [=[
Error 999, "the memory is gone". A process truncated the object's file (any that may write it can),
or a page of an object made with reserve found /dev/shm full. The view reads zeroes from there on and
every access raises; other views work. Close the view and create the object again.

close returns a warning, view:check() says error 2. Somebody removed the file: rm, logind with
RemoveIPC=yes, Python's resource tracker. Holders still share their memory, but nobody else finds it.
Let them close and create it again; moonpool doctor lists them.

A name outlives a killed process. A child that it had forked without exec shares its locks; the name
goes when the child ends, too. moonpool who NAME shows who. The parent's close ends the hold of both,
and the child's changes nothing. Of mutexes it is another owner than its parent: with the handles that
it inherits it holds nothing, waits like anybody, and may lock for itself.

create says error 5 and "a dead object of …". In Global\ only its owner and root can remove a dead
object's file; moonpool ls and any operation of theirs does. Whether an object lives that you may not
read, only they can see. moonpool doctor counts the dead by user.

Whoever may read an object can delay the next creation of its name. A reader's lock looks like a decision
about the name's fate to everybody else: after 0.3 s they get error 170. Let in whom you trust (mode).

Whoever made /dev/shm/moonpool-global owns it, and can remove names in it. Where users do not trust
each other root makes it at boot; the Debian package does.

A listing shows only the beginning of a name, then …. The name is longer than a file name, and the
kernel (before 6.6) has no attributes on tmpfs to keep it whole. It works all the same.

A mutex says error 170. 496 owners use it already; an owner that closes its handles makes room. Or a
program that is none of them has locked their places, as whoever may read the file can; so an event,
mutex or semaphore has no mode that lets others read and not write.

A mutex is not fair. Beside an owner that locks it again and again a sleeper may come late or, in
theory, never: it is not handed over, as a sleeper that is stopped would then keep it from all. (The
longest of 42,764 waits beside such an owner took 0.26 s, on two busy processors.)

A lock returns true, "removed". Somebody removed the mutex's file while it was held: who creates the
name now has another mutex, and two processes own one name. check asks at any time.

A wait for all whose process is killed in the instant in which it takes them. What it took so far is
gone, as if it had died a moment later; the rest is free.

A text, pack or record is not atomic. Only an aligned number of 1, 2, 4 or 8 bytes is. For more take
view:update and view:snapshot, or a mutex.

Too many open files. An object takes two descriptors, a mutex that was locked, a queue in use or a
topic with a publisher three; raise ulimit -n. Where descriptors or memory run out, what Lua has
dropped is collected and closed first.]=] },
}

return limits
