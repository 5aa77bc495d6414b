# SPDX-License-Identifier: BSD-2-Clause
"""`seam run` as a script uses it, under a limit."""

import subprocess

from . import processes
from .paths import SEAM

_SECONDS = 120


class Run:
    """The result of one `seam run`; check() fails with all that is known about it."""

    def __init__(self, arguments, *, stdin=b"", seconds=_SECONDS):
        command = [str(SEAM), "run", *(str(argument) for argument in arguments)]
        with processes.machine_slot():
            done = subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                env=processes.environment(),
                timeout=seconds,
                check=False,
            )
        self.command = command
        self.status = done.returncode
        self.output = done.stdout
        self.error = done.stderr

    @property
    def text(self):
        """Return the standard output as text."""
        return self.output.decode("utf-8", "replace")

    @property
    def error_text(self):
        """Return the standard error as text."""
        return self.error.decode("utf-8", "replace")

    def check(self, truth, what=""):
        """Fail unless TRUTH."""
        if truth:
            return
        words = [word if len(word) < 80 else word[:77] + "..." for word in self.command]
        raise AssertionError(
            f"{what}\n{' '.join(words)}\nstatus {self.status}\n--- output\n{self.text[-2000:]}\n"
            f"--- errors\n{self.error_text[-2000:]}"
        )

    def check_all(self, output, status=0, error=""):
        """Fail unless output, status and error output are exactly these."""
        output = output if isinstance(output, bytes) else output.encode()
        self.check(self.status == status, f"expected status {status}")
        self.check(self.output == output, f"expected the output {output[-500:]!r}")
        self.check(self.error_text == error, f"expected the error output {error!r}")
