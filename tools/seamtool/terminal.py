# SPDX-License-Identifier: BSD-2-Clause
"""The user's terminal: raw while the guest has it, as it was afterwards."""

import fcntl
import os
import struct
import termios

LEAVE_KEY = 0x1D  # Ctrl-]
LEAVE_HINT = "Ctrl-] x leaves the machine"
NOTHING, LEAVE, THREADS = range(3)


def window_size(fd):
    """Return (columns, rows) of the terminal FD, or None."""
    try:
        rows, columns, _, _ = struct.unpack(
            "HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8)
        )
    except OSError:
        return None
    return (columns, rows) if columns and rows else None


class RawTerminal:
    """Raw mode on FD, entered and left any number of times.

    The attributes are those found at the first entry; leave() puts them back
    and may be called when raw mode is off.
    """

    def __init__(self, fd):
        self._fd = fd
        self._saved = None
        self._is_raw = False

    def enter(self):
        current = termios.tcgetattr(self._fd)
        if self._saved is None:
            self._saved = current
        termios.tcsetattr(self._fd, termios.TCSANOW, _raw_attributes(current))
        self._is_raw = True

    def leave(self):
        if not self._is_raw:
            return
        self._is_raw = False
        try:
            # Not TCSADRAIN: it would wait for ever on a terminal that nobody reads.
            termios.tcsetattr(self._fd, termios.TCSANOW, self._saved)
        except (OSError, termios.error):
            pass  # the terminal is gone, and its attributes with it


def _raw_attributes(attributes):
    """As cfmakeraw(3)."""
    iflag, oflag, cflag, lflag, ispeed, ospeed, control = attributes
    iflag &= ~(
        termios.IGNBRK
        | termios.BRKINT
        | termios.PARMRK
        | termios.ISTRIP
        | termios.INLCR
        | termios.IGNCR
        | termios.ICRNL
        | termios.IXON
    )
    oflag &= ~termios.OPOST
    lflag &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    cflag = cflag & ~(termios.CSIZE | termios.PARENB) | termios.CS8
    control = list(control)
    control[termios.VMIN] = 1
    control[termios.VTIME] = 0
    return [iflag, oflag, cflag, lflag, ispeed, ospeed, control]


class LeaveKey:
    """Finds the key that leaves the machine in what is typed.

    The key followed by x leaves; followed by t it asks for a list of the
    threads in the log; the key twice sends it once; the key followed by
    anything else sends both.
    """

    def __init__(self):
        self._armed = False

    def feed(self, typed):
        """Return (bytes for the guest, what else to do)."""
        if not self._armed and LEAVE_KEY not in typed:
            return typed, NOTHING
        out = bytearray()
        wish = NOTHING
        for byte in typed:
            if self._armed:
                self._armed = False
                if byte in b"xX":
                    return bytes(out), LEAVE
                if byte in b"tT":
                    wish = THREADS
                    continue
                if byte != LEAVE_KEY:
                    out.append(LEAVE_KEY)
                out.append(byte)
            elif byte == LEAVE_KEY:
                self._armed = True
            else:
                out.append(byte)
        return bytes(out), wish


def is_terminal(fd):
    try:
        return os.isatty(fd)
    except OSError:
        return False
