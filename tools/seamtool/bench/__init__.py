# SPDX-License-Identifier: BSD-2-Clause
"""seam bench: the same programs on Seam and on a Linux guest, row by row."""
