# SPDX-License-Identifier: BSD-2-Clause
"""Trees for machines: the default one with test programs in it, as an archive."""

import fcntl
import os
import re
import shutil
import stat
import subprocess

from .paths import CACHE, GUEST_PROGRAMS, RESULTS, SEAM

PROGRAMS_IN_TREE = "tests"


def archive_make(name, programs):
    """Make build/test/NAME.cpio: the default tree and PROGRAMS below /tests; return its path.

    Everything belongs to root, whoever runs the tests.
    """
    from seamtool.cpio import Entry, archive_write
    from seamtool.default_tree import default_entries

    entries = default_entries()
    entries.append(Entry(PROGRAMS_IN_TREE.encode(), stat.S_IFDIR | 0o755))
    for program in programs:
        source = GUEST_PROGRAMS / program
        path = f"{PROGRAMS_IN_TREE}/{program}".encode()
        size = source.stat().st_size
        entries.append(Entry(path, stat.S_IFREG | 0o755, source=str(source), size=size))
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.cpio"
    part = RESULTS / f"{name}.cpio.part"
    with open(part, "wb") as file:
        archive_write(file.fileno(), entries, _refuse)
    os.rename(part, path)
    return path


def debian_tree(name, packages, note):
    """Return build/test/NAME, a Debian tree with PACKAGES at least; made once, which NOTE tells."""
    from seamtool.marker import marker_read

    place = RESULTS / name
    RESULTS.mkdir(parents=True, exist_ok=True)
    with open(f"{place}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = marker_read(place)
        if marker is None or not packages <= set(marker.packages):
            note(f"making {place}")
            _debian_make(place, packages, marker)
    return place


def _debian_make(place, packages, marker):
    wanted = sorted(packages | set(marker.packages if marker else ()))
    command = [SEAM, "root", "debian", "--packages", ",".join(wanted), "-o", place]
    if marker:
        command.append("--update")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"no tree of Debian packages:\n{done.stderr}")


def debs_put(names, place):
    """Put archives of the packages NAMES into PLACE/debs; they are fetched once."""
    if not names:
        return
    cache = CACHE / "debs"
    cache.mkdir(parents=True, exist_ok=True)
    os.makedirs(f"{place}/debs")
    for name in names:
        if not list(cache.glob(f"{name}_*.deb")):
            command = ["apt-get", "download", "-q", name]
            done = subprocess.run(command, cwd=cache, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"no archive of the package {name}:\n{done.stderr}")
        for deb in cache.glob(f"{name}_*.deb"):
            shutil.copy(deb, f"{place}/debs")


def _refuse(text):
    raise RuntimeError(f"a file is missing in the tree: {text}")


def host_tree_make(root, programs):
    """Make the directory ROOT with PROGRAMS of this host in /bin, and what they are linked with."""
    for name in ("bin", "tmp", "proc", "dev", "etc"):
        os.makedirs(os.path.join(root, name))
    for program in programs:
        program = os.path.realpath(program)
        shutil.copy(program, os.path.join(root, "bin", os.path.basename(program)))
        for library in _libraries(program):
            place = root + library
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy(library, place)
    math = os.path.join(root, "lib/x86_64-linux-gnu")
    shutil.copy("/lib/x86_64-linux-gnu/libm.so.6", math)
    os.symlink("bash", os.path.join(root, "bin/sh"))


def _libraries(program):
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
    return re.findall(r"(/\S+) \(0x", listed.stdout)
