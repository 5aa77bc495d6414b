# SPDX-License-Identifier: BSD-2-Clause
"""A bar chart of ratios as SVG: logarithmic, bars to the right of 1 are Seam's."""

import math
from xml.sax.saxutils import escape

_BAR, _GAP, _GROUP_GAP = 12, 4, 12
_LEFT, _WIDTH, _RIGHT = 190, 560, 70
_TOP, _BOTTOM = 62, 28
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_COLOURS = {True: "#2b6cb0", False: "#c05621"}  # Seam is faster; Linux is


class _Scale:
    """Where a ratio lies, in pixels; the ends are ticks, and 1 is always between them."""

    def __init__(self, values):
        least, most = min([*values, 0.9]), max([*values, 1.1])
        self.first = max((tick for tick in _TICKS if tick <= least), default=_TICKS[0])
        self.last = min((tick for tick in _TICKS if tick >= most), default=_TICKS[-1])

    def x(self, value):
        value = min(max(value, self.first), self.last)
        part = math.log(value / self.first) / math.log(self.last / self.first)
        return _LEFT + part * _WIDTH

    def ticks(self):
        return [tick for tick in _TICKS if self.first <= tick <= self.last]


def chart_make(title, subtitle, groups):
    """Return the SVG text of GROUPS: [(name, [(row, ratio), ...]), ...], none of them empty."""
    scale = _Scale([value for _, bars in groups for _, value in bars])
    height = _TOP + _BOTTOM
    height += sum(len(bars) * (_BAR + _GAP) + _GROUP_GAP for _, bars in groups)
    width = _LEFT + _WIDTH + _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="20" font-size="15" fill="#222222">{escape(title)}</text>',
        f'<text x="12" y="38" fill="#555555">{escape(subtitle)}</text>',
    ]
    parts += _axis(scale, height)
    y = _TOP
    for name, bars in groups:
        y += _GROUP_GAP
        parts.append(f'<text x="12" y="{y + 9}" fill="#999999">{escape(name)}</text>')
        for row, value in bars:
            parts += _bar(scale, y, row, value)
            y += _BAR + _GAP
    return "\n".join([*parts, "</svg>", ""])


def _axis(scale, height):
    for tick in scale.ticks():
        x = scale.x(tick)
        colour, width = ("#222222", 1.5) if tick == 1 else ("#dddddd", 1)
        yield (
            f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{height - _BOTTOM}" '
            f'stroke="{colour}" stroke-width="{width}"/>'
        )
        for y in (_TOP - 5, height - _BOTTOM + 14):
            yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="#555555">{tick:g}</text>'


def _bar(scale, y, row, value):
    one, end = scale.x(1), scale.x(value)
    x, width = min(one, end), max(abs(end - one), 0.5)
    label = f'x="{end + 4:.1f}"' if value >= 1 else f'x="{end - 4:.1f}" text-anchor="end"'
    yield (
        f'<text x="{_LEFT - 8}" y="{y + 10}" text-anchor="end" '
        f'fill="#222222">{escape(row)}</text>'
    )
    yield (
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" '
        f'fill="{_COLOURS[value >= 1]}"/>'
    )
    yield f'<text {label} y="{y + 10}" fill="#222222">{value:.2f}</text>'
