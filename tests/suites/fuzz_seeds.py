# SPDX-License-Identifier: BSD-2-Clause
"""The first inputs of the programs of tests/fuzz/host, from which libFuzzer makes others."""

import gzip
import struct

_BPF_LOAD_NR, _BPF_JUMP_EQUAL, _BPF_RETURN = 0x20, 0x15, 0x06


def of(name):
    """Return inputs for NAME_fuzz."""
    return _SEEDS.get(name, lambda: [b""])()


def dictionary_of(name):
    """Return words that its inputs are made of, in libFuzzer's form."""
    return "".join(f'"{word}"\n' for word in _WORDS.get(name, ()))


_WORDS = {
    "initramfs": ("070701", "TRAILER!!!", "0000", "../", "/./", r"\x1f\x8b\x08"),
    "options": ("arg=", "env=", "init=", "mode=", "out=", "winsize=", "%", "%20", "stdin=tty", "console=screen", "keymap="),
    "vt": (r"\x1b[", r"\x1b]", "?1049h", "?6h", "?7l", r"\x1b(0", "38;5;", "99999", r"\xe2\x94\x80"),
}


def _bpf():
    data = struct.pack("<IIQ6Q", 1, 0xC000003E, 0x1000, 1, 2, 3, 4, 5, 6)
    parts = (
        (_BPF_LOAD_NR, 0, 0, 0),
        (_BPF_JUMP_EQUAL, 0, 1, 1),
        (_BPF_RETURN, 0, 0, 0x7FFF0000),
        (0x02, 0, 0, 3),  # into scratch memory, and back
        (0x60, 0, 0, 3),
        (0x3C, 0, 0, 0),  # divided by X
        (0x16, 0, 0, 0),
    )
    return [data + b"".join(struct.pack("<HBBI", *part) for part in parts)]


def _elf():
    ident = b"\x7fELF\2\1\1" + bytes(9)
    head = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0x1000, 64, 0, 0, 64, 56, 4, 0, 0, 0)
    segments = (
        (1, 5, 0, 0, 0, 0x800, 0x800, 0x1000),
        (1, 6, 0x800, 0x200800, 0x200800, 0x100, 0x5000, 0x200000),
        (3, 4, 64 + 4 * 56, 0, 0, 8, 8, 1),
        (0x6474E551, 7, 0, 0, 0, 0, 0, 16),
    )
    body = head + b"".join(struct.pack("<IIQQQQQQ", *one) for one in segments) + b"/lib/ld\0"
    return [body, b"#! /bin/sh -e\necho\n", b"#!/bin/sh" + b" " * 300, b"#!\n"]


def _entry(name, mode, data=b"", ino=0, nlink=1):
    numbers = (ino, mode, 0, 0, nlink, 7, len(data), 0, 1, 1, 3, len(name) + 1, 0)
    entry = b"070701" + b"".join(b"%08X" % number for number in numbers) + name + b"\0"
    entry += bytes(-len(entry) % 4) + data
    return entry + bytes(-len(entry) % 4)


def _initramfs():
    trailer = _entry(b"TRAILER!!!", 0)
    kinds = (
        _entry(b"d", 0o040755)
        + _entry(b"d/f", 0o100644, b"text")
        + _entry(b"l", 0o120777, b"d/f")
        + _entry(b"n", 0o020666)
        + _entry(b"p", 0o010600)
        + _entry(b"new/dir/f", 0o100644, b"x")
        + _entry(b"./other//././dir/.", 0o040755)
        + trailer
    )
    links = (
        _entry(b"x", 0o100644, b"", 9, 3)
        + _entry(b"y", 0o100644, b"both", 9, 3)
        + _entry(b"z", 0o120777, b"y", 9, 3)
    )
    other_kinds = (
        _entry(b"a", 0o120777, b"b", 9, 2)
        + _entry(b"b", 0o100644, b"text", 9, 2)
        + _entry(b"c", 0o020644, b"", 8, 2)
        + _entry(b"e", 0o100644, b"more", 8, 2)
    )
    packed = gzip.compress(kinds, mtime=0)
    return [kinds, links + trailer, other_kinds, kinds + bytes(512) + links, packed, packed + kinds]


def _insn():
    codes = (
        "66 2e 0f 1f 84 00 00 00 00 00",
        "48 b8 01 02 03 04 05 06 07 08",
        "c5 f9 70 05 01 02 03 04 05",
        "c4 e3 79 0f 44 24 08 01",
        "62 f1 7d 48 6f 04 25 01 02 03 04",
    )
    return [bytes.fromhex(code) for code in codes]


def _message(kind, flags, body):
    return struct.pack("<IHHII", 16 + len(body), kind, flags, 9, 0) + body


def _netlink():
    dump, one = 0x301, 1
    by_name = bytes(16) + struct.pack("<HH4s", 7, 3, b"lo")
    route = bytes([2]) + bytes(11) + struct.pack("<HH4B", 8, 1, 127, 0, 0, 1)
    asked = [
        _message(18, dump, bytes(1)),
        _message(22, dump, bytes(1)),
        _message(26, dump, bytes(1)),
        _message(18, one, by_name),
        _message(26, one, route),
        _message(16, 5, bytes(16)),
    ]
    return [b"\1" + message for message in asked] + [b"\0" + b"".join(asked)]


def _options():
    words = b"init=/bin/sh arg=-c arg=echo%20%25 env=A=b cwd=/tmp mode=full out=/x winsize=80x25"
    return [words, b"stdin=tty stdout=pipe stderr=tty console=escaped strace stats verbose log=x"]


def _vt():
    size = bytes((18, 4, 2))
    texts = (
        b"\x1b[?1049h\x1b[H\x1b[2J\x1b[1;4r\x1b[4;1H\n\x1bM\x1b[3L\x1b[2M\x1b[?1049l",
        b"\x1b[38;5;196;48;2;1;2;3;1;4;7mx\x1b[0m\x1b(0lqk\x1b(B\x1b)0\x0eq\x0f",
        b"\xe2\x94\x80\xf0\x9f\x98\x80\xe4\xb8\xad\x1b[6n\x1b[c\x1b[5@\x1b[2P\x1b[3X\x1b[4hx",
        b"\x1b]0;title\x07\x1bPq\x1b\\\x1b]P1ff0000\x1b[[A\x1b7\x1b[9;9H\x1b8\x1bc",
    )
    return [size + text for text in texts]


_SEEDS = {
    "bpf": _bpf,
    "elf": _elf,
    "initramfs": _initramfs,
    "insn": _insn,
    "netlink": _netlink,
    "options": _options,
    "vt": _vt,
}
