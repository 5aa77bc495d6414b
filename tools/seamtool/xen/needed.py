# SPDX-License-Identifier: BSD-2-Clause
"""Which shared libraries a program needs, read from the files themselves.

System V ABI, chapter "Dynamic Linking": DT_NEEDED entries name them.
"""

import os
import struct

from ..errors import SeamError

_EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
_PHDR = struct.Struct("<IIQQQQQQ")
_DYN = struct.Struct("<qQ")
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NEEDED, _DT_STRTAB = 1, 5


def libraries_of(programs, directories):
    """Return {name: path} of all that PROGRAMS need, directly or through one another."""
    found = {}
    pending = list(programs)
    while pending:
        user = pending.pop()
        for name in _needed(user):
            if name not in found:
                found[name] = _find(name, directories, user)
                pending.append(found[name])
    return found


def _find(name, directories, user):
    for directory in directories:
        path = os.path.join(directory, name)
        if os.path.exists(path):
            return os.path.realpath(path)
    raise SeamError(f"{user} needs {name}, which is not there: remove build/guest/xen and run ./setup --xen")


def _needed(path):
    with open(path, "rb") as file:
        data = file.read()
    header = _EHDR.unpack_from(data)
    segments = [_PHDR.unpack_from(data, header[5] + i * header[9]) for i in range(header[10])]
    entries = []
    for kind, _, offset, _, _, size, _, _ in segments:
        if kind == _PT_DYNAMIC:
            entries = [_DYN.unpack_from(data, at) for at in range(offset, offset + size, _DYN.size)]
    strings = next((_offset(segments, value) for tag, value in entries if tag == _DT_STRTAB), None)
    names = []
    for tag, value in entries:
        if tag == _DT_NEEDED:
            start = strings + value
            names.append(data[start : data.index(b"\0", start)].decode())
    return names


def _offset(segments, address):
    for kind, _, offset, start, _, size, _, _ in segments:
        if kind == _PT_LOAD and start <= address < start + size:
            return offset + address - start
    raise SeamError("a library's dynamic section leads nowhere")
