"""Running programs, writing files, and how all of this fails."""

import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
TRIPLE = "x86_64-linux-gnu"


class Failure(Exception):
    """What a person is told; nothing was written that is worth keeping."""


def run(*command, **options):
    """What a program prints; a Failure with all that it said, if it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", **options)
    except OSError as error:
        raise Failure(f"{words[0]}: {error.strerror}") from None
    if done.returncode != 0:
        raise Failure(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def say(text):
    print(f"package: {text}", file=sys.stderr, flush=True)


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)


def copy(source, path, mode=0o644):
    write(path, source.read_bytes(), mode)
