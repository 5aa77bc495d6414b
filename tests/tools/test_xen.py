# SPDX-License-Identifier: BSD-2-Clause
"""Guests of Xen: the framed console, descriptions of guests, libraries for dom0."""

import os
import shutil
import unittest
from unittest import mock

import support
from seamtool.errors import SeamError
from seamtool.xen import config, needed, parts
from seamtool.xen.frames import Unframer
from seamtool.xen.relay import XenRelay


class UnframerTest(unittest.TestCase):
    def setUp(self):
        self.output, self.errors = bytearray(), bytearray()
        self.unframer = Unframer(self.output.extend, self.errors.extend)

    def test_streams_are_told_apart(self):
        self.unframer.feed(b"a\x10Rb\x10\x10c\x10Od\x10Z")
        self.assertEqual((self.output, self.errors), (b"ad", b"b\x10c"))
        self.assertTrue(self.unframer.has_ended)

    def test_any_cut_gives_the_same(self):
        data = b"one\x10Rtwo\x10\x10\x10Othree\x10?\x10Rfour"
        for byte in data:
            self.unframer.feed(bytes((byte,)))
        self.assertEqual((self.output, self.errors), (b"onethree", b"two\x10four"))
        self.assertFalse(self.unframer.has_ended)


class RelayTest(unittest.TestCase):
    def setUp(self):
        self.shown, self.host = [], []
        self.relay = XenRelay(
            mock.Mock(),
            show_line=self.shown.append,
            show_host=self.host.append,
        )

    def log(self, *lines):
        self.relay._log_arrived(b"".join(line + b"\n" for line in lines))

    def test_lines_of_the_guest_and_of_xen_are_told_apart(self):
        self.log(b"(XEN) hello", b"(d1) seam: exit 5", b"plain")
        self.assertEqual(self.shown, ["seam: exit 5"])
        self.assertEqual(self.host, ["(XEN) hello", "plain"])
        self.assertEqual(self.relay.log.exit_status, 5)

    def test_a_line_that_xen_cut_is_whole_again(self):
        self.log(b"(d1) " + b"x" * 199, b"(XEN) between", b"(d1) end", b"(d1) " + b"y" * 199, b"(d1) ")
        self.assertEqual(self.shown, ["x" * 199 + "end", "y" * 199])


class ConfigTest(unittest.TestCase):
    def test_text_is_quoted(self):
        self.assertEqual(config.quoted('a "b" \\c'), '"a \\"b\\" \\\\c"')

    def test_guest_is_described(self):
        text = config.guest_config("init=/bin/true", mem_mib=300, smp=3)
        for line in ('cmdline = "init=/bin/true"', "memory = 300", "vcpus = 3", 'cpus = ["1", "2", "3"]', 'type = "pvh"'):
            self.assertIn(line, text.splitlines())


class PartsTest(support.DirectoryCase):
    def test_libraries_are_found_through_one_another(self):
        program = shutil.which("ls")
        directories = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"]
        found = needed.libraries_of([program], directories)
        self.assertIn("libc.so.6", found)
        self.assertIn("ld-linux-x86-64.so.2", found)  # the C library's own need

    def test_library_that_is_missing_is_named(self):
        with self.assertRaisesRegex(SeamError, r"needs \S+\.so.*setup --xen"):
            needed.libraries_of([shutil.which("ls")], [self.dir])

    def test_without_the_packages_setup_is_named(self):
        with self.assertRaisesRegex(SeamError, r"run ./setup --xen first"):
            parts.part_find(os.path.join(self.dir, "xen"), "boot/xen-*-amd64.gz")


if __name__ == "__main__":
    unittest.main()
