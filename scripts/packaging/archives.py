"""Writes the two archives."""

import dataclasses
import gzip
import os
import pathlib
import re
import shutil
import tarfile
import tempfile

import contents
from binaries import put_binary
from tools import TOP, TRIPLE, copy, run, write

REFERENCE = "Sources/CBundle/Reference.md"


@dataclasses.dataclass
class Content:
    """What goes in, and what names it."""
    program: pathlib.Path
    module: pathlib.Path
    third_party: str
    commit: str
    when: int  # of all files; seconds since 1970


def version():
    text = (TOP / "Sources/moonpool/Version.swift").read_text()
    return re.search(r'number = "([\d.]+)"', text)[1]


def put_share(content, program, folder, zsh, licence):
    """The manual page, completions, the definitions for editors, and the texts for people."""
    with tempfile.TemporaryDirectory() as made:
        made = pathlib.Path(made)
        run(TOP / "scripts/share", program, made)
        copy(made / "man/man1/moonpool.1", folder / "man/man1/moonpool.1")
        copy(made / "bash-completion/completions/moonpool",
             folder / "bash-completion/completions/moonpool")
        copy(made / "zsh/site-functions/_moonpool", folder / zsh / "_moonpool")
        copy(made / "fish/vendor_completions.d/moonpool.fish",
             folder / "fish/vendor_completions.d/moonpool.fish")
    write(folder / "moonpool/luals/library/shm.d.lua", run(program, "types"))
    write(folder / "moonpool/luals/config.json", contents.LUALS)
    documents = folder / "doc/moonpool"
    # Its links are to files beside it.
    readme = (TOP / "README.md").read_text()
    write(documents / "README.md",
          readme.replace(REFERENCE, "Reference.md").replace("(LICENSE)", f"({licence})"))
    copy(TOP / REFERENCE, documents / "Reference.md")
    write(documents / "THIRD-PARTY.txt", content.third_party)


def settle(folder, when):
    """The same modes and times whoever builds."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
        os.utime(path, (when, when), follow_symlinks=False)


# MARK: Debian's

def compressed(text):
    return gzip.compress(text.encode(), 9, mtime=0)


def dependencies(root):
    """What dpkg-shlibdeps finds in the binaries, not a list by hand."""
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder) / "debian/control",
              "Source: moonpool\n\nPackage: moonpool\nArchitecture: amd64\n")
        said = run("dpkg-shlibdeps", "-O", f"-e{root}/usr/bin/moonpool",
                   f"-e{root}/usr/lib/{TRIPLE}/lua/5.4/shm.so", cwd=folder)
    return re.search(r"^shlibs:Depends=(.*)$", said, re.M)[1]


def maintainer():
    """Who made the commit, or who Debian's tools are told it is."""
    name, mail = run("git", "log", "-1", "--format=%an%n%ae", cwd=TOP).strip().split("\n")
    return f"{os.environ.get('DEBFULLNAME', name)} <{os.environ.get('DEBEMAIL', mail)}>"


def changelog(content):
    date = run("date", "-u", "-R", "-d", f"@{content.when}").strip()
    return (f"moonpool ({version()}) unstable; urgency=medium\n\n  * Commit {content.commit}.\n\n"
            f" -- {maintainer()}  {date}\n")


def control(root):
    files = [path for path in root.rglob("*") if "DEBIAN" not in path.parts]
    size = sum(-(-path.stat().st_size // 1024) if path.is_file() else 1 for path in files)
    fields = {
        "Package": "moonpool", "Version": version(), "Architecture": "amd64",
        "Maintainer": maintainer(), "Installed-Size": size, "Depends": dependencies(root),
        "Suggests": "lua5.4", "Section": "utils", "Priority": "optional",
        "Description": contents.DESCRIPTION.rstrip(),
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def sums(root):
    paths = sorted(path for path in root.rglob("*")
                   if path.is_file() and "DEBIAN" not in path.parts)
    return "".join(f"{run('md5sum', path).split()[0]}  {path.relative_to(root)}\n"
                   for path in paths)


def put_debian_files(content, root):
    documents = root / "usr/share/doc/moonpool"
    write(documents / "copyright", contents.debian_copyright((TOP / "LICENSE").read_text()))
    write(documents / "changelog.gz", compressed(changelog(content)))
    page = root / "usr/share/man/man1/moonpool.1"
    write(page.with_name("moonpool.1.gz"), compressed(page.read_text()))
    page.unlink()
    write(root / "usr/lib/tmpfiles.d/moonpool.conf", contents.TMPFILES)
    units = root / "usr/lib/systemd/system"
    write(units / "moonpool-sweep.service", contents.SERVICE)
    write(units / "moonpool-sweep.timer", contents.TIMER)
    write(root / "DEBIAN/control", control(root))
    write(root / "DEBIAN/md5sums", sums(root))
    for name, text in contents.MAINTAINER_SCRIPTS.items():
        write(root / "DEBIAN" / name, text, 0o755)


def write_deb(content, out):
    target = out / f"moonpool_{version()}_amd64.deb"
    root = out / "deb"
    shutil.rmtree(root, ignore_errors=True)
    put_binary(content.program, root / "usr/bin/moonpool", content.commit, 0o755)
    put_binary(
        content.module, root / f"usr/lib/{TRIPLE}/lua/5.4/shm.so", content.commit, 0o644)
    put_share(content, root / "usr/bin/moonpool", root / "usr/share", "zsh/vendor-completions",
              "copyright")
    put_debian_files(content, root)
    settle(root, content.when)
    # One thread: how many there are changes what xz writes.
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, target,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(content.when), "DPKG_DEB_THREADS_MAX": "1"})
    shutil.rmtree(root)
    return target


# MARK: everybody's

def write_tarball(content, out):
    name = f"moonpool-{version()}-linux-x86_64"
    root = out / name
    shutil.rmtree(root, ignore_errors=True)
    put_binary(content.program, root / "bin/moonpool", content.commit, 0o755)
    put_binary(content.module, root / "lib/lua/5.4/shm.so", content.commit, 0o644)
    put_share(content, root / "bin/moonpool", root / "share", "zsh/site-functions", "LICENSE")
    copy(TOP / "LICENSE", root / "share/doc/moonpool/LICENSE")
    settle(root, content.when)
    target = out / f"{name}.tar.gz"
    pack(root, target, content.when)
    shutil.rmtree(root)
    return target


def pack(root, target, when):
    def nobodys(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return entry

    with open(target, "wb") as file, \
            gzip.GzipFile("", "wb", 9, file, mtime=when) as stream, \
            tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in [root, *sorted(root.rglob("*"))]:
            archive.add(path, str(path.relative_to(root.parent)), recursive=False, filter=nobodys)
