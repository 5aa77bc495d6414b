# SPDX-License-Identifier: BSD-2-Clause
"""seam image: discs that boot Seam by GRUB 2, from CD or USB stick, on a BIOS and on UEFI."""
