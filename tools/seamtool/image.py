# SPDX-License-Identifier: BSD-2-Clause
"""Makes the initramfs image of a tree, or finds it in the cache.

An image is named by a fingerprint of its tree, so it never has to be checked
again: a changed tree has another name.
"""

import hashlib
import os
import stat
import sys
import tempfile
import time

from .cpio import FORMAT, archive_write
from .errors import SeamError
from .paths import CACHE

_LIMIT_BYTES = 4 << 30
_LIMIT_IMAGES = 32
# Younger images may be about to be opened by a machine that starts just now.
_SAFE_AGE_SECONDS = 600

_MAGICS = (b"070701", b"070702")
_GZIP_MAGIC = b"\x1f\x8b"


def image_for_root(root):
    """Return the path of the image for --root ROOT (None: the default tree)."""
    if root is None:
        return _default_image()
    if os.path.isfile(root):
        return _archive_checked(root)
    from .tree import Tree

    os.makedirs(CACHE, exist_ok=True)
    tree = Tree(root, skip=os.stat(CACHE))
    for text in tree.warnings:
        warn(text)
    return image_cached(tree.fingerprint(), lambda: tree.entries)


def _default_image():
    from . import default_tree

    status = default_tree.busybox_status()
    made_by = os.stat(default_tree.__file__)
    facts = [FORMAT]
    for item in (status, made_by):
        facts += [item.st_dev, item.st_ino, item.st_size, item.st_mtime_ns, item.st_ctime_ns]
    key = hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()
    return image_cached(key, default_tree.default_entries)


def _archive_checked(path):
    try:
        with open(path, "rb") as file:
            start = file.read(6)
    except OSError as error:
        raise SeamError(f"cannot read {path}: {error.strerror}") from None
    if start not in _MAGICS and not start.startswith(_GZIP_MAGIC):
        raise SeamError(f"{path} is neither a directory nor a cpio archive (newc, or gzipped)")
    return path


def image_cached(key, make_entries):
    path = os.path.join(CACHE, key + ".cpio")
    try:
        os.utime(path)  # its last use
        return path
    except FileNotFoundError:
        pass
    os.makedirs(CACHE, exist_ok=True)
    fd, part = tempfile.mkstemp(dir=CACHE, suffix=".part")
    try:
        archive_write(fd, make_entries(), warn)
        os.rename(part, path)
    except OSError as error:
        os.unlink(part)
        raise SeamError(f"cannot write the image: {error.strerror}") from None
    except BaseException:
        os.unlink(part)
        raise
    finally:
        os.close(fd)
    _cache_trim()
    return path


def _cache_trim():
    """Drop what was not used for longest, beyond a number and a size."""
    now = time.time()
    images = []
    with os.scandir(CACHE) as iterator:
        for item in iterator:
            status = item.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                images.append((status.st_mtime, status.st_blocks * 512, item.path))
    images.sort(reverse=True)
    total = 0
    for number, (used, size, path) in enumerate(images, 1):
        total += size
        is_beyond = number > _LIMIT_IMAGES or total > _LIMIT_BYTES
        if is_beyond and used < now - _SAFE_AGE_SECONDS:
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass  # trimmed by another run


def warn(text):
    print(f"seam: warning: {text}", file=sys.stderr)
