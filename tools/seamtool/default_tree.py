# SPDX-License-Identifier: BSD-2-Clause
"""The tree that is used without --root: busybox with all its links, and a few files.

Everything belongs to root, whoever builds it.
"""

import os
import stat
import subprocess

from .cpio import Entry
from .errors import SeamError
from .paths import GUEST_PACKAGES

BUSYBOX = os.path.join(GUEST_PACKAGES, "busybox-static", "bin", "busybox")

_DIRECTORIES = {
    "dev": 0o755,
    "etc": 0o755,
    "home": 0o755,
    "mnt": 0o755,
    "proc": 0o555,
    "root": 0o700,
    "run": 0o755,
    "srv": 0o755,
    "sys": 0o555,
    "tmp": 0o1777,
    "usr/local/bin": 0o755,
    "usr/local/sbin": 0o755,
    "usr/share": 0o755,
    "var/cache": 0o755,
    "var/lib": 0o755,
    "var/log": 0o755,
    "var/tmp": 0o1777,
}

_FILES = {
    "etc/passwd": """\
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
""",
    "etc/group": """\
root:x:0:
daemon:x:1:
tty:x:5:
nogroup:x:65534:
""",
    "etc/hostname": "seam\n",
    "etc/hosts": """\
127.0.0.1\tlocalhost seam
::1\tlocalhost
""",
    "etc/os-release": """\
NAME="Seam"
ID=seam
PRETTY_NAME="Seam"
""",
    "etc/shells": "/bin/sh\n/bin/ash\n",
    "etc/inittab": """\
# Read by init, which is the first program of a booted disc.
::sysinit:/bin/hostname -F /etc/hostname
::respawn:/bin/cttyhack /bin/sh -l
::ctrlaltdel:/sbin/reboot
::shutdown:/bin/sync
""",
    "etc/motd": """\
This is Debian's busybox, unmodified, on the Seam libOS.
Try: ls /proc    ps    cat /proc/self/maps    vi /etc/motd
'exit' ends the machine.
""",
    "etc/profile": """\
# Read by login shells.
export PS1='seam:\\w\\$ '
alias ll='ls -l'
# These ask the first program to end the machine, which only init understands.
read -r first </proc/1/comm
[ "$first" = init ] || alias halt='halt -f' poweroff='poweroff -f' reboot='reboot -f'
[ -t 0 ] && [ -t 1 ] && cat /etc/motd
""",
}

_LINKS = {
    "etc/mtab": "/proc/self/mounts",
    "var/run": "/run",
}


def busybox_status():
    try:
        return os.stat(BUSYBOX)
    except FileNotFoundError:
        raise SeamError("the default tree needs busybox: run ./setup, or give --root") from None


def default_entries():
    """Return the archive entries, parents before children."""
    status = busybox_status()
    mtime = int(status.st_mtime)
    entries = {}

    def add_directory(path, mode=0o755):
        parent = os.path.dirname(path)
        if parent:
            add_directory(parent)
        if path not in entries or mode != 0o755:
            entries[path] = Entry(path.encode(), stat.S_IFDIR | mode, mtime=mtime)

    def add(path, mode, data=None, **more):
        add_directory(os.path.dirname(path))
        entries[path] = Entry(path.encode(), mode, mtime=mtime, data=data, **more)

    entries["."] = Entry(b".", stat.S_IFDIR | 0o755, mtime=mtime)
    for path, mode in _DIRECTORIES.items():
        add_directory(path, mode)
    for path, text in _FILES.items():
        add(path, stat.S_IFREG | 0o644, text.encode())
    for path, target in _LINKS.items():
        add(path, stat.S_IFLNK | 0o777, target.encode())
    for path in _applet_paths():
        add(path, stat.S_IFLNK | 0o777, b"/bin/busybox")
    add("bin/busybox", stat.S_IFREG | 0o755, source=BUSYBOX, size=status.st_size)
    return list(entries.values())


def _applet_paths():
    try:
        listed = subprocess.run(
            [BUSYBOX, "--list-full"], stdout=subprocess.PIPE, check=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise SeamError(f"{BUSYBOX} does not list its applets: {error}") from None
    return [path for path in listed.stdout.split() if path != "bin/busybox"]
