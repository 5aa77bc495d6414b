# SPDX-License-Identifier: BSD-2-Clause
"""The exit statuses that seam itself gives, and the error that carries one."""

STATUS_TIMEOUT = 124  # as timeout(1)
STATUS_FAILURE = 125  # seam, QEMU or the kernel failed, not the program
STATUS_SIGNAL = 128  # plus the signal's number


class SeamError(Exception):
    """A failure told to the user in one line, without a traceback."""

    def __init__(self, message, status=STATUS_FAILURE):
        super().__init__(message)
        self.status = status


class Restart(Exception):
    """A program has called reboot(2): the machine is to be started again."""
