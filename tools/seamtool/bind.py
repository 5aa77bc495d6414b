# SPDX-License-Identifier: BSD-2-Clause
"""seam run --bind: files and folders of the host, copied into the guest at its start.

They are one more archive behind that of the tree: what comes later in an initramfs replaces what
came before, and folders merge.
"""

import os
import stat
import tempfile

from .cpio import PAGE_BYTES, Entry, archive_write, copy_range
from .errors import SeamError
from .paths import CACHE
from .tree import Tree

_LINKS_MOST = 40  # path_resolution(7)


def binds_parse(texts):
    """Return [(host path, guest path)] for the arguments of --bind, HOST:GUEST each."""
    binds = []
    for text in texts:
        host, colon, guest = text.rpartition(":")
        if not colon or not host:
            raise SeamError(f"--bind '{text}' is not HOST:GUEST")
        binds.append((host, guest_path_checked("--bind", guest)))
    return binds


def guest_path_checked(option, path):
    """Return PATH without doubled slashes; refuse one that is relative or leads upwards."""
    if not path.startswith("/"):
        raise SeamError(f"{option}: the guest's path '{path}' does not begin with a slash")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise SeamError(f"{option}: the guest's path '{path}' has '..' in it")
    return "/" + "/".join(parts)


def image_with_binds(image, binds, root, warn):
    """Return a descriptor of a nameless file: IMAGE, then an archive of BINDS.

    ROOT is the directory that IMAGE was made of, or None: its symbolic links tell where a guest
    path leads.
    """
    entries = []
    for number, (host, guest) in enumerate(binds):
        path = os.fsencode(_resolve(root, guest) if root else guest)[1:] or b"."
        entries += _entries(host, path, number, warn)
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryFile(dir=CACHE) as file:
        fd = os.dup(file.fileno())
    try:
        _copy(image, fd)
        archive_write(fd, entries, warn)
    except OSError as error:
        os.close(fd)
        raise SeamError(f"cannot write the image: {error.strerror}") from None
    except BaseException:
        os.close(fd)
        raise
    return fd


def _entries(host, path, number, warn):
    """What lies at HOST, as entries at and below PATH; root's, unless root runs this."""
    try:
        status = os.stat(host)
    except OSError as error:
        raise SeamError(f"--bind: cannot read {host}: {error.strerror}") from None
    if stat.S_ISDIR(status.st_mode):
        tree = Tree(host, skip=os.stat(CACHE) if os.path.isdir(CACHE) else None)
        for text in tree.warnings:
            warn(f"--bind {host}: {text}")
        entries = tree.entries
        for entry in entries:
            entry.path = _below(path, entry.path)
    elif stat.S_ISREG(status.st_mode):
        entries = [_file_entry(host, path, status)]
    else:
        raise SeamError(f"--bind: {host} is neither a directory nor a regular file")
    for entry in entries:
        if entry.link_key is not None:
            entry.link_key = (number, entry.link_key)
        if os.geteuid() != 0:
            entry.uid = entry.gid = 0
    return entries


def _below(path, name):
    if name == b".":
        return path
    return name if path == b"." else path + b"/" + name


def _file_entry(host, path, status):
    if path == b".":
        raise SeamError(f"--bind: {host} is a file and cannot become /")
    if not os.access(host, os.R_OK):
        raise SeamError(f"--bind: cannot read {host}: Permission denied")
    return Entry(
        path,
        status.st_mode,
        uid=status.st_uid,
        gid=status.st_gid,
        mtime=status.st_mtime_ns // 1_000_000_000,
        size=status.st_size,
        source=os.path.realpath(host),
    )


def _resolve(root, guest):
    """Return where GUEST leads in the tree at ROOT; what does not exist there is left as it is."""
    rest = guest.split("/")[1:]
    at = []
    links = 0
    while rest:
        part = rest.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            at = at[:-1]
            continue
        try:
            target = os.readlink(os.path.join(root, *at, part))
        except OSError:
            at.append(part)
            continue
        links += 1
        if links > _LINKS_MOST:
            raise SeamError(f"--bind: too many symbolic links on the way to {guest}")
        if target.startswith("/"):
            at = []
        rest = target.split("/") + rest
    return "/" + "/".join(at)


def _copy(image, fd):
    """Copy the file IMAGE, and go on to where a page begins; zeros may lie between archives."""
    with open(image, "rb") as source:
        left = os.fstat(source.fileno()).st_size
        end = left + -left % PAGE_BYTES
        while left:
            done = copy_range(source.fileno(), fd, left)
            if not done:
                raise SeamError(f"{image} was cut while it was copied")
            left -= done
    os.ftruncate(fd, end)
    os.lseek(fd, end, os.SEEK_SET)

