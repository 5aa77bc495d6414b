# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the host tools share: the package's path, and a seam with a fake QEMU."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SEAM = os.path.join(TOP, "seam")

sys.path.insert(0, os.path.join(TOP, "tools"))


class DirectoryCase(unittest.TestCase):
    """Has a temporary directory, self.dir, that goes away with the test."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="seam-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, content=b"", mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, mode)
        return path


class FakeMachineCase(DirectoryCase):
    """Runs the real seam command with fake_qemu.py as its QEMU."""

    def setUp(self):
        super().setUp()
        bin_dir = self.path("bin")
        os.mkdir(bin_dir)
        os.symlink(os.path.join(HERE, "fake_qemu.py"), os.path.join(bin_dir, "qemu-system-x86_64"))
        self.env = {**os.environ, "PATH": bin_dir + ":" + os.environ["PATH"], "SEAM_ACCEL": "tcg"}
        self.env["TERM"] = "linux"
        os.mkdir(self.path("root"))
        self.kernel = self.write("kernel")

    def command(self, options, program):
        run = [SEAM, "run", "--kernel", self.kernel, "--root", self.path("root")]
        return [*run, *options, "--", *program]

    def seam(self, *program, options=(), stdin=b"", **more):
        """Run to the end; return subprocess's result with bytes in stdout and stderr."""
        return subprocess.run(
            self.command(options, program),
            input=stdin,
            capture_output=True,
            env=self.env,
            timeout=60,
            check=False,
            **more,
        )

    def start(self, *program, options=(), **more):
        process = subprocess.Popen(
            self.command(options, program),
            env=self.env,
            **{
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                **more,
            },
        )
        self.addCleanup(_finish, process)
        return process


def _finish(process):
    if process.poll() is None:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()
