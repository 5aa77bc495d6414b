# SPDX-License-Identifier: BSD-2-Clause
"""Names of functions in ELF files of 64 bits (System V ABI, chapter "Object Files").

Where a file has no names, its description for unwinding still tells where functions are (LSB Core,
"The .eh_frame section"): these are named by their address.
"""

import bisect
import re
import struct

_EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
_SHDR = struct.Struct("<IIQQQQIIQQ")
_PHDR = struct.Struct("<IIQQQQQQ")
_SYM = struct.Struct("<IBBHQQ")
_MAGIC = b"\x7fELF\x02\x01"

_PT_LOAD, _PT_NOTE = 1, 4
_SHT_SYMTAB, _SHT_DYNSYM = 2, 11
_SHN_UNDEF = 0
_STT_NOTYPE, _STT_FUNC, _STT_GNU_IFUNC = 0, 2, 10
_SHF_EXECINSTR = 4
_NT_GNU_BUILD_ID = 3

_EH_POINTER = 0x1B  # signed, 4 bytes, relative to its own place: what compilers write
_EH_SIZES = {0x0: 8, 0x2: 2, 0x3: 4, 0x4: 8, 0xA: 2, 0xB: 4, 0xC: 8}  # by an encoding's low half

_MARK = re.compile(r"_(start|begin|end)$")

# What a compiler adds to names of its own copies of a function.
_LTO_SUFFIX = re.compile(r"\.llvm\.\d+")


class Elf:
    """Functions of one file.

    data       the file's bytes
    debug      called with the build id in base 16; the bytes of a file with more symbols, or None
    """

    def __init__(self, data, debug=None):
        self._data = data
        self._starts, self._functions = [], []  # functions: (start, end or 0, name)
        self._places = {}
        self._segments = []
        self._sections = []
        if data[: len(_MAGIC)] != _MAGIC:
            return
        try:
            self._read(debug)
        except (struct.error, IndexError, KeyError, ValueError):
            pass  # cut or damaged: what has been read stands

    def _read(self, debug):
        head = _EHDR.unpack_from(self._data)
        phoff, shoff, phentsize, phnum, shentsize, shnum, names = (
            *(head[5], head[6]),
            *(head[9], head[10], head[11], head[12], head[13]),
        )
        build_id = None
        for number in range(phnum):
            kind, _, offset, va, _, size, _, _ = _PHDR.unpack_from(
                self._data, phoff + number * phentsize
            )
            if kind == _PT_LOAD:
                self._segments.append((offset, size, va))
            elif kind == _PT_NOTE:
                build_id = build_id or self._build_id(offset, size)
        headers = [_SHDR.unpack_from(self._data, shoff + n * shentsize) for n in range(shnum)]
        for header in headers:
            name = self._text(headers[names][4] + header[0])
            self._sections.append((name, *header))
        functions = self._symbols(self, _SHT_SYMTAB)
        if not functions and build_id and debug:
            data = debug(build_id)
            functions = self._symbols(Elf(data), _SHT_SYMTAB) if data else []
        functions = functions or self._symbols(self, _SHT_DYNSYM)
        self._order(functions + self._unnamed())

    def _build_id(self, offset, size):
        end = offset + size
        while offset + 12 <= end:
            name_bytes, bytes_, kind = struct.unpack_from("<III", self._data, offset)
            at = offset + 12 + -(-name_bytes // 4) * 4
            if kind == _NT_GNU_BUILD_ID:
                return self._data[at : at + bytes_].hex()
            offset = at + -(-bytes_ // 4) * 4
        return None

    def _text(self, at):
        return self._data[at : self._data.index(b"\0", at)].decode("utf-8", "replace")

    @staticmethod
    def _symbols(elf, wanted):
        found = []
        for _, _, kind, _, _, offset, size, link, _, _, entry in elf._sections:
            if kind != wanted or not entry:
                continue
            strings = elf._sections[link][5]
            for at in range(offset, offset + size, entry):
                name, info, _, section, value, length = _SYM.unpack_from(elf._data, at)
                kind_of = info & 15
                is_code = kind_of in (_STT_FUNC, _STT_GNU_IFUNC) or (
                    kind_of == _STT_NOTYPE and elf._is_code(section)
                )
                if section != _SHN_UNDEF and is_code and name:
                    found.append((value, value + length if length else 0, strings + name))
        return [(start, end, _tidy(elf._text(name))) for start, end, name in found]

    def _is_code(self, number):
        return number < len(self._sections) and bool(self._sections[number][3] & _SHF_EXECINSTR)

    def _unnamed(self):
        """Where functions are, by the unwinder's description."""
        found = []
        for name, _, _, _, va, offset, size, *_ in self._sections:
            if name == ".eh_frame":
                found += self._frames(va - offset, offset, offset + size)
        return found

    def _frames(self, bias, at, end):
        """Of the entries from file offset AT on; BIAS added, an offset is an address."""
        found, encodings = [], {}
        while at + 8 <= end:
            length, back = struct.unpack_from("<II", self._data, at)
            if length in (0, 0xFFFFFFFF):
                break
            if back == 0:
                encodings[at] = _pointer_encoding(self._data, at + 8)
            elif encodings.get(at + 4 - back) == _EH_POINTER:
                start, bytes_ = struct.unpack_from("<iI", self._data, at + 8)
                start += at + 8 + bias
                found.append((start, start + bytes_, None))
            at += 4 + length
        return found

    def _order(self, functions):
        """Sort; of several names for one place, what only marks a begin or an end comes last."""
        functions.sort(
            key=lambda f: (f[0], f[2] is None, not f[1], bool(_MARK.search(f[2] or "")), f[2] or "")
        )
        for start, end, name in functions:
            if name is not None:
                self._places.setdefault(name, start)
            if self._starts and self._starts[-1] == start:
                continue
            # The unwinder may have parts of a function: not those within a named one.
            if name is None and self._functions and start < self._functions[-1][1]:
                continue
            self._starts.append(start)
            self._functions.append((start, end, name or f"{start:#x}"))

    def address(self, offset):
        """The address at which the file has the byte at OFFSET, by its program headers; or None."""
        for start, size, va in self._segments:
            if start <= offset < start + size:
                return va + offset - start
        return None

    def find(self, name):
        """The address of the function NAME, or None."""
        return self._places.get(name)

    def function(self, address):
        """The name of the function at ADDRESS, or None.

        Code that nothing describes is named by its section and where it begins.
        """
        section = self._section(address)
        if section is None:
            return None
        at = bisect.bisect_right(self._starts, address) - 1
        if at < 0 or self._section(self._starts[at]) != section:
            return f"[{section}]"
        start, end, name = self._functions[at]
        if address < end or not end:
            return name
        return f"[{section} {end:#x}]"

    def _section(self, address):
        """The name of the section with code that ADDRESS lies in."""
        for name, _, _, flags, va, _, size, *_ in self._sections:
            if flags & _SHF_EXECINSTR and va <= address < va + size:
                return name
        return None


def _pointer_encoding(data, at):
    """How the entries of the common entry whose version is at AT write addresses."""
    version = data[at]
    end = data.index(b"\0", at + 1)
    augmentation = data[at + 1 : end]
    at = _leb_skip(data, _leb_skip(data, end + 1))  # alignment of code and of data
    at = at + 1 if version == 1 else _leb_skip(data, at)  # the return address's register
    if not augmentation.startswith(b"z"):
        return 0
    at = _leb_skip(data, at)
    for letter in augmentation[1:].decode("ascii", "replace"):
        if letter == "R":
            return data[at]
        if letter == "P":
            at += 1 + _EH_SIZES[data[at] & 15]
        elif letter == "L":
            at += 1
    return 0


def _leb_skip(data, at):
    while data[at] & 0x80:
        at += 1
    return at + 1


def _tidy(name):
    return _LTO_SUFFIX.sub("", name.split("@")[0])
