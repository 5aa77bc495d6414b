# SPDX-License-Identifier: BSD-2-Clause
"""seam bench: boots in turns, then the table, the JSON and the chart."""

import datetime
import os
import subprocess
import sys

from ..errors import SeamError
from ..paths import BUILD, TOP
from . import archive, chart, native, table
from .figures import COUNT, WALL, Samples
from .guests import LINUX, SEAM, Setting, linux_kernel, machine_make, rows_run
from .rows import BOOT, EXOKERNEL, WHOLE, programs_build, rows_all, rows_choose

_SMALL_MIB, _WHOLE_MIB = 512, 2048
_STATUS_ROW_FAILED = 1


def bench_run(options):
    """Do what the options ask for; return the exit status."""
    programs_build()
    rows = rows_all()
    if options.list:
        _list(rows)
        return 0
    if not options.no_linux:
        linux_kernel()  # its absence is told before any work
    if options.memory:
        from .least import memory_print

        return memory_print(options, _note)
    rows = rows_choose(rows, options.rows)
    path = options.json or os.path.join(BUILD, "bench.json")
    for file in filter(None, (path, options.svg)):
        _place_check(file)
    bench = _Bench(options, rows)
    bench.run()
    table.table_print(rows, bench.samples)
    facts = _facts(options)
    _written(path, lambda: table.json_write(path, rows, bench.samples, facts))
    if options.svg:
        _written(options.svg, lambda: _chart_write(options.svg, rows, bench.samples, facts))
    return _STATUS_ROW_FAILED if bench.samples.failed else 0


def _list(rows):
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            print(f"{group}:")
        print(f"  {row.name:22} {row.what}")


class _Bench:
    """All boots of a run, one after the other."""

    def __init__(self, options, rows):
        self.samples = Samples()
        self._options = options
        self._rows = rows
        self._systems = [SEAM] if options.no_linux else [SEAM, LINUX]
        self._program = "bench-dynamic" if options.dynamic else "bench-static"
        self._khz = None
        self._is_terminal = sys.stderr.isatty()

    def run(self):
        """First all wall times, the systems in turns; then instructions, which need one boot."""
        kinds = [WALL] * (not self._options.icount) + [COUNT] * (not self._options.wall)
        archives = self._archives()
        for kind in kinds:
            for number in range(self._options.rounds if kind == WALL else 1):
                self._round(kind, number, archives)
        self._say("")

    def _say(self, text):
        """Show on a terminal what goes on; elsewhere a line for each boot is enough."""
        if self._is_terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def _names(self, *groups):
        return [row.name for row in self._rows if row.group in groups]

    def _archives(self):
        """Return [(archive, memory in MiB, names of rows)], without those that have no rows."""
        whole = self._names(WHOLE)
        small = [row.name for row in self._rows if row.group not in (WHOLE, BOOT, EXOKERNEL)]
        archives = []
        if small or self._names(BOOT):
            archives.append((archive.small_make(), self._options.mem or _SMALL_MIB, small))
        if whole:
            archives.append((archive.whole_make(_note), self._options.mem or _WHOLE_MIB, whole))
        return archives

    def _round(self, kind, number, archives):
        if self._names(EXOKERNEL):
            self._say(f"{kind} {number + 1}: exokernel")
            wanted = set(self._names(EXOKERNEL))
            for name, value in native.costs_run(kind == COUNT).items():
                if name in wanted:
                    self.samples.add(kind, SEAM, name, value)
        if self._names(BOOT):
            self._boots(kind, number, archives[0])
        for initrd, mem_mib, names in archives:
            for system in self._systems if names else ():
                self._rows_run(kind, number, system, self._setting(kind, initrd, mem_mib), names)

    def _setting(self, kind, initrd, mem_mib):
        """The counter's rate is what Seam finds, which has its own way to measure it."""
        words = ("no-patch",) if self._options.no_patch else ()
        setting = Setting(initrd, mem_mib, self._options.smp, kind == COUNT, seam_words=words)
        if kind == WALL:
            if self._khz is None:
                self._khz = rows_run(SEAM, setting, ["getppid"]).khz
            setting.khz = self._khz
        return setting

    def _rows_run(self, kind, number, system, setting, names):
        where = f"{kind} {number + 1}: {system}"
        if not self._is_terminal:
            _note(f"{where}: {len(names)} rows")
        figures = rows_run(
            system,
            setting,
            names,
            program=self._program,
            on_row=lambda name: self._say(f"{where}: {name}"),
        )
        for name, cycles in figures.cycles.items():
            value = cycles if kind == COUNT else cycles * 1e6 / self._khz
            self.samples.add(kind, system, name, value)
        for name, why in figures.failed.items():
            self.samples.fail(system, name, why)

    def _boots(self, kind, number, small):
        initrd, mem_mib, _ = small
        setting = self._setting(kind, initrd, mem_mib)
        for system in self._systems:
            self._say(f"{kind} {number + 1}: {system}: boot")
            machine = machine_make(system, setting, [f"/{archive.PLACE}/first"], as_init=True)
            seconds, line = machine.first_line()
            value = int(line, 16) if kind == COUNT else seconds * 1e9
            self.samples.add(kind, system, "first_instruction", value)


def _note(text):
    print(f"seam: {text}", file=sys.stderr)


def _place_check(path):
    """Find out before the work, not after it, that the result cannot be written."""
    directory = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise SeamError(f"cannot make {directory}: {error.strerror}") from None
    if os.path.isdir(path) or not os.access(path if os.path.exists(path) else directory, os.W_OK):
        raise SeamError(f"cannot write {path}")


def _written(path, write):
    try:
        write()
    except OSError as error:
        raise SeamError(f"cannot write {path}: {error.strerror}") from None
    print(f"written: {os.path.relpath(path)}")


def _facts(options):
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "commit": _output("git", "-C", TOP, "describe", "--always", "--dirty", "--abbrev=12"),
        "qemu": _output("qemu-system-x86_64", "--version").split("\n")[0],
        "linux": None if options.no_linux else os.path.basename(linux_kernel()),
        "accel": "tcg",
        "smp": options.smp,
        "patch": not options.no_patch,
        "rounds": options.rounds,
        "program": "dynamic" if options.dynamic else "static",
    }


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _chart_write(path, rows, samples, facts):
    kind = WALL if samples.has(WALL) else COUNT
    found = table.ratios(rows, samples, kind)
    groups = {}
    for row in rows:
        if row.name in found:
            groups.setdefault(row.group, []).append((row.name, found[row.name]))
    if not groups:
        raise SeamError("no row has figures of both systems: there is nothing to draw")
    title = f"Linux / Seam, {'wall time' if kind == WALL else 'guest instructions'}"
    subtitle = f"{facts['date']}, commit {facts['commit']}, {facts['linux']}, {facts['qemu']}"
    text = chart.chart_make(title, subtitle, list(groups.items()))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
