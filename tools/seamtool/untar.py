# SPDX-License-Identifier: BSD-2-Clause
"""Unpacks the tar stream of a tree that was made here into a new directory.

As root everything gets its owner and mode.  For others the files become the caller's own, readable
and without set-id bits, and what they should be is returned.
"""

import os
import shutil
import stat
import tarfile

_SET_ID = stat.S_ISUID | stat.S_ISGID


def tree_unpack(stream, root, replace, is_root):
    """Unpack STREAM (a binary file) into the empty directory ROOT.

    REPLACE maps paths to the bytes they are to hold instead, None: to be left out.  Returns
    {path: (uid, gid, permission bits)}, or None if the files themselves have all that.
    """
    unpacker = _Unpacker(root, is_root)
    missing = dict(replace)
    with tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape") as archive:
        for member in archive:
            path = os.path.normpath(member.name)
            if path.startswith(("/", "../")):
                raise tarfile.TarError(f"{member.name} leads out of the tree")
            if path not in replace:
                unpacker.add(archive, member, path)
    os.makedirs(os.path.join(root, "dev"), exist_ok=True)  # where the guest mounts its devices
    for path, data in missing.items():
        if data is not None:
            unpacker.file_make(path, data)
    unpacker.finish()
    return unpacker.owners


class _Unpacker:
    def __init__(self, root, is_root):
        self._root = root
        self._is_root = is_root
        self._directories = []  # (path on the host, mode, time), set when all is in place
        self.owners = None if is_root else {}

    def add(self, archive, member, path):
        host = os.path.join(self._root, path)
        mode = stat.S_IMODE(member.mode)
        if member.isdir():
            os.makedirs(host, exist_ok=True)
            self._directories.append((host, mode, member.mtime))
        elif member.issym():
            os.symlink(member.linkname, host)
        elif member.islnk():
            self._link_make(os.path.normpath(member.linkname), path)
            return
        elif member.isreg():
            with open(host, "xb") as file:
                shutil.copyfileobj(archive.extractfile(member), file, 1 << 20)
        elif member.isfifo():
            os.mkfifo(host)
        else:
            return  # devices: the guest has a file system for them
        self._attributes_set(host, path, member, mode)

    def file_make(self, path, data):
        """Make the file PATH, with what leads there, as root's."""
        host = os.path.join(self._root, path)
        os.makedirs(os.path.dirname(host), exist_ok=True)
        with open(host, "xb") as file:
            file.write(data)
        os.chmod(host, 0o644)
        if not self._is_root:
            self.owners[path] = (0, 0, 0o644)

    def finish(self):
        """Directories last: making their entries has changed their times."""
        for host, mode, mtime in reversed(self._directories):
            os.chmod(host, self._host_mode(mode, stat.S_IRWXU))
            os.utime(host, (mtime, mtime))

    def _link_make(self, first, path):
        """One more name for a file, which has its attributes already."""
        os.link(os.path.join(self._root, first), os.path.join(self._root, path))
        if self.owners is not None:
            self.owners[path] = self.owners[first]

    def _attributes_set(self, host, path, member, mode):
        if self._is_root:
            os.chown(host, member.uid, member.gid, follow_symlinks=False)
        else:
            self.owners[path] = (member.uid, member.gid, mode)
        if member.isdir():
            return
        if not member.issym():
            os.chmod(host, self._host_mode(mode, stat.S_IRUSR | stat.S_IWUSR))
        os.utime(host, (member.mtime, member.mtime), follow_symlinks=False)

    def _host_mode(self, mode, needed):
        return mode if self._is_root else mode & ~_SET_ID | needed
