# SPDX-License-Identifier: BSD-2-Clause
"""Instructions executed, by the blocks that QEMU translated (tools/counts/counts.c)."""

import os
import struct

from .errors import SeamError
from .paths import BUILD

PLUGIN = os.path.join(BUILD, "host", "counts.so")

_HEAD = struct.Struct("<8sQQ40x")
_BLOCK = struct.Struct("<QQI44s")
_MAGIC = b"SCOUNT01"
_BLOCKS = 1 << 20


class Counts:
    """The file in which QEMU counts.

    fd         its descriptor, which QEMU is to inherit
    arguments  QEMU's

    Counting begins anew when the code at START is executed first; None: it begins with the boot.
    """

    def __init__(self, start):
        if not os.path.exists(PLUGIN):
            raise SeamError("what counts instructions is not built: run ninja first")
        self.fd = os.memfd_create("seam-counts", os.MFD_CLOEXEC)
        os.ftruncate(self.fd, _HEAD.size + _BLOCKS * _BLOCK.size)
        self.arguments = ("-plugin", f"{PLUGIN},fd={self.fd},start={start or 0:#x}")

    def read(self):
        """Yield (address, instructions executed, code) of each block; an address may come again."""
        magic, used, beyond = _HEAD.unpack(os.pread(self.fd, _HEAD.size, 0))
        if magic != _MAGIC:
            return
        data = os.pread(self.fd, min(used, _BLOCKS) * _BLOCK.size, _HEAD.size)
        for address, executed, size, code in _BLOCK.iter_unpack(data):
            if executed:
                yield address, executed, code[:size]
        if beyond:
            yield None, beyond, b""

    def close(self):
        os.close(self.fd)
