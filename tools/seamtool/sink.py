# SPDX-License-Identifier: BSD-2-Clause
"""Output to a file descriptor that may be slower than the guest."""

import errno
import os
import stat

# poll(2) promises room for this much (POSIX: PIPE_BUF is at least 512, on Linux 4096).
_SAFE_WRITE_BYTES = 4096


class Sink:
    """A queue in front of FD that never blocks the relay.

    The descriptor itself is left as it is: O_NONBLOCK would be seen by every
    process that shares it.  A pipe or terminal is opened anew instead; what
    cannot be (a socket, another user's terminal) is written when poll(2) says
    so, in pieces that it promises to take.
    """

    LIMIT_BYTES = 256 * 1024

    def __init__(self, fd):
        self.fd, self._is_nonblocking = _reopen(fd)
        self._is_own = self.fd != fd
        self._queue = bytearray()
        self.is_broken = False  # nothing can be written any more, because of:
        self.error = None

    def put(self, data):
        if not self.is_broken:
            self._queue += data
            if self._is_nonblocking:
                self.flush()

    def has_room(self):
        return len(self._queue) < self.LIMIT_BYTES

    def is_empty(self):
        return not self._queue

    def flush(self):
        """Write what can be written now; call it when poll(2) reports POLLOUT."""
        while self._queue:
            size = len(self._queue) if self._is_nonblocking else _SAFE_WRITE_BYTES
            try:
                with memoryview(self._queue) as view:
                    written = os.write(self.fd, view[:size])
            except BlockingIOError:
                return
            except OSError as error:
                # EPIPE and EIO: the reader or the terminal is gone.  A full
                # disk ends the output too; the caller reports it.
                self.is_broken = True
                self.error = error
                self._queue.clear()
                return
            del self._queue[:written]
            if not self._is_nonblocking:
                return

    def failure(self):
        """Return why output ended, or None if the reader merely went away."""
        if not self.is_broken or self.error.errno in (errno.EPIPE, errno.EIO):
            return None
        return self.error

    def close(self):
        if self._is_nonblocking:
            self.flush()
        if self._is_own:
            os.close(self.fd)


def _reopen(fd):
    status = os.fstat(fd)
    mode = status.st_mode
    if stat.S_ISREG(mode) or stat.S_ISBLK(mode):
        return fd, True  # never blocks in the sense of poll(2)
    # A second open of the pty multiplexer would make another terminal.
    is_device = stat.S_ISCHR(mode) and status.st_rdev != os.makedev(5, 2)
    if stat.S_ISFIFO(mode) or is_device:
        try:
            flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            return os.open(f"/proc/self/fd/{fd}", flags), True
        except OSError:
            pass
    return fd, False
