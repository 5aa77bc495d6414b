# SPDX-License-Identifier: BSD-2-Clause
"""The tree of dom0, the domain that starts guests: busybox, Xen's tools and what they load.

It knows nothing of what is run: its /init starts Xen's services and then runs /seam/start, which
comes in an archive of its own with each run.
"""

import hashlib
import os
import stat

from .. import default_tree, image
from ..cpio import FORMAT, Entry
from . import parts
from .needed import libraries_of

_TOOLS = (
    *("xl", "xenstored", "xenconsoled", "xenconsole", "xen-init-dom0", "libxl-save-helper"),
)
_STORE_TOOLS = ("xenstore-read", "xenstore-write", "xenstore-ls")
_DIRECTORIES = (
    *("bin", "dev", "etc", "etc/xen", "lib", "lib64", "mod", "proc", "root", "run", "seam"),
    *("sys", "tmp", "usr", "usr/lib", "var", "var/lib", "var/lib/xen", "var/lib/xenstored"),
    *("var/log", "var/log/xen"),
)
_INIT = os.path.join(os.path.dirname(__file__), "init")


def dom0_image():
    """Return the path of dom0's initramfs."""
    facts = [FORMAT]
    for path in (default_tree.BUSYBOX, parts.XEN, parts.LINUX, _INIT, __file__, parts.__file__):
        if not os.path.exists(path):
            parts.part_find(os.path.dirname(path), os.path.basename(path))
        status = os.stat(path)
        facts += [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]
    key = hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()
    return image.image_cached(key, _entries)


def _entries():
    tools = [parts.part_find(parts.XEN, f"usr/lib/xen-*/bin/{name}") for name in _TOOLS]
    store_tools = [parts.part_find(parts.XEN, f"usr/bin/{name}") for name in _STORE_TOOLS]
    tool_directory = os.path.relpath(os.path.dirname(tools[0]), parts.XEN)
    lib = os.path.join(parts.XEN, "lib/x86_64-linux-gnu")
    libraries = libraries_of(
        [*tools, *store_tools], [lib, os.path.join(parts.XEN, "usr/lib/x86_64-linux-gnu")]
    )
    # The C library loads this one by itself when a thread is cancelled.
    libraries["libgcc_s.so.1"] = os.path.realpath(os.path.join(lib, "libgcc_s.so.1"))
    loader = libraries.get("ld-linux-x86-64.so.2")
    loader = loader or os.path.realpath(os.path.join(lib, "ld-linux-x86-64.so.2"))

    entries = [_directory(b".")]
    entries += [_directory(name.encode()) for name in _DIRECTORIES]
    at = "usr/lib"
    for part in os.path.relpath(tool_directory, at).split("/"):
        at = f"{at}/{part}"
        entries.append(_directory(at.encode()))
    entries += [_link("var/run", "/run"), _link("var/lock", "/run/lock")]
    entries += [_link("tools", f"/{tool_directory}")]
    entries += [_file(f"{tool_directory}/{os.path.basename(path)}", path) for path in tools]
    entries += [_file(f"bin/{os.path.basename(path)}", path) for path in store_tools]
    entries += [_file("bin/busybox", default_tree.BUSYBOX), _file("init", _INIT)]
    entries += [_file(f"lib/{name}", path) for name, path in sorted(libraries.items())]
    entries += [_file("lib64/ld-linux-x86-64.so.2", loader)]
    entries += [_file(f"mod/{name}.ko", parts.module(name)) for name in parts.MODULES]
    entries += [
        Entry(b"mod/order", stat.S_IFREG | 0o644, data="\n".join([*parts.MODULES, ""]).encode()),
        Entry(b"etc/xen/xl.conf", stat.S_IFREG | 0o644, data=b""),
        Entry(b"dev/console", stat.S_IFCHR | 0o600, rdev=os.makedev(5, 1)),
    ]
    return entries


def _directory(path):
    return Entry(path, stat.S_IFDIR | 0o755)


def _link(path, target):
    return Entry(path.encode(), stat.S_IFLNK | 0o777, data=target.encode())


def _file(path, source):
    size = os.stat(source).st_size
    return Entry(path.encode(), stat.S_IFREG | 0o755, source=source, size=size)
