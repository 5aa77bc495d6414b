# SPDX-License-Identifier: BSD-2-Clause
"""What ./setup --xen has unpacked: Xen itself, its tools, and the kernel that dom0 runs."""

import glob
import gzip
import hashlib
import lzma
import os
import struct
import tempfile

from ..errors import SeamError
from ..paths import CACHE, GUEST_PACKAGES

XEN = os.path.join(GUEST_PACKAGES, "xen")
LINUX = os.path.join(GUEST_PACKAGES, "linux-image-amd64")

# In the order in which they can be loaded.
MODULES = (
    *("xen-privcmd", "xen-evtchn", "xen-gntdev", "xen-gntalloc", "xenfs"),
    *("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"),
    "virtio_console",
)


def part_find(top, pattern):
    """Return the one file below TOP that PATTERN names."""
    found = sorted(glob.glob(os.path.join(top, pattern), recursive=True))
    found = [path for path in found if os.path.isfile(path)]
    if not found:
        raise SeamError(f"there is no {os.path.join(top, pattern)}: run ./setup --xen first")
    return found[-1]


def hypervisor():
    """Return the path of Xen's ELF file."""
    return _derived(part_find(XEN, "boot/xen-*-amd64.gz"), "xen", gzip.decompress)


def kernel():
    """Return the path of Linux's ELF file: the one within a bzImage takes seconds to unpack."""
    return _derived(part_find(LINUX, "boot/vmlinuz-*"), "vmlinux", _payload)


def module(name):
    return part_find(LINUX, f"lib/modules/**/{name}.ko")


def _payload(image):
    """The kernel within a bzImage (Linux, Documentation/x86/boot.rst: payload_offset)."""
    sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (sectors + 1) * 512 + offset
    try:
        # A 4-byte size follows the compressed data.
        return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(image[start : start + length])
    except lzma.LZMAError as error:
        raise SeamError(f"cannot unpack dom0's kernel: {error}") from None


def _derived(source, name, convert):
    """Return the path of what CONVERT makes of SOURCE's bytes, made once."""
    status = os.stat(source)
    facts = repr((source, status.st_ino, status.st_size, status.st_mtime_ns))
    key = hashlib.blake2b(facts.encode(), digest_size=8).hexdigest()
    path = os.path.join(CACHE, f"{name}-{key}.elf")
    if os.path.exists(path):
        os.utime(path)  # its last use
        return path
    os.makedirs(CACHE, exist_ok=True)
    with open(source, "rb") as file:
        data = convert(file.read())
    fd, part = tempfile.mkstemp(dir=CACHE, suffix=".part")
    with os.fdopen(fd, "wb") as file:
        file.write(data)
    os.rename(part, path)
    return path
