# SPDX-License-Identifier: BSD-2-Clause
"""Takes apart what the libOS sends over a single console (console=framed).

    DLE O    what follows is standard output, or the terminal's
    DLE R    what follows is standard error
    DLE Z    the machine ends: nothing follows
    DLE DLE  one DLE
"""

DLE = 0x10


class Unframer:
    """Sorts bytes by their stream.

    output, errors   called with the bytes of each
    has_ended        the guest has said that nothing follows
    """

    def __init__(self, output, errors):
        self._streams = {ord("O"): output, ord("R"): errors}
        self._put = output
        self._is_escaped = False
        self.has_ended = False

    def feed(self, data):
        rest = memoryview(data)
        while rest:
            if self._is_escaped:
                self._is_escaped = False
                self._escape(rest[0])
                rest = rest[1:]
                continue
            at = bytes(rest).find(DLE)
            if at < 0:
                self._put(bytes(rest))
                return
            if at:
                self._put(bytes(rest[:at]))
            self._is_escaped = True
            rest = rest[at + 1 :]

    def _escape(self, kind):
        if kind == DLE:
            self._put(bytes((DLE,)))
        elif kind in self._streams:
            self._put = self._streams[kind]
        elif kind == ord("Z"):
            self.has_ended = True
