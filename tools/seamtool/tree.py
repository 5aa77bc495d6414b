# SPDX-License-Identifier: BSD-2-Clause
"""Reads a directory tree of the host into archive entries, and fingerprints it."""

import hashlib
import os
import stat
import time

from .cpio import FORMAT, Entry
from .errors import SeamError
from .marker import NAME as MARKER_NAME
from .marker import marker_read

# Mounted within a tree, these hold no files of the tree's own.
_PSEUDO_TYPES = frozenset(
    b"autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl "
    b"hugetlbfs mqueue nsfs proc pstore rpc_pipefs securityfs selinuxfs sysfs tracefs".split()
)

# A file changed twice within the clock's grain may look the same both times.
_RACY_SECONDS = 0.1

_MARKER = os.fsencode(MARKER_NAME)


class Tree:
    """A scan of the tree at ROOT.

    entries      archive entries, parents before their children
    warnings     texts about what is left out
    """

    def __init__(self, root, skip=None):
        """SKIP is a directory (as os.stat_result) that is taken as empty."""
        self.entries = []
        self.warnings = []
        self._facts = []
        self._newest_ns = 0
        self._skip = (skip.st_dev, skip.st_ino) if skip else None
        self._pseudo_devices = None
        self._is_root = os.geteuid() == 0
        self._owners = None
        try:
            status = os.stat(root)
        except OSError as error:
            raise SeamError(f"cannot read the tree {root}: {error.strerror}") from None
        if not stat.S_ISDIR(status.st_mode):
            raise SeamError(f"{root} is no directory")
        self._marker_use(root)
        self._scan(os.fsencode(root), status)

    def fingerprint(self):
        """Return a text that changes when the tree does."""
        facts = self._facts
        if self._newest_ns > time.time_ns() - int(_RACY_SECONDS * 1e9):
            facts = [*facts, time.time_ns()]
        text = f"{FORMAT}\n" + "\n".join(map(str, facts))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def _marker_use(self, root):
        """Heed the record of owners that a tree made by us for another user than root has."""
        marker = marker_read(root)
        if marker and marker.owners is not None:
            self._owners = marker.owners
            status = os.stat(os.path.join(root, MARKER_NAME))
            self._facts.append(("marker", status.st_mtime_ns, status.st_ctime_ns, status.st_ino))

    def _owner_and_mode(self, path, status):
        """Return (uid, gid, mode) as the guest is to see them."""
        if self._owners is None:
            return status.st_uid, status.st_gid, status.st_mode
        known = self._owners.get(os.fsdecode(path))
        if known is None:  # added by the user
            return 0, 0, status.st_mode
        uid, gid, bits = known
        return uid, gid, stat.S_IFMT(status.st_mode) | bits

    def _scan(self, root, status):
        self._add(b".", root, status)
        # Directories still to be read: (path on the host, path in the archive, device).
        pending = [(root, b"", status.st_dev)]
        while pending:
            host, prefix, device = pending.pop()
            try:
                with os.scandir(host) as iterator:
                    found = sorted(iterator, key=lambda item: item.name)
            except OSError as error:
                self._leave_out(prefix[:-1] or b".", f"its content: {error.strerror}")
                continue
            for item in found:
                path = prefix + item.name
                if path == _MARKER:
                    continue
                try:
                    status = item.stat(follow_symlinks=False)
                except OSError:
                    continue  # it went away between listing and looking
                if not self._add(path, item.path, status) or not stat.S_ISDIR(status.st_mode):
                    continue
                if not self._is_opaque(status, device):
                    pending.append((item.path, path + b"/", status.st_dev))

    def _add(self, path, host, status):
        mode = status.st_mode
        data = source = link_key = None
        size = 0
        if stat.S_ISREG(mode):
            if not self._is_root and not os.access(host, os.R_OK, effective_ids=True):
                self._leave_out(path, "Permission denied")
                return False
            source, size = host, status.st_size
            if status.st_nlink > 1:
                link_key = (status.st_dev, status.st_ino)
        elif stat.S_ISLNK(mode):
            data = os.readlink(host)
        elif stat.S_ISSOCK(mode):
            return False
        self._newest_ns = max(self._newest_ns, status.st_ctime_ns)
        self._facts.append(
            (
                path,
                mode,
                status.st_uid,
                status.st_gid,
                size,
                status.st_mtime_ns,
                status.st_ctime_ns,
                status.st_dev,
                status.st_ino,
                status.st_rdev,
                data,
            )
        )
        uid, gid, mode = self._owner_and_mode(path, status)
        self.entries.append(
            Entry(
                path,
                mode,
                uid=uid,
                gid=gid,
                mtime=status.st_mtime_ns // 1_000_000_000,
                size=size,
                rdev=status.st_rdev,
                data=data,
                source=source,
                link_key=link_key,
            )
        )
        return True

    def _is_opaque(self, status, parent_device):
        """A directory that goes in empty: our own cache, or a kernel's file system."""
        if (status.st_dev, status.st_ino) == self._skip:
            return True
        if status.st_dev == parent_device:
            return False
        if self._pseudo_devices is None:
            self._pseudo_devices = _pseudo_devices_read()
        return status.st_dev in self._pseudo_devices

    def _leave_out(self, path, reason):
        self.warnings.append(f"{os.fsdecode(path)} is left out: {reason}")


def _pseudo_devices_read():
    """Device numbers of mounted pseudo file systems (proc_pid_mountinfo(5))."""
    devices = set()
    try:
        with open("/proc/self/mountinfo", "rb") as mounts:
            for line in mounts:
                fields = line.split()
                kind = fields[fields.index(b"-") + 1]
                if kind in _PSEUDO_TYPES:
                    major, minor = fields[2].split(b":")
                    devices.add(os.makedev(int(major), int(minor)))
    except OSError:
        pass
    return devices
