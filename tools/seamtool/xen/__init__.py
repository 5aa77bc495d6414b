# SPDX-License-Identifier: BSD-2-Clause
"""Seam as a guest of Xen, in QEMU: the domain that starts guests, and the way in and out."""
