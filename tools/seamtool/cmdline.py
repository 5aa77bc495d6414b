# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's command line: words separated by blanks, values percent-encoded."""

from .errors import SeamError

LIMIT_BYTES = 32 * 1024


def value_encode(value):
    """Encode the bytes that a word cannot hold: blanks, controls, %, and 0x7f up."""
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte != 0x25 else f"%{byte:02X}"
        for byte in _to_bytes(value)
    )


def cmdline_build(words):
    """Join WORDS: (name, value) pairs, or plain strings that are taken as they are."""
    parts = []
    for word in words:
        if isinstance(word, str):
            parts.append(word)
        else:
            name, value = word
            parts.append(f"{name}={value_encode(value)}")
    line = " ".join(parts)
    if len(line) > LIMIT_BYTES:
        raise SeamError(
            f"arguments and environment take {len(line)} bytes on the kernel's command line; "
            f"{LIMIT_BYTES} are possible"
        )
    return line


def _to_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
