# SPDX-License-Identifier: BSD-2-Clause
"""The count of trusted lines."""

import unittest

import support
import trusted_lines


class CountTest(unittest.TestCase):
    def assert_count(self, number, text):
        self.assertEqual(trusted_lines.lines_count(text), number)

    def test_blanks_and_comments_do_not_count(self):
        self.assert_count(2, "/* a\n * b\n */\n\nint x; /* c */\n// d\nint y; // e\n")

    def test_comment_marks_in_literals_are_text(self):
        self.assert_count(3, 'char *a = "/*";\nint x;\nchar *b = "*/";\n')
        self.assert_count(2, "char q = '\"'; /* \" */\nint x;\n")
        self.assert_count(2, 'char *a = "\\"/*";\nint x;\n')

    def test_digit_separator_is_no_literal(self):
        self.assert_count(2, "int a = 1'000'000; /* x\n */ int b;\n")


class FilesTest(support.DirectoryCase):
    def test_only_one_architecture_counts(self):
        for name in (
            "exokernel/a.c",
            "exokernel/arch/x86_64/b.S",
            "exokernel/arch/riscv64/c.S",
            "exokernel/notes.md",
            "secure-bindings/include/exo/calls.def",
            "libos/d.c",
        ):
            self.write(name, b"x\ny\n")
        counts = trusted_lines.count(self.dir, "x86_64")
        self.assertEqual(
            sorted(counts),
            [
                "exokernel/a.c",
                "exokernel/arch/x86_64/b.S",
                "secure-bindings/include/exo/calls.def",
            ],
        )
        self.assertEqual(sum(counts.values()), 6)


if __name__ == "__main__":
    unittest.main()
