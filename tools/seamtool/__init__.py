# SPDX-License-Identifier: BSD-2-Clause
"""What runs on the host: making images, driving QEMU, relaying a console."""
