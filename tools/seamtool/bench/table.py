# SPDX-License-Identifier: BSD-2-Clause
"""The figures as a table for people, and as JSON."""

import json

from .figures import COUNT, WALL, geometric_mean, ratio
from .guests import LINUX, SEAM, TITLES

_UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1, "ns"))
_KINDS = {WALL: "wall time", COUNT: "guest instructions"}


def time_text(ns):
    """Return NS as text with three digits and a unit."""
    for size, unit in _UNITS:
        if ns >= size * 0.9995:
            return f"{_three_digits(ns / size)} {unit}"
    return f"{ns:.2f} ns"


def count_text(count):
    """Return a number of instructions as text with at least three digits."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if count >= size:
            return f"{_three_digits(count / (1e3 if unit == 'k' else size))}{unit}"
    return f"{count:.0f}"


def _three_digits(value):
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def table_print(rows, samples):
    """Print the rows that have figures, the geometric means, and what failed."""
    kinds = [kind for kind in (WALL, COUNT) if samples.has(kind)]
    print(f"{'':22}" + "".join(f"  {_KINDS[kind]:^38}" for kind in kinds))
    heads = f"  {'Seam':>9} {'Linux':>9} {'ratio':>7} {'spread':>10}"
    print(f"{'row':22}" + heads * len(kinds))
    group = None
    for row in rows:
        cells = [_cells(samples, kind, row.name) for kind in kinds]
        if group not in (None, row.group):
            print()
        group = row.group
        print(f"{row.name:22}" + "".join(cells))
    print()
    for kind in kinds:
        mean = geometric_mean(ratios(rows, samples, kind).values())
        if mean is not None:
            print(f"geometric mean of the ratios, {_KINDS[kind]}: {mean:.2f}")
    for (system, name), why in samples.failed.items():
        print(f"failed: {TITLES[system]}: {name}: {why}")


def ratios(rows, samples, kind):
    """Return {row: Linux / Seam} of the rows that have both."""
    found = {}
    for row in rows:
        value = ratio(*(samples.cell(kind, system, row.name) for system in (SEAM, LINUX)))
        if value is not None:
            found[row.name] = value
    return found


def _cells(samples, kind, name):
    text = time_text if kind == WALL else count_text
    seam, linux = (samples.cell(kind, system, name) for system in (SEAM, LINUX))
    value = ratio(seam, linux)
    spread = "/".join(f"{100 * c.spread:.0f}" if c else "-" for c in (seam, linux)) + "%"
    return (
        f"  {text(seam.least) if seam else '-':>9} {text(linux.least) if linux else '-':>9}"
        f" {f'{value:.2f}' if value else '-':>7} {spread:>10}"
    )


def json_write(path, rows, samples, facts):
    """Write all figures and FACTS about the run to PATH."""
    record = {**facts, "geometric_mean": {}, "rows": {}, "failed": []}
    for kind in (WALL, COUNT):
        if samples.has(kind):
            record["geometric_mean"][kind] = geometric_mean(ratios(rows, samples, kind).values())
    for row in rows:
        record["rows"][row.name] = _row_record(row, samples)
    for (system, name), why in samples.failed.items():
        record["failed"].append({"system": system, "row": name, "why": why})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.write("\n")


def _row_record(row, samples):
    record = {"group": row.group, "what": row.what, "bytes": row.bytes}
    for kind in (WALL, COUNT):
        cells = {system: samples.cell(kind, system, row.name) for system in (SEAM, LINUX)}
        part = {system: value._asdict() for system, value in cells.items() if value}
        if part:
            part["ratio"] = ratio(cells[SEAM], cells[LINUX])
            record[kind] = part
    return record
