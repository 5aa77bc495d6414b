# SPDX-License-Identifier: BSD-2-Clause
"""seam run on a terminal: raw while it runs, and restored however it ends."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import support


class TerminalCase(support.FakeMachineCase):
    def setUp(self):
        super().setUp()
        self.master, self.slave = pty.openpty()
        self.addCleanup(os.close, self.master)
        self.addCleanup(os.close, self.slave)
        self.set_size(80, 24)
        self.before = termios.tcgetattr(self.slave)
        self.screen = b""

    def set_size(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def start_here(self, *program, options=(), **more):
        streams = {"stdin": self.slave, "stdout": self.slave, "stderr": self.slave, **more}
        return self.start(*program, options=options, start_new_session=True, **streams)

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def wait_screen(self, text):
        deadline = time.monotonic() + 20
        while text not in self.screen:
            left = deadline - time.monotonic()
            ready = select.select([self.master], [], [], max(0, left))[0]
            self.assertTrue(ready, f"{text!r} did not appear after {self.screen!r}")
            self.screen += os.read(self.master, 4096)

    def wait_raw(self):
        deadline = time.monotonic() + 20
        while not self.is_raw():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def type(self, text):
        os.write(self.master, text)

    def assert_ends(self, process, status):
        self.assertEqual(process.wait(timeout=20), status)
        self.assertEqual(termios.tcgetattr(self.slave), self.before)


class RestoreTest(TerminalCase):
    def start_cat(self):
        process = self.start_here("cat")
        self.wait_raw()
        self.type(b"here")
        self.wait_screen(b"here")
        return process

    def test_after_the_program_s_end(self):
        self.assert_ends(self.start_here("exit", "3"), 3)

    def test_after_panic(self):
        self.assert_ends(self.start_here("panic"), 125)

    def test_after_timeout(self):
        self.assert_ends(self.start_here("hang", options=["--timeout", "0.5"]), 124)

    def test_after_qemu_is_killed(self):
        process = self.start_cat()
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        self.assert_ends(process, 125)

    def test_after_signals_to_seam(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            process = self.start_cat()
            process.send_signal(number)
            self.assert_ends(process, 128 + number)
            self.screen = b""

    def test_after_the_leave_key(self):
        process = self.start_cat()
        self.type(b"\x1dx")
        self.assert_ends(process, 130)

    def test_while_seam_is_stopped(self):
        process = self.start_cat()
        process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status))
        self.assertEqual(termios.tcgetattr(self.slave), self.before)
        process.send_signal(signal.SIGCONT)
        self.wait_raw()
        process.send_signal(signal.SIGTERM)
        self.assert_ends(process, 143)


class KeyTest(TerminalCase):
    def test_control_keys_reach_the_program(self):
        self.start_here("cat")
        self.wait_raw()
        self.type(b"\x03\x1a\x10\x1d\x1d\r!")
        self.wait_screen(b"\x03\x1a\x10\x1d\r!")

    def test_window_size_is_told_at_start_and_at_change(self):
        self.assert_ends(self.start_here("words"), 0)
        self.wait_screen(b"winsize=80x24")
        process = self.start_here("cat")
        self.wait_raw()
        self.type(b".")
        self.wait_screen(b".")
        self.set_size(300, 50)
        process.send_signal(signal.SIGWINCH)
        self.wait_screen(b"<300x50>")

    def test_hint_names_the_key(self):
        self.start_here("exit", "0")
        self.wait_screen(b"Ctrl-] x leaves the machine")


class MixedStreamTest(TerminalCase):
    """Some of the standard streams are the terminal; it stays as it is then."""

    def words(self, **streams):
        process = self.start_here("words", **streams)
        out = process.stdout.read() if process.stdout else b""
        self.assert_ends(process, 0)
        return out.split(b"\n")

    def test_terminal_in_pipe_out(self):
        words = self.words(stdout=subprocess.PIPE)
        for word in (b"stdin=pipe", b"stdout=pipe", b"stderr=pipe", b"env=TERM=dumb"):
            self.assertIn(word, words)

    def test_pipe_in_terminal_out(self):
        self.assert_ends(self.start_here("words", stdin=subprocess.DEVNULL), 0)
        for word in (b"stdin=pipe", b"stdout=tty", b"stderr=tty", b"winsize=80x24"):
            self.wait_screen(word)
        self.assertNotIn(b"Ctrl-]", self.screen)

    def test_error_output_apart(self):
        self.assert_ends(self.start_here("words", stderr=subprocess.PIPE), 0)
        for word in (b"stdin=tty", b"stdout=tty", b"stderr=pipe"):
            self.wait_screen(word)

    def test_log_lines_start_at_the_left_in_raw_mode(self):
        self.assert_ends(self.start_here("both", options=["-v"]), 0)
        self.wait_screen(b"booting\r\n")


if __name__ == "__main__":
    unittest.main()
