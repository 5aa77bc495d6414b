# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's monitor (QMP, docs/interop/qmp-spec.txt of QEMU), on one end of a pair of sockets."""

import json
import socket


class QmpClosed(Exception):
    """QEMU has ended, or answers nothing."""


class Qmp:
    """
    fd         the end that QEMU inherits
    arguments  QEMU's, to serve it
    """

    def __init__(self):
        self._socket, self._other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.fd = self._other.fileno()
        self.arguments = (
            *("-chardev", f"socket,id=monitor,fd={self.fd}"),
            *("-mon", "chardev=monitor,mode=control"),
        )
        self._file = self._socket.makefile("rb")

    def connect(self):
        """QEMU has been started: greet it."""
        self._other.close()
        self.execute("qmp_capabilities")

    def execute(self, command, **arguments):
        """Run COMMAND and return its result; None: it failed."""
        message = {"execute": command, "arguments": arguments}
        try:
            self._socket.sendall(json.dumps(message).encode())
            while line := self._file.readline():
                answer = json.loads(line)
                if "return" in answer or "error" in answer:
                    return answer.get("return")
        except (OSError, ValueError):
            pass
        raise QmpClosed

    def close(self):
        self._file.close()
        self._socket.close()
        self._other.close()
