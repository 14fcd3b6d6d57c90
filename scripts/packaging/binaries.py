"""Puts a binary into an archive: without symbols, and the same wherever it was built."""

import hashlib
import re
import struct
import tempfile

from tools import copy, run

COMMIT = ".moonpool_commit"
# By the compiler, of each object: it sees in them whether it has to compile that again. The
# folder's path is in each, and nothing that runs reads them.
MODULE_HASHES = ".swift_modhash"
# By the linker, of all that it wrote: a debugger finds by it what belongs to a crash's report.
BUILD_ID = ".note.gnu.build-id"


def sizes_of_sections(elf):
    found = re.findall(r"^ +\[ *\d+\] (\.?\w\S*) +\w+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) ",
                       run("readelf", "-SW", elf), re.M)
    return {name: int(size, 16) for name, size in found}


def update(elf, sections):
    """Other bytes, as many as before, in the sections of these names."""
    with tempfile.TemporaryDirectory() as folder:
        options = []
        for number, (name, text) in enumerate(sections.items()):
            file = f"{folder}/{number}"
            with open(file, "wb") as stream:
                stream.write(text)
            options += ["--update-section", f"{name}={file}"]
        run("objcopy", *options, elf)


def identify(elf):
    """A build ID that is of these bytes and no others: the linker's was of the paths, too."""
    note = struct.pack("<III4s", 4, hashlib.sha1().digest_size, 3, b"GNU")
    update(elf, {BUILD_ID: note + bytes(hashlib.sha1().digest_size)})
    update(elf, {BUILD_ID: note + hashlib.sha1(elf.read_bytes()).digest()})


def put_binary(source, target, commit, mode):
    """With the commit that --version names."""
    copy(source, target, mode)
    run("strip", "--strip-unneeded", target)
    sizes = sizes_of_sections(target)
    wanted = {COMMIT: commit.encode().ljust(64, b"\0")}
    if MODULE_HASHES in sizes:
        wanted[MODULE_HASHES] = bytes(sizes[MODULE_HASHES])
    update(target, wanted)
    if BUILD_ID in sizes:
        identify(target)
