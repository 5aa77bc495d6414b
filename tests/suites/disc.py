# SPDX-License-Identifier: BSD-2-Clause
"""Discs with GRUB and the kernel, and machines that boot from them."""

from . import machine
from .paths import KERNEL, RESULTS


def boot(name, command, modules, *, cpus=1, extra=(), settings=()):
    """Boot from a disc as disc.make says; return the machine's Result."""
    disc = make(name, command, modules, settings)
    result = machine.boot(
        None, machine="disc", cpus=cpus, mem_mib=256, extra=["-cdrom", disc, *extra], timeout=120
    )
    disc.unlink()
    return result


def make(name, command, modules, settings=()):
    """Make a disc whose GRUB obeys SETTINGS and COMMAND; return its path.

    modules  {name for the kernel: file}
    """
    from seamtool.disc.make import disc_make

    lines = ["set timeout=0", *settings, "menuentry seam {", command]
    lines += [f"module2 /boot/{module} {module}" for module in modules]
    disc = RESULTS / f"disc-{name}.iso"
    disc_make(disc, "\n".join([*lines, "boot", "}", ""]), {"seam.elf": KERNEL, **modules})
    return disc
