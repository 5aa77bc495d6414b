# SPDX-License-Identifier: BSD-2-Clause
"""The initramfs of the benchmark: one archive, which both systems get."""

import os
import re
import stat
import subprocess
import tempfile

from ..cpio import Entry, archive_write
from ..default_tree import default_entries
from ..errors import SeamError
from ..paths import BUILD, TOP
from ..tree import Tree
from .rows import PROGRAMS

# Where the programs lie in the guest.
PLACE = "bench"
_NAMES = ("bench-static", "bench-dynamic", "exit-static", "exit-dynamic", "first", "linux-init")

_SCRIPTS = os.path.join(TOP, "tests", "bench", "whole")
_REDIS_SCRIPT = os.path.join(TOP, "tests", "bench", "redis-ping.sh")
_TREE = os.path.join(BUILD, "bench-debian")
_PACKAGES = (
    "coreutils,dash,gcc,git,gzip,libc6-dev,python3-minimal,redis-server,redis-tools,sqlite3,tar"
)


def small_make():
    """Make the archive with busybox and the programs; return its path."""
    entries = default_entries() + _libraries() + _programs(_NAMES)
    return _write("small.cpio", entries)


def shell_make():
    """Make the archive with busybox alone, and what starts the Linux guest; return its path."""
    return _write("shell.cpio", default_entries() + _programs(("linux-init",)))


def redis_make(say):
    """The same with redis and a script that runs it."""
    debian_make(say)
    script = _file(f"{PLACE}/redis-ping.sh", _REDIS_SCRIPT, 0o644)
    entries = default_entries() + _programs(("linux-init",)) + [script]
    return _write("redis.cpio", entries + _redis())


def whole_make(say):
    """Make the archive with a Debian tree, for the whole programs; return its path."""
    debian_make(say)
    entries = Tree(_TREE).entries + _programs(_NAMES)
    entries.append(Entry(f"{PLACE}/whole".encode(), stat.S_IFDIR | 0o755))
    for name in sorted(os.listdir(_SCRIPTS)):
        entries.append(_file(f"{PLACE}/whole/{name}", os.path.join(_SCRIPTS, name), 0o644))
    return _write("whole.cpio", entries)


def debian_make(say):
    """Make the tree of Debian packages if it is not there; SAY is told."""
    if not os.path.exists(os.path.join(_TREE, ".seam-tree")):
        say(f"making the tree {os.path.relpath(_TREE, TOP)} of Debian packages")
    command = [os.path.join(TOP, "seam"), "root", "debian", "--packages", _PACKAGES, "-o", _TREE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SeamError(f"no tree of Debian packages: {done.stderr.strip()}")


def _programs(names):
    entries = [Entry(PLACE.encode(), stat.S_IFDIR | 0o755)]
    for name in names:
        entries.append(_file(f"{PLACE}/{name}", os.path.join(PROGRAMS, name), 0o755))
    return entries


def _libraries():
    """This host's, which the dynamic programs are linked with."""
    program = os.path.join(PROGRAMS, "bench-dynamic")
    return _files_listed(["ldd", program], lambda path: path)


def _redis():
    """Out of the Debian tree, with the libraries of that tree."""
    interpreter = os.path.join(_TREE, "lib64/ld-linux-x86-64.so.2")
    libraries = os.path.join(_TREE, "usr/lib/x86_64-linux-gnu")
    entries = [Entry(b"lib64", stat.S_IFDIR | 0o755)]
    entries.append(_file("lib64/ld-linux-x86-64.so.2", os.path.realpath(interpreter), 0o755))
    for name in ("redis-server", "redis-cli"):
        source = os.path.realpath(f"{_TREE}/usr/bin/{name}")
        entries.append(_file(f"usr/bin/{name}", source, 0o755))
        command = [interpreter, "--library-path", libraries, "--list", f"{_TREE}/usr/bin/{name}"]
        entries += _files_listed(command, lambda path: path.removeprefix(_TREE))
    return list({entry.path: entry for entry in entries}.values())


def _files_listed(command, place):
    """Return the libraries that COMMAND, an ldd, lists, each at PLACE(path), and directories."""
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    entries, directories = [], set()
    for path in re.findall(r"(/\S+) \(0x", listed.stdout):
        parts = place(path).strip("/").split("/")
        for end in range(1, len(parts)):
            directory = "/".join(parts[:end])
            if directory not in directories:
                directories.add(directory)
                entries.append(Entry(directory.encode(), stat.S_IFDIR | 0o755))
        entries.append(_file("/".join(parts), os.path.realpath(path), 0o755))
    return entries


def _file(place, source, mode):
    size = os.stat(source).st_size
    return Entry(place.encode(), stat.S_IFREG | mode, source=source, size=size)


def _write(name, entries):
    """Replace the archive at once: another run may be about to read it."""
    path = os.path.join(PROGRAMS, name)
    fd, part = tempfile.mkstemp(dir=PROGRAMS, suffix=".part")
    try:
        archive_write(fd, entries, _refuse)
        os.rename(part, path)
    except BaseException:
        os.unlink(part)
        raise
    finally:
        os.close(fd)
    return path


def _refuse(text):
    raise SeamError(f"a file is missing in the benchmark's tree: {text}")
