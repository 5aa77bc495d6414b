# SPDX-License-Identifier: BSD-2-Clause
"""Text on a picture of the screen, read by comparing each cell with the font's glyphs."""

import sys

from .paths import TOP

sys.path.insert(0, str(TOP / "tools/gen"))
import font  # noqa: E402 (found through the path just added)

_FONT = TOP / "build/src/console-setup-linux/usr/share/consolefonts/Uni2-VGA16.psf.gz"
_WIDTH, _HEIGHT = font.WIDTH, font.HEIGHT
_UNDERLINE = 14
_UNKNOWN = "\ufffd"


class Cell:
    """What a cell shows.

    char       its character; U+FFFD: no glyph looks like this
    fg, bg     colours, (red, green, blue); alike if the cell is of one colour
    underline  whether it is underlined
    """

    def __init__(self, char, fg, bg, underline=False):
        self.char = char
        self.fg = fg
        self.bg = bg
        self.underline = underline


class Picture:
    """A PPM (P6) file as QEMU writes it."""

    def __init__(self, path):
        data = path.read_bytes()
        kind, width, height, most, pixels = data.split(maxsplit=4)
        # The header's last blank is a single one, and pixels may begin with others.
        self.width, self.height = int(width), int(height)
        self._pixels = data[len(data) - 3 * self.width * self.height :]
        assert kind == b"P6" and most == b"255" and len(pixels) > 0, data[:40]
        self.columns, self.rows = self.width // _WIDTH, self.height // _HEIGHT
        self._known = {}

    def cell(self, x, y):
        """Return the Cell in column X of row Y."""
        lines = []
        for line in range(y * _HEIGHT, (y + 1) * _HEIGHT):
            start = 3 * (line * self.width + x * _WIDTH)
            lines.append(self._pixels[start : start + 3 * _WIDTH])
        image = b"".join(lines)
        if image not in self._known:
            self._known[image] = _cell_read(image)
        return self._known[image]

    def row(self, y):
        """Return the text of row Y, without the blanks at its end."""
        return "".join(self.cell(x, y).char for x in range(self.columns)).rstrip()

    def lines(self):
        """Return the text of all rows up to the last that is not empty."""
        rows = [self.row(y) for y in range(self.rows)]
        while rows and not rows[-1]:
            rows.pop()
        return rows


def _glyphs():
    """One character for each image: ASCII before line drawing, that before what looks the same."""
    chars = {}
    for code, rows in sorted(font.font_read(_FONT).items(), key=lambda one: _rank(one[0])):
        chars.setdefault(bytes(rows), chr(code))
    return chars


def _rank(code):
    return (code >= 0x7F, not 0x2500 <= code < 0x25A0, code)


_CHARS = _glyphs()


def _cell_read(image):
    pixels = [tuple(image[i : i + 3]) for i in range(0, len(image), 3)]
    colours = sorted(set(pixels))
    if len(colours) == 1:
        return Cell(" ", colours[0], colours[0])
    if len(colours) > 2:
        return Cell(_UNKNOWN, colours[-1], colours[0])
    # The darker one is the ground if both ways round look like a glyph.
    for fg, bg in (colours[::-1], colours):
        rows = [
            sum(0x80 >> x for x in range(_WIDTH) if pixels[y * _WIDTH + x] == fg)
            for y in range(_HEIGHT)
        ]
        if bytes(rows) in _CHARS:
            return Cell(_CHARS[bytes(rows)], fg, bg)
        if rows[_UNDERLINE] == 0xFF:
            rows[_UNDERLINE] = 0
            if bytes(rows) in _CHARS:
                return Cell(_CHARS[bytes(rows)], fg, bg, underline=True)
    return Cell(_UNKNOWN, colours[-1], colours[0])
