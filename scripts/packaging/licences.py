"""Whose code is inside the binaries, by the linker's maps, and under which licences."""

import pathlib
import re
import shutil

from tools import TOP, Failure, run

SWIFT, FOUNDATION, PARSER, LUA, GCC = "swift", "foundation", "parser", "lua", "gcc"
# Moonpool's own, and the C library's start files, which its licence leaves to everybody.
NOBODY = None

# The archives and objects that a map may name. One that is not here stops the packaging: somebody
# has to look under which licence it is.
PARTS = [
    (r"/swift_static/linux/lib(swift\w*|dispatch|BlocksRuntime)\.a$", SWIFT),
    (r"/swift_static/linux/x86_64/swiftrt\.o$", SWIFT),
    (r"/swift_static/linux/lib_?Foundation(Essentials|CShims|Collections)\.a$", FOUNDATION),
    (r"/(ArgumentParser|ArgumentParserToolInfo)\.build/", PARSER),
    (r"/(lua-whole\.o|liblua5\.4\.a)$", LUA),
    (r"/lib(stdc\+\+|gcc|gcc_eh|gcc_s)\.a$", GCC),
    (r"/crt(begin|end)[ST]?\.o$", GCC),
    (rf"/({'|'.join(path.name for path in (TOP / 'Sources').iterdir())})\.build/", NOBODY),
    (r"/(crt1|crti|crtn|Scrt1)\.o$", NOBODY),
    (r"/libc_nonshared\.a$", NOBODY),
    # Not inside: the loader finds them.
    (r"\.so(\.\d+)*$", NOBODY),
]

TITLES = {
    SWIFT: "Swift's runtime and standard library, and libdispatch"
           " (Apache License 2.0 with Runtime Library Exception)",
    FOUNDATION: "Foundation Essentials (Apache License 2.0 with Runtime Library Exception),"
                " and the UUID code in it",
    PARSER: "Swift Argument Parser (Apache License 2.0 with Runtime Library Exception)",
    LUA: "Lua (MIT)",
    GCC: "libstdc++ and libgcc (GPL 3 with GCC Runtime Library Exception)",
}


def owner_of(path):
    for pattern, owner in PARTS:
        if re.search(pattern, path):
            return owner
    return Failure


def owners_inside(binary):
    """Keys of TITLES. The map stands beside the binary: `moonpool` and `moonpool.map`."""
    map_file = binary.with_suffix(".map")
    if not map_file.exists():
        raise Failure(f"{map_file} is not there: what is in {binary.name} cannot be known")
    paths = set(re.findall(r"(?:^|\s)(/[^\s(]+\.(?:a|o|so[.\d]*))(?=[\s(]|$)",
                           map_file.read_text(errors="replace")))
    owners = {path: owner_of(path) for path in paths}
    unknown = sorted(path for path, owner in owners.items() if owner is Failure)
    if unknown:
        raise Failure(f"{binary.name} links what no licence is named for"
                      f" (scripts/packaging/licences.py): {', '.join(unknown)}")
    if not paths:
        raise Failure(f"{map_file} names no object: is it a linker's map?")
    return set(owners.values()) - {NOBODY}


# MARK: their texts

def toolchain():
    return pathlib.Path(shutil.which("swift") or "/usr/bin/swift").resolve().parent.parent


def part_of(text, start, end, where):
    """The lines from the one that is `start` to the one before that which begins with `end`."""
    found = re.search(rf"^{re.escape(start)}$.*?(?=^{re.escape(end)})", text, re.M | re.S)
    if not found:
        raise Failure(f"{where} no longer has the part from {start!r} to {end!r}")
    return found[0].strip()


def notice_of_uuid():
    """Which must travel with binaries; the toolchain has it in a header."""
    text = (toolchain() / "lib/swift_static/_FoundationCShims/uuid.h").read_text()
    lines = [line.strip().removeprefix("*").strip() for line in text[:text.index("*/")].splitlines()]
    return "\n".join(line for line in lines if line[:1] not in ("/", "%")).strip()


def copyright_of(file):
    """What Debian says of the package that a file is of."""
    package = run("dpkg", "-S", pathlib.Path(file).resolve()).split(":")[0]
    path = pathlib.Path(f"/usr/share/doc/{package}/copyright")
    if not path.exists():
        raise Failure(f"{path} is not there: was {package} installed without its documents?")
    return path.read_text(), str(path)


def text_of_gcc():
    library = run("gcc", "-print-file-name=libstdc++.a").strip()
    text, where = copyright_of(library)
    return "\n\n".join([
        part_of(text, "COPYRIGHT STATEMENTS AND LICENSING TERMS", "The libbacktrace library", where),
        part_of(text, "GCC RUNTIME LIBRARY EXCEPTION", "libquadmath/", where),
        pathlib.Path("/usr/share/common-licenses/GPL-3").read_text().strip()])


def text_of(owner):
    if owner == SWIFT:
        return (toolchain() / "share/swift/LICENSE.txt").read_text().strip()
    if owner == FOUNDATION:
        return ("Of Foundation Essentials the licence of Swift, which is in this file.\n"
                "Of the UUID code, in addition:\n\n" + notice_of_uuid())
    if owner == PARSER:
        places = sorted(TOP.glob(".build*/checkouts/swift-argument-parser/LICENSE.txt"))
        if not places:
            raise Failure("there is no checkout of swift-argument-parser with its LICENSE.txt")
        return places[0].read_text().strip()
    if owner == LUA:
        library = run("pkg-config", "--variable=libdir", "lua5.4").strip() + "/liblua5.4.a"
        return copyright_of(library)[0].strip()
    return text_of_gcc()


def third_party(owners):
    """THIRD-PARTY.txt for binaries with these owners' code in them."""
    line = "=" * 79
    parts = [f"{line}\n{title}\n{line}\n\n{text_of(owner)}\n"
             for owner, title in TITLES.items() if owner in owners]
    return "\n".join(["What is in the binaries beside Moonpool's own code, and its licences.\n", *parts])
