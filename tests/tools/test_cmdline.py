# SPDX-License-Identifier: BSD-2-Clause
"""The kernel command line that seam writes."""

import unittest

import support  # noqa: F401  (sets the path)
from seamtool.cmdline import LIMIT_BYTES, cmdline_build, value_encode
from seamtool.errors import SeamError


class CmdlineTest(unittest.TestCase):
    def test_plain_text_stays_as_it_is(self):
        self.assertEqual(value_encode("/bin/sh-=,;'\"\\"), "/bin/sh-=,;'\"\\")

    def test_bytes_that_a_word_cannot_hold_are_encoded(self):
        self.assertEqual(value_encode("a b\n%\x7f"), "a%20b%0A%25%7F")
        self.assertEqual(value_encode("ü"), "%C3%BC")
        self.assertEqual(value_encode("\udcff"), "%FF")

    def test_empty_value_is_a_word(self):
        self.assertEqual(cmdline_build([("arg", ""), ("arg", "x")]), "arg= arg=x")

    def test_raw_words_are_not_encoded(self):
        self.assertEqual(cmdline_build(["strace", "a%20b"]), "strace a%20b")

    def test_too_long_is_said_plainly(self):
        cmdline_build(["x" * LIMIT_BYTES])
        with self.assertRaisesRegex(SeamError, "32769 bytes .* 32768 are possible"):
            cmdline_build(["x" * (LIMIT_BYTES + 1)])


if __name__ == "__main__":
    unittest.main()
