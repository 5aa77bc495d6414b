# SPDX-License-Identifier: BSD-2-Clause
"""What host and guest say to each other: the bytes of COM1, the lines of COM2.

COM1, host to guest (the kernel's command line says console=escaped):
    DLE DLE             one DLE of the input
    DLE E               end of the input
    DLE S number        a signal for the foreground process group
    DLE T               list the threads in the log
    DLE W columns rows  the terminal's size, two bytes each, low byte first
    any other byte      input
COM1, guest to host: the program's output, nothing else.
COM3, guest to host: its standard error, where that is no terminal.

COM2, guest to host: text lines.  These have a meaning:
    seam: console ready  COM1 is set up; nothing is sent to it before
    seam: out N ...      the N-th directory for --out: libos/start/out.h
    seam: record N       where the libOS's records of what happens are: libos/trace/record.h
    seam: trace CPU N    where the kernel's are: secure-bindings/include/exo/trace.h
    seam: exit N         the last line of a regular end; QEMU's debug-exit
                         device then gets 0x10
    seam: restart        the machine is about to reset itself, as asked
    seam: halted         the last line of a machine that stands still
    seam: panic: TEXT    the kernel failed, and a report follows; the device
                         then gets 0x11
    seam: error: TEXT    the user is to see TEXT, with or without -v
    strace: TEXT         shown with --strace
    stats: TEXT          shown with --stats
"""

import re
from collections import deque

DLE = 0x10
RECORD_LINE = "seam: record "
_TRACE_LINE = re.compile(r"seam: trace (\d{1,3}) (\d{1,10})")
_CHUNK_BYTES = 1024
_LINE_LIMIT_BYTES = 64 * 1024


def escape_input(data):
    return data.replace(b"\x10", b"\x10\x10")


def escape_signal(number):
    return bytes((DLE, ord("S"), number))


def escape_window(columns, rows):
    return bytes((DLE, ord("W"))) + columns.to_bytes(2, "little") + rows.to_bytes(2, "little")


ESCAPE_THREADS = bytes((DLE, ord("T")))
ESCAPE_END_OF_FILE = bytes((DLE, ord("E")))


class InputQueue:
    """What still has to go to COM1, signals first.

    Input is escaped in small chunks, and an urgent message goes between two
    chunks: so it overtakes waiting input and never splits an escape sequence.
    """

    LIMIT_BYTES = 64 * 1024

    def __init__(self):
        self._chunks = deque()
        self._urgent = deque()
        self._current = memoryview(b"")
        self._waiting_bytes = 0

    def put(self, data):
        for start in range(0, len(data), _CHUNK_BYTES):
            chunk = escape_input(data[start : start + _CHUNK_BYTES])
            self._chunks.append(chunk)
            self._waiting_bytes += len(chunk)

    def put_end_of_file(self):
        self._chunks.append(ESCAPE_END_OF_FILE)
        self._waiting_bytes += len(ESCAPE_END_OF_FILE)

    def put_urgent(self, message):
        self._urgent.append(message)

    def is_empty(self):
        return not (self._current or self._urgent or self._chunks)

    def has_room(self):
        return self._waiting_bytes < self.LIMIT_BYTES

    def send(self, write):
        """Hand to WRITE, which returns how much it took, until it takes no more."""
        while not self.is_empty():
            if not self._current:
                self._current = memoryview(self._next())
            taken = write(self._current)
            if not taken:
                return
            self._current = self._current[taken:]

    def _next(self):
        if self._urgent:
            return self._urgent.popleft()
        chunk = self._chunks.popleft()
        self._waiting_bytes -= len(chunk)
        return chunk


class LineSplitter:
    """Cuts a byte stream into text lines; a line without end is cut at a limit."""

    def __init__(self):
        self._rest = b""

    def feed(self, data):
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LINE_LIMIT_BYTES:
            lines.append(self._rest)
            self._rest = b""
        return [_to_text(line) for line in lines]

    def finish(self):
        rest, self._rest = self._rest, b""
        return [_to_text(rest)] if rest else []


def _to_text(line):
    return line.rstrip(b"\r").decode("utf-8", "replace")


class Log:
    """What the lines of COM2 say about how the machine ended."""

    TAIL_LINES = 40
    _LINES_BEFORE_PANIC = 10
    _PANIC_LINES = 200

    def __init__(self):
        self.tail = deque(maxlen=self.TAIL_LINES)
        self.exit_status = None
        self.wants_restart = False  # asked for by a program: reboot(2)
        self.has_halted = False
        self.outs = []
        self.record = None  # the frame in which the libOS's records begin
        self.traces = {}  # of each CPU, that in which the kernel's do
        self.panic = []

    def add(self, line):
        self.tail.append(line)
        if line.startswith("seam: exit "):
            number = line[len("seam: exit ") :].strip()
            if number.isdecimal() and int(number) <= 255:
                self.exit_status = int(number)
        elif line == "seam: restart":
            self.wants_restart = True
        elif line == "seam: halted":
            self.has_halted = True
        elif line.startswith("seam: out "):
            self.outs.append(line)
        elif line.startswith(RECORD_LINE):
            number = line[len(RECORD_LINE) :]
            if self.record is None and number.isdecimal():
                self.record = int(number)
        elif found := _TRACE_LINE.fullmatch(line):
            self.traces.setdefault(int(found[1]), int(found[2]))
        # From the first panic line on all is the report: registers, backtrace.
        # What came just before may say why.
        elif self.panic:
            if len(self.panic) < self._PANIC_LINES:
                self.panic.append(line)
        elif line.startswith("seam: panic"):
            self.panic = list(self.tail)[-self._LINES_BEFORE_PANIC - 1 :]
