# SPDX-License-Identifier: BSD-2-Clause
"""Signals as input of a poll(2) loop."""

import os
import signal


class SignalPipe:
    """While the context lasts, each of NUMBERS only makes fd readable; read() tells which came."""

    def __init__(self, numbers):
        self._numbers = numbers

    def __enter__(self):
        self.fd, self._write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._previous_fd = signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)
        self._previous = {}
        for number in self._numbers:
            # What the caller ignores (nohup, a background job) stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, lambda *_: None)
        return self

    def __exit__(self, *_):
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_fd)
        os.close(self.fd)
        os.close(self._write_fd)

    def read(self):
        try:
            return [signal.Signals(number) for number in os.read(self.fd, 4096)]
        except BlockingIOError:
            return []
