# SPDX-License-Identifier: BSD-2-Clause
"""seam run --profile: the functions of program, libOS and kernel in which the time went.

Samples: the machine is stopped for a moment again and again, and the registers of all its CPUs are
read.  This needs nothing of the guest and sees all of it, code with interrupts off, too; the
guest's clock stands still meanwhile.  With --icount there are no samples: instructions are counted.
What an address belongs to is known by the records of what was mapped where.
"""

import bisect
import os
import re
import shutil
import subprocess
import threading
from collections import Counter

from . import record
from .archive import Archive
from .elf import Elf
from .paths import BUILD
from .qmp import Qmp, QmpClosed

_PERIOD_SECONDS = 0.004
_PATIENCE_SECONDS = 5
_ROWS = 25
_WHERE_COLUMNS = 34

# The kernel's half, and the libOS region in the other (exo_layout.h).
_KERNEL = 1 << 63
_LIBOS, _LIBOS_BYTES = 0x4800_0000_0000, 512 << 30

_CPU = re.compile(
    r"^CPU#(?P<cpu>\d+).*?\bRIP=(?P<rip>[0-9a-f]+).*?\bCPL=(?P<cpl>\d).*?\bHLT=(?P<halted>\d)"
    r".*?\bCR3=(?P<cr3>[0-9a-f]+)",
    re.M | re.S,
)
_PAGE_SHIFT = 12

APP, LIBOS, KERNEL, IDLE = "program", "libOS", "kernel", "idle"
AREAS = (APP, LIBOS, KERNEL)


class Sampler(threading.Thread):
    """Takes samples until it is told to stop, or QEMU ends.

    samples    [(how many records there were, ((rip, top table or None: idle), ...))]
    """

    def __init__(self, ring):
        super().__init__(daemon=True)
        self._ring = ring
        self._qmp = Qmp()
        self._is_over = threading.Event()
        self.fd = self._qmp.fd
        self.arguments = self._qmp.arguments
        self.samples = []

    def run(self):
        try:
            self._qmp.connect()
            while not self._is_over.wait(_PERIOD_SECONDS):
                self._sample()
        except QmpClosed:
            pass

    def _sample(self):
        # Nobody but us stops this machine: so going on is what all others want.
        self._qmp.execute("stop")
        try:
            seen = self._ring.end() if self._ring.find() else 0
            command = {"command-line": "info registers -a"}
            text = self._qmp.execute("human-monitor-command", **command) or ""
        finally:
            self._qmp.execute("cont")
        self.samples.append((seen, tuple(registers_parse(text))))

    def finish(self):
        """Take no more samples."""
        self._is_over.set()
        self.join(_PATIENCE_SECONDS)
        # A QEMU that answers nothing is about to be ended.
        if not self.is_alive():
            self._qmp.close()


def registers_parse(text):
    """Yield (rip, top table) of each CPU in what QEMU's `info registers -a` says; idle: (0, None)."""
    for found in _CPU.finditer(text):
        if found["halted"] == "1":
            yield 0, None
        else:
            yield int(found["rip"], 16), int(found["cr3"], 16) >> _PAGE_SHIFT


class _Map:
    __slots__ = ("start", "end", "offset", "path")

    def __init__(self, each):
        _, self.start, self.end, self.offset = each.args[:4]
        self.path = each.text


class _Space:
    """What is mapped for execution in one space; what came later lies on top."""

    def __init__(self):
        self._maps = []

    def add(self, new):
        self._maps.append(new)

    def find(self, address):
        for each in reversed(self._maps):
            if each.start <= address < each.end:
                return each
        return None


class Functions:
    """From an address to the function: (area, where, name).

    initrd     the archive of the machine's tree
    kernel     the kernel's ELF file
    """

    def __init__(self, initrd, kernel):
        self._archive = Archive(initrd)
        self._elfs = {}
        self._kernel = _host_elf(kernel)
        beside = os.path.dirname(kernel)
        self._libos = _host_elf(os.path.join(beside, "libos.elf"))
        self._vdso = _host_elf(os.path.join(beside, "vdso.so"))

    def first_return(self):
        """Where the libOS goes first when it is about to run the first program; or None."""
        return self._libos.find("user_restore_begin")

    def fixed(self, address):
        """The function of kernel or libOS, or None: the address is a program's."""
        if address >= _KERNEL:
            return KERNEL, "[kernel]", self._kernel.function(address) or "[unknown]"
        if _LIBOS <= address < _LIBOS + _LIBOS_BYTES:
            return LIBOS, "[libOS]", self._libos.function(address) or "[unknown]"
        return None

    def mapped(self, address, where):
        """The function of a program at ADDRESS in WHERE, a _Map or None."""
        if where is None:
            return APP, "[unknown]", hex(address)
        if where.path == "[stubs]":
            return LIBOS, where.path, "patched calls"
        if where.path == "[vdso]":
            name = self._vdso.function(address - where.start)
        elif not where.path:
            return APP, "[anonymous memory]", "code made at run time"
        else:
            elf = self.elf(where.path)
            at = elf.address(address - where.start + where.offset)
            name = elf.function(at) if at is not None else None
        return APP, where.path, name or "[unknown]"

    def elf(self, path):
        if path not in self._elfs:
            self._elfs[path] = Elf(self._archive.read(path) or b"", self._debug_file)
        return self._elfs[path]

    def code(self, where, address, size):
        """SIZE bytes at ADDRESS as the file of WHERE has them."""
        data = self._archive.read(where.path) or b""
        at = address - where.start + where.offset
        return data[at : at + size]

    def _debug_file(self, build_id):
        return self._archive.read(f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug")


def _host_elf(path):
    try:
        with open(path, "rb") as file:
            return Elf(file.read())
    except OSError:
        return Elf(b"")


def samples_count(samples, ring, functions):
    """Return a Counter of (area, where, function), or IDLE, over the samples of all CPUs.

    Those of the boot are left out: as long as nothing is mapped for a program.
    """
    counter, spaces = Counter(), {}
    records = ring.records() if ring.room else iter(())
    following = next(records, None)
    for seen, cpus in samples:
        while following and following[0] < seen:
            _spaces_change(spaces, following[1])
            following = next(records, None)
        for address, root in cpus if spaces else ():
            counter[_sampled(address, root, spaces, functions)] += 1
    return counter


def _spaces_change(spaces, each):
    if each.kind == record.SPACE:
        spaces[each.args[0]] = _Space()
    elif each.kind == record.MAP:
        spaces.setdefault(each.args[0], _Space()).add(_Map(each))


def _sampled(address, root, spaces, functions):
    if root is None:
        return IDLE
    space = spaces.get(root)
    return functions.fixed(address) or functions.mapped(
        address, space.find(address) if space else None
    )


def blocks_count(blocks, ring, functions):
    """Return a Counter of (area, where, function) over executed instructions.

    The blocks do not tell in which space they were executed.  Of all that was ever mapped at an
    address, it is what has the same code there; call sites may have been patched in it.
    """
    maps = _Overlaps(each for _, each in ring.records() if each.kind == record.MAP)
    counter = Counter()
    for address, executed, code in blocks:
        if address is None:
            counter[APP, "[unknown]", "no room for counting"] += executed
            continue
        function = functions.fixed(address)
        if function is None:
            candidates = maps.find(address)
            if len(candidates) > 1:
                candidates.sort(
                    key=lambda each: _likeness(functions.code(each, address, len(code)), code)
                )
            function = functions.mapped(address, candidates[-1] if candidates else None)
        counter[function] += executed
    return counter


def _likeness(one, other):
    return sum(a == b for a, b in zip(one, other))


class _Overlaps:
    """All maps of a run, to be asked by address."""

    def __init__(self, records):
        distinct = {}
        for each in records:
            new = _Map(each)
            distinct[new.start, new.end, new.offset, new.path] = new
        self._maps = sorted(distinct.values(), key=lambda each: each.start)
        self._starts = [each.start for each in self._maps]
        self._longest = max((each.end - each.start for each in self._maps), default=0)
        self._known = {}

    def find(self, address):
        first = bisect.bisect_left(self._starts, address - self._longest)
        last = bisect.bisect_right(self._starts, address)
        return [each for each in self._maps[first:last] if address < each.end]


def table(counter, unit):
    """Return the lines that tell of COUNTER; UNIT is what is counted."""
    total = sum(counter.values())
    if not total:
        return [f"profile: no {unit}: the program ended at once"]
    areas = Counter()
    for key, count in counter.items():
        areas[key if key == IDLE else key[0]] += count
    shares = [f"{area} {areas[area] * 100 / total:.1f}%" for area in (*AREAS, IDLE)]
    if unit != "samples":
        shares.pop()  # who idles executes nothing
    lines = [f"profile: {total} {unit}: {', '.join(shares)}"]
    busy = total - areas[IDLE]
    rows = sorted(
        ((count, key) for key, count in counter.items() if key != IDLE),
        key=lambda row: (-row[0], row[1]),
    )
    if not rows:
        return lines
    width = max(len(unit), len(str(rows[0][0])))
    lines.append(f"percent  {unit:>{width}}  {'where':<{_WHERE_COLUMNS}}  function")
    names = _demangled([key[2] for _, key in rows[:_ROWS]])
    for (count, (_, where, _)), name in zip(rows, names):
        if len(where) > _WHERE_COLUMNS:
            where = "..." + where[3 - _WHERE_COLUMNS :]
        share = count * 100 / busy
        lines.append(f"{share:6.2f}%  {count:>{width}}  {where:<{_WHERE_COLUMNS}}  {name}")
    left = sum(count for count, _ in rows[_ROWS:])
    if left:
        text = f"{len(rows) - _ROWS} more functions"
        lines.append(f"{left * 100 / busy:6.2f}%  {left:>{width}}  {text}")
    return lines


def _demangled(names):
    """Names of C++ and Rust as their sources have them, where a tool for that is there."""
    tool = shutil.which("llvm-cxxfilt-19") or shutil.which("c++filt")
    if tool is None or not any(name.startswith("_Z") for name in names):
        return names
    text = "\n".join(names)
    done = subprocess.run([tool], input=text, capture_output=True, text=True, check=False)
    lines = done.stdout.split("\n")
    return lines[: len(names)] if done.returncode == 0 else names
