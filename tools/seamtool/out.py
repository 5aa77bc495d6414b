# SPDX-License-Identifier: BSD-2-Clause
"""seam run --out: directories of the guest, brought to the host when the machine has ended.

The machine's memory is a file that outlives QEMU.  The libOS describes in it which frames hold the
files (libos/start/out.h has the layout) and tells by a line of the log where the description
begins.  Nothing that it says is trusted: no name leads out of the destination, no symbolic link is
followed there, and no frame outside of the memory is read.
"""

import os
import shutil
import stat
import struct

from .bind import guest_path_checked
from .errors import SeamError

_PAGE_BYTES = 4096
_PAGE_HEAD = struct.Struct("<8sII")
_MAGIC = b"SEAMOUT1"
_RECORD = struct.Struct("<IIIIIIQQq")
_RUN = struct.Struct("<III")
_PATH_LIMIT_BYTES = 4096
_LINE = "seam: out "
_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def outs_parse(texts):
    """Return [(guest directory, host destination)] for the arguments of --out, DIR:DEST each."""
    outs = []
    for text in texts:
        guest, colon, host = text.partition(":")
        if not colon or not host:
            raise SeamError(f"--out '{text}' is not DIR:DEST")
        if os.path.lexists(host) and not os.path.isdir(host):
            raise SeamError(f"--out: {host} exists and is no directory")
        outs.append((guest_path_checked("--out", guest), os.path.abspath(host)))
    return outs


class Memory:
    """The machine's memory as a file without a name.

    fd           its descriptor, which QEMU is to inherit
    """

    def __init__(self, mem_mib, below_4g_mib):
        """BELOW_4G_MIB: what of it lies below 4 GiB; the rest begins at 4 GiB."""
        self._bytes = mem_mib << 20
        self._low_bytes = min(mem_mib, below_4g_mib) << 20
        self.fd = os.memfd_create("seam-memory", os.MFD_CLOEXEC)
        os.ftruncate(self.fd, self._bytes)

    def close(self):
        os.close(self.fd)

    def offset(self, frame, count):
        """Where COUNT frames from FRAME on begin in the file."""
        at = frame * _PAGE_BYTES
        end = self._low_bytes
        if at >= 4 << 30:
            at += self._low_bytes - (4 << 30)
            end = self._bytes
        if at + count * _PAGE_BYTES > end:
            raise _Broken(f"frame {frame} is no memory")
        return at

    def pages(self):
        return self._bytes // _PAGE_BYTES


def outs_unpack(outs, memory, lines):
    """Bring each of OUTS over; LINES are the log's.  Return texts about what went wrong."""
    said = _said(lines)
    problems = []
    for number, (guest, host) in enumerate(outs):
        kind, _, value = said.get(number, "").partition(" ")
        if kind == "error":
            problems.append(f"--out {guest}: {value}")
        elif not kind.isdecimal():
            problems.append(f"--out {guest}: the machine ended without handing it over")
        else:
            problems += _unpack(guest, host, memory, int(kind))
    return problems


def _said(lines):
    said = {}
    for line in lines:
        number, _, rest = line[len(_LINE) :].partition(" ")
        if line.startswith(_LINE) and number.isdecimal():
            said[int(number)] = rest
    return said


def _unpack(guest, host, memory, frame):
    try:
        os.makedirs(host, exist_ok=True)
        top = os.open(host, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        return [f"--out {guest}: cannot make {host}: {error.strerror}"]
    unpacker = _Unpacker(memory, _Stream(memory, frame), top)
    try:
        unpacker.run()
    except _Broken as error:
        unpacker.problems.append(f"the libOS's description is broken: {error}")
    finally:
        unpacker.close()
    return [f"--out {guest}: {text}" for text in unpacker.problems]


class _Broken(SeamError):
    """What lies in the memory cannot be a description."""


class _Stream:
    """The bytes of a description, page after page."""

    def __init__(self, memory, frame):
        self._memory = memory
        self._next = frame
        self._left_pages = memory.pages()  # so that a ring of pages comes to an end
        self._data = b""
        self._at = 0

    def take(self, size):
        """The next SIZE bytes."""
        found = self._data[self._at : self._at + size]
        self._at += len(found)
        while len(found) < size:
            self._page_read()
            more = self._data[: size - len(found)]
            self._at = len(more)
            found += more
        return found

    def unpack(self, layout):
        return layout.unpack(self.take(layout.size))

    def _page_read(self):
        self._left_pages -= 1
        if self._next == 0 or self._left_pages < 0:
            raise _Broken("it does not end")
        page = os.pread(self._memory.fd, _PAGE_BYTES, self._memory.offset(self._next, 1))
        magic, self._next, used = _PAGE_HEAD.unpack_from(page)
        if magic != _MAGIC or used > _PAGE_BYTES - _PAGE_HEAD.size:
            raise _Broken("a page of it is something else")
        self._data = page[_PAGE_HEAD.size : _PAGE_HEAD.size + used]
        self._at = 0


class _Unpacker:
    """Makes the files of one description below the open directory TOP."""

    def __init__(self, memory, stream, top):
        self._memory = memory
        self._stream = stream
        self._top = top
        self._parent = (b"", os.dup(top))  # the directory used last: (path, descriptor)
        self._directories = []  # (path, permissions, time), set when all is in place
        self._first_names = {}  # inode number: path
        self._is_root = os.geteuid() == 0
        self.problems = []

    def close(self):
        os.close(self._parent[1])
        os.close(self._top)

    def run(self):
        while True:
            kind, bits, uid, gid, path_bytes, nlink, ino, size, mtime = self._stream.unpack(_RECORD)
            if kind == 0:
                break
            if path_bytes > _PATH_LIMIT_BYTES:
                raise _Broken("a path is too long")
            path = self._stream.take(path_bytes)
            _path_check(path)
            entry = _Entry(path, kind, bits, uid, gid, nlink, ino, size, mtime)
            entry.take_content(self._stream)
            try:
                self._make(entry)
            except OSError as error:
                self.problems.append(f"{os.fsdecode(path)}: {error.strerror}")
        self._directories_finish()

    def _make(self, entry):
        directory, _, name = entry.path.rpartition(b"/")
        if stat.S_ISDIR(entry.kind):
            if entry.path:
                self._directory_make(self._parent_open(directory), name)
            self._directories.append(entry)
            return
        parent = self._parent_open(directory)
        _make_room(parent, name)
        first = self._first_names.get(entry.ino) if entry.nlink > 1 else None
        if first is not None:
            self._link(first, parent, name)
            return
        if stat.S_ISREG(entry.kind):
            self._file_make(parent, name, entry)
        elif stat.S_ISLNK(entry.kind):
            os.symlink(entry.text, name, dir_fd=parent)
        elif stat.S_ISFIFO(entry.kind):
            os.mkfifo(name, 0o600, dir_fd=parent)
        else:
            return  # devices and sockets mean nothing here
        self._first_names[entry.ino] = entry.path
        if not stat.S_ISREG(entry.kind):
            self._attributes_set(entry, name, parent)

    def _parent_open(self, path):
        """A descriptor of the directory PATH, no link on the way to it being followed."""
        if self._parent[0] != path:
            fd = self._walk(path)
            os.close(self._parent[1])
            self._parent = (path, fd)
        return self._parent[1]

    def _walk(self, path):
        fd = os.dup(self._top)
        for name in path.split(b"/") if path else ():
            try:
                below = os.open(name, _DIRECTORY_FLAGS, dir_fd=fd)
            finally:
                os.close(fd)
            fd = below
        return fd

    def _directory_make(self, parent, name):
        try:
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            os.mkdir(name, 0o700, dir_fd=parent)
            return
        if stat.S_ISDIR(status.st_mode):
            os.chmod(name, stat.S_IMODE(status.st_mode) | stat.S_IRWXU, dir_fd=parent)
        else:
            os.unlink(name, dir_fd=parent)
            os.mkdir(name, 0o700, dir_fd=parent)

    def _link(self, first, parent, name):
        directory, _, first_name = first.rpartition(b"/")
        source = self._walk(directory)
        try:
            os.link(first_name, name, src_dir_fd=source, dst_dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(source)

    def _file_make(self, parent, name, entry):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(name, flags, 0o600, dir_fd=parent)
        try:
            os.ftruncate(fd, entry.size)
            for index, frame, count in entry.runs:
                self._run_copy(fd, entry.size, index, frame, count)
            self._attributes_set(entry, fd, None)
        finally:
            os.close(fd)

    def _run_copy(self, fd, size, index, frame, count):
        source = self._memory.offset(frame, count)
        target = index * _PAGE_BYTES
        left = min(count * _PAGE_BYTES, size - target)
        if left <= 0:
            return
        os.lseek(fd, target, os.SEEK_SET)
        while left:
            done = os.sendfile(fd, self._memory.fd, source, left)
            if done == 0:
                raise _Broken("the memory was cut")
            source += done
            left -= done

    def _attributes_set(self, entry, name, parent):
        """NAME below PARENT, or a descriptor if PARENT is None.  Set-id bits stay behind."""
        bits = entry.bits & 0o1777
        if parent is None:
            if self._is_root:
                os.fchown(name, entry.uid, entry.gid)
            os.fchmod(name, bits)
            os.utime(name, (entry.mtime, entry.mtime))
            return
        if self._is_root:
            os.chown(name, entry.uid, entry.gid, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISLNK(entry.kind):
            os.chmod(name, bits, dir_fd=parent)
        os.utime(name, (entry.mtime, entry.mtime), dir_fd=parent, follow_symlinks=False)

    def _directories_finish(self):
        """Modes and times last, and from below: both get in the way of making entries."""
        for entry in reversed(self._directories):
            try:
                fd = self._walk(entry.path)
            except OSError as error:
                self.problems.append(f"{os.fsdecode(entry.path)}: {error.strerror}")
                continue
            try:
                self._attributes_set(entry, fd, None)
            finally:
                os.close(fd)


class _Entry:
    __slots__ = (
        *("path", "kind", "bits", "uid", "gid", "nlink", "ino", "size", "mtime"),
        *("text", "runs"),
    )

    def __init__(self, path, kind, bits, uid, gid, nlink, ino, size, mtime):
        self.path = path
        self.kind = kind
        self.bits = bits
        self.uid = uid
        self.gid = gid
        self.nlink = nlink
        self.ino = ino
        self.size = size
        self.mtime = mtime
        self.text = b""
        self.runs = []

    def take_content(self, stream):
        """Read what follows the path in STREAM."""
        if stat.S_ISLNK(self.kind):
            if not 0 < self.size < _PATH_LIMIT_BYTES:
                raise _Broken("a symbolic link's text has no possible length")
            self.text = stream.take(self.size)
        elif stat.S_ISREG(self.kind):
            while True:
                run = stream.unpack(_RUN)
                if run[2] == 0:
                    break
                self.runs.append(run)


def _path_check(path):
    parts = path.split(b"/") if path else []
    if b"\0" in path or any(part in (b"", b".", b"..") for part in parts):
        raise _Broken(f"the path {path!r} leads elsewhere")


def _make_room(parent, name):
    """Take away what stands at NAME: a link is removed, not what it leads to."""
    try:
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(status.st_mode):
        shutil.rmtree(name, dir_fd=parent)
    else:
        os.unlink(name, dir_fd=parent)
