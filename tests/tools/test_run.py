# SPDX-License-Identifier: BSD-2-Clause
"""seam run as scripts see it: streams, statuses, messages.  QEMU is played by a fake."""

import os
import select
import signal
import subprocess
import time
import unittest

import support


class StreamTest(support.FakeMachineCase):
    def test_output_is_the_program_s_only(self):
        done = self.seam("both")
        self.assertEqual(done.stdout, b"to output\n")
        self.assertEqual(done.stderr, b"seam: told plainly\nto error\n")
        self.assertEqual(done.returncode, 0)

    def test_input_arrives_unchanged_and_ends(self):
        data = bytes(range(256)) * 1000
        done = self.seam("cat", stdin=data)
        self.assertEqual(done.stdout, data)
        self.assertEqual(done.returncode, 0)

    def test_input_waits_for_the_console(self):
        self.assertEqual(self.seam("late_cat", stdin=b"hello").stdout, b"hello")

    def test_much_output_arrives_whole(self):
        done = self.seam("bytes", "3000001")
        self.assertEqual(done.stdout, (bytes(range(256)) * 11719)[:3000001])

    def test_slow_reader_loses_nothing(self):
        process = self.start("bytes", "1000000")
        out = b""
        while part := os.read(process.stdout.fileno(), 100_000):
            out += part
            time.sleep(0.005)
        self.assertEqual(out, (bytes(range(256)) * 3907)[:1000000])
        self.assertEqual(process.wait(), 0)

    def test_reader_that_goes_away_ends_the_program(self):
        process = self.start("flood")
        os.read(process.stdout.fileno(), 10)
        process.stdout.close()
        self.assertEqual(process.wait(timeout=20), 128 + signal.SIGPIPE)
        self.assertEqual(process.stderr.read(), b"")

    def test_full_disk_is_reported(self):
        with open("/dev/full", "wb") as full:
            process = self.start("bytes", "10000", stdout=full)
            self.assertEqual(process.wait(timeout=20), 125)
        self.assertIn(b"No space left", process.stderr.read())

    def test_closed_standard_streams_do_no_harm(self):
        command = " ".join(self.command([], ["cat"])) + " <&- >&- 2>&-"
        done = subprocess.run(["sh", "-c", command], env=self.env, timeout=20, check=False)
        self.assertEqual(done.returncode, 0)

    def test_endless_log_line_does_no_harm(self):
        self.assertEqual(self.seam("long_line").returncode, 0)


class StatusTest(support.FakeMachineCase):
    def test_status_is_the_program_s(self):
        for status in (0, 1, 126, 127, 139, 255):
            self.assertEqual(self.seam("exit", str(status)).returncode, status)

    def test_last_line_needs_no_end(self):
        self.assertEqual(self.seam("unended_line").returncode, 4)

    def assert_failure(self, program, *expected):
        done = self.seam(program)
        self.assertEqual(done.returncode, 125)
        self.assertEqual(done.stdout, b"")
        for text in expected:
            self.assertIn(text, done.stderr)

    def test_panic_shows_its_report(self):
        self.assert_failure("panic", b"seam: panic: a reason\nrip 0x1234\n", b"kernel panicked")

    def test_reset_is_named(self):
        self.assert_failure("reset", b"booting", b"reset")

    def test_qemu_failure_shows_what_qemu_said(self):
        self.assert_failure("refuse", b"qemu: cannot do that", b"QEMU failed with status 1")

    def test_end_without_status_is_a_failure(self):
        self.assert_failure("mute", b"without an exit status")

    def test_killed_qemu_is_named(self):
        self.assert_failure("crash", b"killed by signal 9")

    def test_hang_ends_at_the_timeout(self):
        done = self.seam("hang", options=["--timeout", "0.5"])
        self.assertEqual(done.returncode, 124)
        self.assertEqual(done.stdout, b"up\n")
        self.assertEqual(done.stderr, b"seam: timed out after 0.5 s\n")


class OptionTest(support.FakeMachineCase):
    def words(self, *options, program=("words",)):
        return self.seam(*program, options=options).stdout.decode().split("\n")

    def test_defaults(self):
        words = self.words()
        for word in ("console=escaped", "log=com2", "stdin=pipe", "stdout=pipe", "stderr=pipe"):
            self.assertIn(word, words)
        for word in ("cwd=/", "env=HOME=/root", "env=USER=root", "env=TERM=dumb", "init=words"):
            self.assertIn(word, words)
        self.assertNotIn("strace", words)

    def test_arguments_follow_the_program(self):
        words = self.words(program=("words", "-x", "--mem", "a b", ""))
        self.assertEqual(words[-5:], ["arg=-x", "arg=--mem", "arg=a%20b", "arg=", ""])

    def test_options_reach_the_guest(self):
        words = self.words("--strace", "--stats", "-v", "--cwd", "/tmp", "--append", "x=1 y")
        for word in ("strace", "stats", "verbose", "cwd=/tmp", "x=1 y".split()[0]):
            self.assertIn(word, "\n".join(words).replace(" ", "\n").split("\n"))

    def test_environment_is_added_to_and_changed(self):
        self.env["FROM_HOST"] = "h"
        self.env.pop("USER", None)
        words = self.words(
            "--env", "A=1=2", "--env", "HOME=/x", "--env", "FROM_HOST", "--env", "USER"
        )
        for word in ("env=A=1=2", "env=HOME=/x", "env=FROM_HOST=h"):
            self.assertIn(word, words)
        self.assertNotIn("env=HOME=/root", words)
        self.assertNotIn("env=USER=root", words)

    def test_machine_is_as_asked(self):
        done = self.seam("options", options=["--mem", "64", "--smp", "4", "--machine", "q35"])
        options = done.stdout.decode().split("\n")
        self.assertEqual(options[options.index("-m") + 1], "64")
        self.assertEqual(options[options.index("-smp") + 1], "4")
        self.assertEqual(options[options.index("-accel") + 1], "tcg")
        self.assertTrue(options[options.index("-M") + 1].startswith("q35"))

    def test_strace_and_stats_are_shown_without_prefix(self):
        done = self.seam("both", options=["--strace", "--stats"])
        self.assertIn(b"write(1, ...) = 10\n1 call\n", done.stderr)
        self.assertNotIn(b"booting", done.stderr)

    def test_verbose_shows_and_log_keeps_all_lines(self):
        log = self.path("log")
        done = self.seam("both", options=["-v", "--log", log])
        self.assertIn(b"booting\n", done.stderr)
        with open(log, "rb") as file:
            content = file.read()
        self.assertTrue(content.startswith(b"booting\nstrace: write"))
        self.assertTrue(content.endswith(b"seam: exit 0\n"))

    def assert_error(self, text, *options):
        done = self.seam("exit", "0", options=options)
        self.assertEqual(done.returncode, 125)
        self.assertEqual(done.stdout, b"")
        self.assertRegex(done.stderr.decode(), "^seam: [^\n]*" + text + "[^\n]*\n$")

    def test_mistakes_get_one_clear_line(self):
        self.assert_error("nothere: No such file", "--root", "/nothere")
        self.assert_error("no kernel at /nothere", "--kernel", "/nothere")
        self.assert_error("neither a directory nor a cpio", "--root", self.kernel)
        self.assert_error("'0' is no positive number", "--mem", "0")
        self.assert_error("'x' is no number of seconds", "--timeout", "x")
        self.assert_error("unrecognized arguments", "--bogus")
        self.assert_error("cannot write the log", "--log", "/nothere/log")
        self.assert_error("no name before", "--env", "=x")
        self.assert_error("bytes on the kernel's command line", "--append", "x" * 40000)

    def test_tree_larger_than_memory_is_refused(self):
        with open(self.path("root", "big"), "wb") as file:
            file.truncate(30 << 20)
        done = self.seam("exit", "0", options=["--mem", "32"])
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"takes 31 MiB of memory: use --mem", done.stderr)

    def test_kvm_is_not_taken_when_tests_forbid_it(self):
        done = self.seam("options", options=["--kvm"])
        self.assertIn(b"-accel\ntcg\n", done.stdout)


class SignalTest(support.FakeMachineCase):
    def test_signals_reach_the_program(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            process = self.start("cat")
            process.stdin.write(b"x")
            process.stdin.flush()
            self.assertEqual(os.read(process.stdout.fileno(), 1), b"x")
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=20), 128 + number)

    def test_signal_passes_input_that_is_not_read(self):
        process = self.start("catcher")
        self.assertEqual(os.read(process.stdout.fileno(), 3), b"up\n")
        process.stdin.write(b"x" * 10_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stdout.readline(), b"signal 2\n")

    def test_program_that_catches_signals_is_ended_at_the_third(self):
        process = self.start("catcher")
        self.assertEqual(process.stdout.readline(), b"up\n")
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.stdout.readline(), b"signal 15\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 128 + signal.SIGTERM)

    def test_killed_seam_takes_the_machine_along(self):
        process = self.start("hang")
        self.assertEqual(process.stdout.readline(), b"up\n")
        children = f"/proc/{process.pid}/task/{process.pid}/children"
        with open(children, encoding="ascii") as file:
            child = int(file.read())
        pidfd = os.pidfd_open(child)
        self.addCleanup(os.close, pidfd)
        process.kill()
        self.assertTrue(select.select([pidfd], [], [], 10)[0])


if __name__ == "__main__":
    unittest.main()
