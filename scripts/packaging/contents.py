"""The texts of both archives: units, maintainer scripts, what editors and Debian want to know."""

import json

# Exactly this: who is not root does not own the machine's folder of names.
TMPFILES = "d /dev/shm/moonpool-global 1777 root root -\n"

SERVICE = """\
[Unit]
Description=Removal of what killed processes left of shared memory objects
Documentation=man:moonpool(1)

[Service]
Type=oneshot
ExecStart=/usr/bin/moonpool ls
StandardOutput=null
"""

TIMER = """\
[Unit]
Description=Hourly removal of what killed processes left of shared memory objects
Documentation=man:moonpool(1)

[Timer]
OnCalendar=hourly
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""

# mkdir and not install: what somebody else has put there, a link, say, is left alone.
POSTINST = """\
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if command -v systemd-tmpfiles >/dev/null; then
    systemd-tmpfiles --create moonpool.conf >/dev/null 2>&1 || true
  fi
  # A container has no systemd.
  if [ -d /dev/shm ] && [ ! -d /dev/shm/moonpool-global ]; then
    mkdir -m 1777 /dev/shm/moonpool-global || true
  fi
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
  fi
fi
"""

PRERM = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl --quiet disable --now moonpool-sweep.timer || true
fi
"""

# Objects belong to the processes that hold them: an empty folder is all that may go.
POSTRM = """\
#!/bin/sh
set -e
if [ "$1" = purge ] && [ -d /dev/shm/moonpool-global ]; then
  rmdir --ignore-fail-on-non-empty /dev/shm/moonpool-global || true
fi
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
"""

MAINTAINER_SCRIPTS = {"postinst": POSTINST, "prerm": PRERM, "postrm": POSTRM}

DESCRIPTION = """\
named shared memory that you can script
 A Lua 5.4 interpreter in which a named memory object that lives exactly as
 long as somebody holds it is a built-in type: no stale segments, no cleanup
 script, no daemon, and no header before your bytes. With it come events,
 mutexes and semaphores that survive the death of their owner, and commands
 that list, show and watch what other programs publish.
"""

# What lua-language-server knows as an addon: its settings, and the definitions in library/.
LUALS = json.dumps({
    "name": "Moonpool",
    "words": ["shm%.%w", "console%.%w", "require[%s%(\"']+shm[%)\"']"],
    "settings": {"Lua.runtime.version": "Lua 5.4"},
}, indent=2) + "\n"

COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: moonpool
Comment: The parts of others that the binaries contain, with their licences,
 are in THIRD-PARTY.txt beside this file.

Files: *
Copyright: {holder}
License: Expat
{text}
"""


def debian_copyright(licence):
    """LICENSE in Debian's form."""
    head, _, body = licence.strip().partition("\n\nPermission")
    holder = head.splitlines()[-1].removeprefix("Copyright (c) ")
    lines = ("Permission" + body).splitlines()
    return COPYRIGHT.format(
        holder=holder, text="\n".join(f" {line}" if line else " ." for line in lines))
