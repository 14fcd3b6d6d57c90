"""Tries the archives in Debian systems in folders, which leave nothing behind."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from tools import TOP, Failure, run, say

# The system's root is the folder, its /dev/shm and processes are its own.
IN_ROOT = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for name in null zero full random urandom tty; do
  touch "$1/dev/$name"
  mount --bind "/dev/$name" "$1/dev/$name"
done
ln -s /proc/self/fd "$1/dev/fd"
mkdir "$1/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"
mount -t proc proc "$1/proc"
exec chroot "$1" /bin/bash /packages/trial.sh /packages
"""


UBUNTU = {"jammy": "22.04", "noble": "24.04"}
UBUNTU_KEYS = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"


def debian_mirror():
    """Where this machine gets Debian from."""
    for path in [pathlib.Path("/etc/apt/sources.list"),
                 *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]:
        text = path.read_text(errors="replace") if path.exists() else ""
        found = re.search(r"^[^#\n]*((?:https?|file)://\S+/debian/?)(?=\s|$)", text, re.M)
        if found:
            return found[1]
    return "http://deb.debian.org/debian"


def make_system(suite, root):
    if suite in UBUNTU:
        # All of its releases are made alike.
        run("debootstrap", "--variant=minbase", "--components=main,universe",
            f"--keyring={UBUNTU_KEYS}", suite, root, "http://archive.ubuntu.com/ubuntu",
            "/usr/share/debootstrap/scripts/jammy")
    else:
        run("debootstrap", "--variant=minbase", suite, root, debian_mirror())
    # How this machine reaches its mirror is how the folder does.
    for settings in pathlib.Path("/etc/apt/apt.conf.d").glob("99*"):
        shutil.copy(settings, root / "etc/apt/apt.conf.d")
    for name in ("resolv.conf", "hosts"):
        if pathlib.Path("/etc", name).exists():
            shutil.copy(f"/etc/{name}", root / "etc" / name)


def run_in_debian(suites, *archives):
    if os.geteuid() != 0:
        raise Failure("--check needs root: it makes Debian systems in folders")
    if not shutil.which("debootstrap"):
        raise Failure("--check wants debootstrap (apt-get install debootstrap)")
    for suite in suites:
        say(f"trying both in {suite}")
        with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="moonpool-") as folder:
            root = pathlib.Path(folder) / "root"
            make_system(suite, root)
            (root / "packages").mkdir()
            for path in [*archives, TOP / "scripts/packaging/trial.sh"]:
                shutil.copy(path, root / "packages")
            done = subprocess.run(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child",
                 "bash", "-c", IN_ROOT, "trial", str(root)],
                env={"PATH": os.environ["PATH"], "HOME": "/root"}, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0 or not done.stdout.endswith("passed\n"):
            raise Failure(f"in {suite}: status {done.returncode}\n{done.stdout}")
        say(f"{suite}: passed")
