# SPDX-License-Identifier: BSD-2-Clause
"""Files in the archives that become the machine's tree (cpio.py writes them), by their path."""

import mmap
import os
import posixpath
import stat
import zlib

_HEADER_BYTES = 110
_MAGICS = (b"070701", b"070702")
_GZIP_MAGIC = b"\x1f\x8b"
_TRAILER = b"TRAILER!!!"


class Archive:
    """The regular files of an initramfs; several archives in a row are one."""

    def __init__(self, path):
        self._files = {}  # path: (offset, size)
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) if size else b""
        if self._data[:2] == _GZIP_MAGIC:
            self._data = zlib.decompressobj(wbits=31).decompress(self._data)
        self._index()

    def _index(self):
        at, by_ino = 0, {}
        while at + _HEADER_BYTES <= len(self._data):
            if self._data[at : at + 6] not in _MAGICS:
                if self._data[at : at + 1] != b"\0":
                    return
                at = self._next_archive(at)
                by_ino = {}
                continue
            at = self._entry(at, by_ino)

    def _next_archive(self, at):
        """Zeroes lie between two archives."""
        while self._data[at : at + 4096].count(0) == 4096:
            at += 4096
        while self._data[at : at + 1] == b"\0":
            at += 1
        return at

    def _entry(self, at, by_ino):
        head = self._data[at : at + _HEADER_BYTES]
        fields = [int(head[6 + 8 * n : 14 + 8 * n], 16) for n in range(13)]
        ino, mode, links, size, name_bytes = (fields[n] for n in (0, 1, 4, 6, 11))
        name_at = at + _HEADER_BYTES
        name = self._data[name_at : name_at + name_bytes].split(b"\0")[0]
        data_at = -(-(name_at + name_bytes) // 4) * 4
        if name != _TRAILER and stat.S_ISREG(mode):
            path = posixpath.normpath(b"/" + name).decode("utf-8", "replace")
            # The content comes with one of a file's names.
            key = ino if links > 1 else (ino, path)
            known = by_ino.setdefault(key, [(0, 0), []])
            known[1].append(path)
            if size:
                known[0] = data_at, size
            for each in known[1]:
                self._files[each] = known[0]
        return -(-(data_at + size) // 4) * 4

    def read(self, path):
        """The content of the file at PATH, or None: there is none."""
        place = self._files.get(path)
        return self._data[place[0] : place[0] + place[1]] if place else None
