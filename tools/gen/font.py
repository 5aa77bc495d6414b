# SPDX-License-Identifier: BSD-2-Clause
"""Makes the screen's font, as C, out of a console font.

usage: font.py FONT.psf.gz OUT.c

The font is a PSF file of 8x16 pixels with its Unicode table.  Block elements, scan lines and the
diamond are drawn here: console fonts have few of them, and they follow from their names.
"""

import gzip
import os
import struct
import sys

WIDTH, HEIGHT = 8, 16
_SEPARATOR, _SEQUENCE = 0xFFFF, 0xFFFE


def font_read(path):
    """Return {code point: 16 bytes, a pixel row each} of the font at PATH, and what is drawn."""
    with gzip.open(path) as file:
        data = file.read()
    if data[:2] != b"\x36\x04" or not data[2] & 2 or data[3] != HEIGHT:
        raise ValueError(f"{path} is no PSF 1 font of 8x{HEIGHT} pixels with a Unicode table")
    count = 512 if data[2] & 1 else 256
    images = [data[4 + HEIGHT * i : 4 + HEIGHT * (i + 1)] for i in range(count)]
    glyphs = drawn()
    table = struct.unpack_from(f"<{(len(data) - 4 - HEIGHT * count) // 2}H", data, 4 + HEIGHT * count)
    number, is_sequence = 0, False
    for word in table:
        if word == _SEPARATOR:
            number, is_sequence = number + 1, False
        elif word == _SEQUENCE:
            is_sequence = True
        elif not is_sequence and number < count:
            glyphs.setdefault(word, images[number])
    return glyphs


def drawn():
    """Return the glyphs that are drawn and not read."""
    glyphs = {0x2588: _box(0, 0, 8, 16), 0x2580: _box(0, 0, 8, 8), 0x2590: _box(4, 0, 8, 16)}
    for eighths in range(1, 8):
        glyphs[0x2580 + eighths] = _box(0, 16 - 2 * eighths, 8, 16)
        glyphs[0x2590 - eighths] = _box(0, 0, eighths, 16)
    glyphs[0x2594], glyphs[0x2595] = _box(0, 0, 8, 2), _box(7, 0, 8, 16)
    for code, pattern in ((0x2591, (0x88, 0x22)), (0x2592, (0xAA, 0x55)), (0x2593, (0x77, 0xDD))):
        glyphs[code] = bytes(pattern) * 8
    quarters = [_box(0, 0, 4, 8), _box(4, 0, 8, 8), _box(0, 8, 4, 16), _box(4, 8, 8, 16)]
    # Upper left, upper right, lower left, lower right, as the names from U+2596 on say.
    for code, parts in enumerate((4, 8, 1, 13, 9, 7, 11, 2, 6, 14), 0x2596):
        chosen = [quarters[i] for i in range(4) if parts >> i & 1]
        glyphs[code] = bytes(a | b for a, b in zip(chosen[0], chosen[-1]))
        for one in chosen[1:-1]:
            glyphs[code] = bytes(a | b for a, b in zip(glyphs[code], one))
    for code, row in ((0x23BA, 1), (0x23BB, 4), (0x23BC, 11), (0x23BD, 14)):
        glyphs[code] = _box(0, row, 8, row + 1)
    widths = (0, 0, 0, 0, 0x10, 0x38, 0x7C, 0xFE, 0x7C, 0x38, 0x10, 0, 0, 0, 0, 0)
    glyphs[0x25C6] = bytes(widths)
    return glyphs


def _box(left, top, right, bottom):
    row = (1 << (8 - left)) - (1 << (8 - right))
    return bytes(row if top <= y < bottom else 0 for y in range(HEIGHT))


def _cp437(code):
    """The byte that shows CODE on a text screen; 0: none."""
    encoded = chr(code).encode("cp437", "ignore")
    return encoded[0] if encoded else 0


def _main(source, target):
    glyphs = font_read(source)
    lines = [
        "/* Made by tools/gen/font.py. */",
        '#include "drivers/screen/font.h"',
        "const struct glyph font_glyphs[] = {",
    ]
    for code, rows in sorted(glyphs.items()):
        if 0x20 <= code <= 0xFFFF:
            text = ", ".join(f"{row:#04x}" for row in rows)
            lines.append(f"    {{{code:#06x}, {_cp437(code):#04x}, {{{text}}}}},")
    lines += ["};", "const unsigned font_count = sizeof font_glyphs / sizeof font_glyphs[0];", ""]
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    _main(sys.argv[1], sys.argv[2])
