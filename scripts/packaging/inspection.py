"""Are the archives what they should be? Needs no root, and starts one binary only to ask it who it is."""

import pathlib
import re
import shutil
import tempfile

import contents
from tools import TOP, TRIPLE, Failure, run, say

# Ubuntu 22.04's C library: what runs there runs wherever it is newer.
FLOOR = (2, 35)
SYSTEM = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
LUA = "liblua5.4.so.0"

DEB_MODULE = f"usr/lib/{TRIPLE}/lua/5.4/shm.so"
DEB_FILES = f"""
{DEB_MODULE}
usr/bin/moonpool
usr/lib/systemd/system/moonpool-sweep.service
usr/lib/systemd/system/moonpool-sweep.timer
usr/lib/tmpfiles.d/moonpool.conf
usr/share/bash-completion/completions/moonpool
usr/share/doc/moonpool/README.md
usr/share/doc/moonpool/Reference.md
usr/share/doc/moonpool/THIRD-PARTY.txt
usr/share/doc/moonpool/changelog.gz
usr/share/doc/moonpool/copyright
usr/share/fish/vendor_completions.d/moonpool.fish
usr/share/man/man1/moonpool.1.gz
usr/share/moonpool/luals/config.json
usr/share/moonpool/luals/library/shm.d.lua
usr/share/zsh/vendor-completions/_moonpool
""".split()

TAR_FILES = """
bin/moonpool
lib/lua/5.4/shm.so
share/bash-completion/completions/moonpool
share/doc/moonpool/LICENSE
share/doc/moonpool/README.md
share/doc/moonpool/Reference.md
share/doc/moonpool/THIRD-PARTY.txt
share/fish/vendor_completions.d/moonpool.fish
share/man/man1/moonpool.1
share/moonpool/luals/config.json
share/moonpool/luals/library/shm.d.lua
share/zsh/site-functions/_moonpool
""".split()

# Words that a licences' file has to have; the last of the archive with Lua inside alone.
NOTICES = [
    "Apache License", "Runtime Library Exception to the Apache 2.0 License",
    "Copyright (c) 2004 Apple Computer, Inc.", "Swift Argument Parser",
    "GCC RUNTIME LIBRARY EXCEPTION", "GNU GENERAL PUBLIC LICENSE"]
LUA_NOTICE = "Lua.org, PUC-Rio"


def look_at_files(folder, expected):
    found = {str(path.relative_to(folder)): path.stat().st_mode & 0o7777
             for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(found.keys() ^ set(expected)):
        raise Failure(f"{name} is {'not expected' if name in found else 'missing'} in the archive")
    for name, mode in found.items():
        right = 0o755 if name.endswith("bin/moonpool") else 0o644
        if mode != right:
            raise Failure(f"{name} has the mode {mode:o}, and not {right:o}")


def look_at_binary(elf, libraries, built_in):
    """What the loader is asked for, and that neither symbols nor paths are carried about."""
    dynamic = run("readelf", "-dW", elf)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    if needed - libraries:
        raise Failure(f"{elf.name} asks for {', '.join(sorted(needed - libraries))}")
    if re.search(r"\(R(UN)?PATH\)", dynamic):
        raise Failure(f"{elf.name} has a RUNPATH")
    versions = re.findall(r"\bGLIBC_(\d+)\.(\d+)", run("readelf", "-VW", elf))
    highest = max(((int(major), int(minor)) for major, minor in versions), default=FLOOR)
    if highest > FLOOR:
        raise Failure(f"{elf.name} asks for GLIBC_{highest[0]}.{highest[1]};"
                      f" its floor is {FLOOR[0]}.{FLOOR[1]}")
    if ".symtab" in run("readelf", "-SW", elf):
        raise Failure(f"{elf.name} is not stripped")
    # Builds in two folders would differ in it, and it is nobody's business.
    if str(built_in).encode() in elf.read_bytes():
        raise Failure(f"{elf.name} names the folder that it was built in")


def look_at_licences(ours, theirs, notices):
    # As people read them, without the lines' ends.
    licence = " ".join((TOP / "LICENSE").read_text().partition("\n\nPermission")[2].split())
    if licence not in " ".join(ours.read_text().replace("\n .\n", "\n").split()):
        raise Failure(f"{ours.name} is not the licence of Moonpool")
    text = theirs.read_text()
    for words in notices:
        if words not in text:
            raise Failure(f"{theirs.name} lacks {words!r}")


def look_at_version(program):
    said = run(program, "--version", env={})
    if not re.fullmatch(r"moonpool [\d.]+ \([0-9a-f]{12}, Lua 5\.4\.\d+\)\n", said):
        raise Failure(f"--version says {said!r}")


def look_at_deb(package, folder, built_in):
    run("dpkg-deb", "-x", package, folder)
    look_at_files(folder, DEB_FILES)
    look_at_binary(folder / "usr/bin/moonpool", SYSTEM | {LUA}, built_in)
    look_at_binary(folder / DEB_MODULE, SYSTEM, built_in)
    documents = folder / "usr/share/doc/moonpool"
    look_at_licences(documents / "copyright", documents / "THIRD-PARTY.txt", NOTICES)
    if (folder / "usr/lib/tmpfiles.d/moonpool.conf").read_text() != contents.TMPFILES:
        raise Failure("moonpool.conf is another one")
    wanted = run("dpkg-deb", "-f", package, "Depends").strip()
    if not all(re.search(rf"(^|, ){name} ", wanted) for name in ("libc6", "liblua5.4-0")):
        raise Failure(f"the package depends on {wanted!r}")


def look_at_tarball(archive, folder, built_in):
    folder.mkdir()
    run("tar", "-xzf", archive, "-C", folder, "--strip-components=1", "--same-permissions")
    look_at_files(folder, TAR_FILES)
    look_at_binary(folder / "bin/moonpool", SYSTEM, built_in)
    look_at_binary(folder / "lib/lua/5.4/shm.so", SYSTEM, built_in)
    documents = folder / "share/doc/moonpool"
    look_at_licences(
        documents / "LICENSE", documents / "THIRD-PARTY.txt", [*NOTICES, LUA_NOTICE])
    look_at_version(folder / "bin/moonpool")


def look(package, archive, built_in):
    with tempfile.TemporaryDirectory() as folder:
        look_at_deb(package, pathlib.Path(folder) / "deb", built_in)
        look_at_tarball(archive, pathlib.Path(folder) / "tar", built_in)


def lint(package):
    """Debian's own opinion, where it is installed."""
    if shutil.which("lintian"):
        run("lintian", "--fail-on", "error", package)
    else:
        say("lintian is not installed; the .deb is not linted")
