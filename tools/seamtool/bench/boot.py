# SPDX-License-Identifier: BSD-2-Clause
"""One machine from its start to its end, its lines taken as they come, under limits."""

import collections
import os
import selectors
import time

from ..console import LineSplitter, Log
from ..errors import SeamError
from ..qemu import ICOUNT, STATUS_ENDED, Qemu

# A guest's boot up to its first line, and the longest a line may take after that: longer than a
# row may (ROW_SECONDS in tests/bench/main.c), which then says so itself.
FIRST_LINE_SECONDS = 180
SILENT_SECONDS = 400

_READ_BYTES = 65536
_SHOWN_LINES = 15


class GuestError(SeamError):
    """A guest that hung or crashed."""


class Machine:
    """A machine that is run once.

    name       for messages: "Seam", "the Linux guest"
    kernel, cmdline, initrd, mem_mib, smp   as for qemu.Qemu
    is_icount  let the clocks count instructions
    """

    def __init__(self, name, kernel, cmdline, *, initrd, mem_mib, smp=1, is_icount=False):
        self.name = name
        self._settings = {
            "kernel": kernel,
            "cmdline": cmdline,
            "initrd": initrd,
            "mem_mib": mem_mib,
            "smp": smp,
            "machine": "microvm",
            "accel": "tcg",
            "extra": ICOUNT if is_icount else (),
        }

    def run(self, on_line, silent_seconds=SILENT_SECONDS, first_seconds=FIRST_LINE_SECONDS):
        """Give each line of the program's output to ON_LINE; return the program's exit status.

        GuestError: the guest ended without one, or said nothing for too long.
        """
        qemu = Qemu(**self._settings)
        try:
            return _Run(self.name, qemu, on_line).to_end(first_seconds, silent_seconds)
        finally:
            qemu.close()

    def first_line(self, seconds=FIRST_LINE_SECONDS):
        """Return (seconds from QEMU's start, the first line); then the machine is ended."""
        start = time.monotonic()
        qemu = Qemu(**self._settings)
        try:
            line = _Run(self.name, qemu, None).to_first_line(seconds)
            return time.monotonic() - start, line
        finally:
            qemu.close()


class _Run:
    """What a running machine says, on all its ports."""

    def __init__(self, name, qemu, on_line):
        self._name = name
        self._qemu = qemu
        self._on_line = on_line
        self._output, self._log_lines = LineSplitter(), LineSplitter()
        self._log = Log()
        self._said = collections.deque(maxlen=_SHOWN_LINES)  # on whichever port
        self._errors = LineSplitter()
        self._first = None
        self._selector = selectors.DefaultSelector()
        for fd, take in (
            (qemu.com1, self._output_take),
            (qemu.com2, self._log_take),
            (qemu.com3, self._errors_take),
            (qemu.errors, self._errors_take),
        ):
            self._selector.register(fd, selectors.EVENT_READ, take)

    def to_end(self, first_seconds, silent_seconds):
        limit = first_seconds
        while self._selector.get_map():
            if not self._step(limit):
                self._fail(f"said nothing for {limit:g} s and was ended")
            if self._first is not None:
                limit = silent_seconds
        status = self._qemu.wait()
        if status != STATUS_ENDED or self._log.exit_status is None:
            how = "the machine reset itself, " if status == 0 else ""
            self._fail(f"crashed ({how}QEMU's status {status})")
        return self._log.exit_status

    def to_first_line(self, seconds):
        end = time.monotonic() + seconds
        while self._first is None:
            left = end - time.monotonic()
            if left <= 0 or not self._step(left):
                self._fail(f"did not start a program within {seconds:g} s")
            if not self._selector.get_map():
                self._fail("ended before it started a program")
        return self._first

    def _step(self, seconds):
        """Take what comes next; False: nothing came within SECONDS."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            data = os.read(key.fd, _READ_BYTES)
            if data:
                key.data(data)
            else:
                self._selector.unregister(key.fd)
        return bool(ready)

    def _output_take(self, data):
        for line in self._output.feed(data):
            self._said.append(line)
            if self._first is None:
                self._first = line
            if self._on_line:
                self._on_line(line)

    def _log_take(self, data):
        for line in self._log_lines.feed(data):
            self._log.add(line)
            self._said.append(line)

    def _errors_take(self, data):
        self._said += self._errors.feed(data)

    def _fail(self, what):
        said = "".join(f"\n    {line}" for line in self._said)
        raise GuestError(f"{self._name} {what}{said}")
