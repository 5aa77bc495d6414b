# SPDX-License-Identifier: BSD-2-Clause
"""The initramfs of the benchmark: one archive, which both systems get."""

import os
import re
import stat
import subprocess

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
_TREE = os.path.join(BUILD, "bench-debian")
_PACKAGES = "coreutils,dash,gcc,git,gzip,libc6-dev,python3-minimal,redis-server,redis-tools,sqlite3,tar"


def small_make():
    """Make the archive with busybox and the programs; return its path."""
    entries = default_entries() + _libraries() + _programs()
    return _write("small.cpio", entries)


def whole_make(say):
    """The same with a Debian tree, for the whole programs; the tree is made once, which SAY tells."""
    if not os.path.exists(os.path.join(_TREE, ".seam-tree")):
        say(f"making the tree {os.path.relpath(_TREE, TOP)} of Debian packages")
    command = [os.path.join(TOP, "seam"), "root", "debian", "--packages", _PACKAGES, "-o", _TREE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SeamError(f"no tree of Debian packages: {done.stderr.strip()}")
    entries = Tree(_TREE).entries + _programs()
    entries.append(Entry(f"{PLACE}/whole".encode(), stat.S_IFDIR | 0o755))
    for name in sorted(os.listdir(_SCRIPTS)):
        entries.append(_file(f"{PLACE}/whole/{name}", os.path.join(_SCRIPTS, name), 0o644))
    return _write("whole.cpio", entries)


def init_entries():
    """Return the entries that only the Linux guest needs."""
    name = "linux-init"
    directory = Entry(PLACE.encode(), stat.S_IFDIR | 0o755)
    return [directory, _file(f"{PLACE}/{name}", os.path.join(PROGRAMS, name), 0o755)]


def _programs():
    entries = [Entry(PLACE.encode(), stat.S_IFDIR | 0o755)]
    for name in _NAMES:
        entries.append(_file(f"{PLACE}/{name}", os.path.join(PROGRAMS, name), 0o755))
    return entries


def _libraries():
    """This host's, which the dynamic programs are linked with."""
    program = os.path.join(PROGRAMS, "bench-dynamic")
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
    entries, directories = [], set()
    for path in re.findall(r"(/\S+) \(0x", listed.stdout):
        parts = path.strip("/").split("/")
        for end in range(1, len(parts)):
            directory = "/".join(parts[:end])
            if directory not in directories:
                directories.add(directory)
                entries.append(Entry(directory.encode(), stat.S_IFDIR | 0o755))
        entries.append(_file(path.strip("/"), os.path.realpath(path), 0o755))
    return entries


def _file(place, source, mode):
    size = os.stat(source).st_size
    return Entry(place.encode(), stat.S_IFREG | mode, source=source, size=size)


def _write(name, entries):
    path = os.path.join(PROGRAMS, name)
    with open(path + ".part", "wb") as file:
        archive_write(file.fileno(), entries, _refuse)
    os.rename(path + ".part", path)
    return path


def _refuse(text):
    raise SeamError(f"a file is missing in the benchmark's tree: {text}")
