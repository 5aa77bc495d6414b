# SPDX-License-Identifier: BSD-2-Clause
"""Writes cpio archives in the newc form that Linux takes as an initramfs.

The format: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
Two things beyond it are for a reader that keeps the archive in memory:

- The data of a file of at least a page starts at a multiple of the page size
  within the archive.  The name field, whose length counts its NULs, is padded
  to get there.
- These files come last.  So between the end of one file's data and the next
  page boundary lie only headers, and a reader that is done with them may
  clear that part and use every page in place.
"""

import os
import stat

from .errors import SeamError

FORMAT = 2  # changes when the same tree would give another archive
PAGE_BYTES = 4096

_HEADER_BYTES = 110
_NAME_LIMIT_BYTES = 4096  # Linux's PATH_MAX: a reader may refuse a longer name field
_FIELD_LIMIT = 0xFFFFFFFF
_BUFFER_BYTES = 1 << 20
_TRAILER = b"TRAILER!!!"


class Entry:
    """One name in the archive.

    path      bytes, relative to the root; b"." is the root itself
    data      bytes (content, or a symbolic link's target), or None
    source    path of the file on the host whose content it has, or a descriptor at its beginning,
              or None
    link_key  equal for names of one file, else None
    """

    __slots__ = (
        *("path", "mode", "uid", "gid", "mtime", "rdev"),
        *("size", "data", "source", "link_key"),
    )

    def __init__(
        self,
        path,
        mode,
        *,
        uid=0,
        gid=0,
        mtime=0,
        size=0,
        rdev=0,
        data=None,
        source=None,
        link_key=None,
    ):
        self.path = path
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.mtime = mtime
        self.size = len(data) if data is not None else size
        self.rdev = rdev
        self.data = data
        self.source = source
        self.link_key = link_key

    def is_paged(self):
        return stat.S_ISREG(self.mode) and self.size >= PAGE_BYTES


def archive_write(fd, entries, warn):
    """Write ENTRIES (parents before children) to FD, which stands at a multiple of the page size.

    WARN is called with a text for each entry that has to be left out.
    """
    writer = _Writer(fd)
    entries = list(entries)
    link_counts = {}
    for entry in entries:
        if entry.link_key is not None:
            link_counts[entry.link_key] = link_counts.get(entry.link_key, 0) + 1
    for want_paged in (False, True):
        for entry in entries:
            if entry.is_paged() == want_paged:
                try:
                    writer.add(entry, link_counts.get(entry.link_key, 1))
                except _Skipped as reason:
                    warn(f"{os.fsdecode(entry.path)} is left out: {reason}")
    writer.finish()


class _Skipped(Exception):
    pass


class _Writer:
    def __init__(self, fd):
        self._fd = fd
        self._buffer = bytearray()
        self._flushed_bytes = 0
        self._next_ino = 1
        self._linked_inos = {}
        self._root = Entry(b".", stat.S_IFDIR | 0o755)  # the archive's own once it is seen

    def add(self, entry, link_count):
        if entry.size > _FIELD_LIMIT:
            raise _Skipped("it is larger than the archive format's 4 GiB")
        if len(entry.path) >= _NAME_LIMIT_BYTES:
            raise _Skipped("its path is too long")
        ino = self._linked_inos.get(entry.link_key) if entry.link_key is not None else None
        if ino is not None:
            # The content came with the file's first name.
            self._header(entry, ino, link_count, 0, entry.path, len(entry.path) + 1)
            return
        source = _source_open(entry)
        try:
            ino = self._new_ino(entry.link_key)
            self._header_before_data(entry, ino, link_count)
            if source is not None:
                self._copy(source, entry.size)
            elif entry.data is not None:
                self._buffer += entry.data
        finally:
            if source is not None:
                os.close(source)
        self._pad_to(4)
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()

    def finish(self):
        trailer = Entry(_TRAILER, 0)
        self._header(trailer, 0, 1, 0, _TRAILER, len(_TRAILER) + 1)
        self._flush()

    def _new_ino(self, link_key):
        # Numbered anew: the field has 32 bits and the host's numbers may have 64.
        ino = self._next_ino
        self._next_ino += 1
        if link_key is not None:
            self._linked_inos[link_key] = ino
        return ino

    def _header_before_data(self, entry, ino, link_count):
        name_bytes = len(entry.path) + 1
        if entry.is_paged():
            gap = self._gap_to_page(name_bytes)
            if name_bytes + gap > _NAME_LIMIT_BYTES:
                self._filler(gap)
                gap = 0
            name_bytes += gap
        self._header(entry, ino, link_count, entry.size, entry.path, name_bytes)

    def _gap_to_page(self, name_bytes):
        """Bytes from where data would start to a page boundary, a multiple of 4."""
        start = self._offset() + _HEADER_BYTES + name_bytes
        return -(start + -start % 4) % PAGE_BYTES

    def _filler(self, gap):
        """Move what follows on by GAP bytes, or by a page more: name the root once more."""
        name_bytes = gap - _HEADER_BYTES
        if name_bytes < len(b".\0"):
            name_bytes += PAGE_BYTES
        self._header(self._root, 1, 2, 0, b".", name_bytes)

    def _header(self, entry, ino, link_count, size, name, name_bytes):
        if name == b".":
            self._root = entry
        is_device = stat.S_ISCHR(entry.mode) or stat.S_ISBLK(entry.mode)
        fields = (
            ino,
            entry.mode,
            _id_field(entry.uid),
            _id_field(entry.gid),
            2 if stat.S_ISDIR(entry.mode) else link_count,
            min(max(int(entry.mtime), 0), _FIELD_LIMIT),
            size,
            0,
            0,
            os.major(entry.rdev) if is_device else 0,
            os.minor(entry.rdev) if is_device else 0,
            name_bytes,
            0,
        )
        self._buffer += b"070701" + (b"%08X" * 13) % fields
        self._buffer += name.ljust(name_bytes, b"\0")
        self._pad_to(4)

    def _copy(self, source, size):
        """Copy SIZE bytes; a file that has shrunk meanwhile ends in zeros."""
        if size <= 4 * PAGE_BYTES:
            data = os.read(source, size)
            self._buffer += data.ljust(size, b"\0")
            return
        self._flush()
        left = size
        while left:
            copied = copy_range(source, self._fd, left)
            if copied == 0:
                os.lseek(self._fd, left, os.SEEK_CUR)
                break
            left -= copied
        self._flushed_bytes += size

    def _offset(self):
        return self._flushed_bytes + len(self._buffer)

    def _pad_to(self, alignment):
        self._buffer += bytes(-self._offset() % alignment)

    def _flush(self):
        view = memoryview(self._buffer)
        while view:
            view = view[os.write(self._fd, view) :]
        self._flushed_bytes += len(self._buffer)
        self._buffer = bytearray()


def copy_range(source, target, size):
    """Copy in the kernel, sharing blocks where the file system can."""
    size = min(size, 1 << 30)
    try:
        return os.copy_file_range(source, target, size)
    except OSError:
        return os.sendfile(target, source, None, size)


def _source_open(entry):
    if entry.source is None:
        return None
    if isinstance(entry.source, int):
        return os.dup(entry.source)
    try:
        return os.open(entry.source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _Skipped(error.strerror) from None


def _id_field(number):
    if not 0 <= number <= _FIELD_LIMIT:
        raise SeamError(f"owner {number} does not fit into an archive")
    return number
