# SPDX-License-Identifier: BSD-2-Clause
"""The relay of a machine with Xen below: whose lines are whose, and when all has arrived."""

import os
import re
from collections import deque

from ..console import LineSplitter
from ..relay import Relay
from .frames import Unframer

# Xen cuts a guest's line where its buffer is full: what goes on in the next line.
_CUT_CHARACTERS = 199
_KEPT_LINES = 200
_GUEST_LINE = re.compile(r"\(d\d+\) ?(.*)")


class XenRelay(Relay):
    """As Relay; SHOW_HOST is called with each line of Xen and dom0 and returns what to show."""

    def __init__(self, machine, *, show_host, **more):
        super().__init__(machine, **more)
        self._show_host = show_host
        self._unframer = Unframer(super()._output_arrived, self._stderr.put)
        self._host_lines = LineSplitter()
        self._guest_line = ""
        self._has_answered = False
        self.host_said = deque(maxlen=_KEPT_LINES)

    def _output_arrived(self, data):
        self._unframer.feed(data)
        if self._unframer.has_ended and not self._has_answered:
            self._has_answered = True
            os.write(self._machine.host_in, b"\n")

    def _errors_output_arrived(self, data):
        for line in self._host_lines.feed(data):
            self._host_line(line)

    def _log_line(self, line):
        found = _GUEST_LINE.fullmatch(line)
        if not found:
            self._host_line(line)
            return
        self._guest_line += found[1]
        if len(found[1]) == _CUT_CHARACTERS:
            return
        line, self._guest_line = self._guest_line, ""
        super()._log_line(line)

    def _host_line(self, line):
        self.host_said.append(line)
        shown = self._show_host(line)
        if shown is not None:
            end = "\r\n" if self._terminal else "\n"
            self._stderr.put((shown + end).encode())

    def _source_readable(self, fd):
        try:
            super()._source_readable(fd)
        except ConnectionResetError:  # QEMU ended with bytes for it on the way
            del self._sources[fd]
