# SPDX-License-Identifier: BSD-2-Clause
"""Discs with GRUB and the kernel, and machines that boot from them."""

import shutil
import subprocess

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
    if not shutil.which("grub-mkrescue"):
        raise RuntimeError("grub-mkrescue is not installed: run ./setup")
    tree = RESULTS / f"disc-{name}"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "boot/grub").mkdir(parents=True)
    shutil.copy(KERNEL, tree / "boot/seam.elf")
    lines = ["set timeout=0", *settings, "menuentry seam {", command]
    for module, source in modules.items():
        shutil.copy(source, tree / "boot" / module)
        lines.append(f"module2 /boot/{module} {module}")
    (tree / "boot/grub/grub.cfg").write_text("\n".join([*lines, "boot", "}", ""]))
    disc = RESULTS / f"disc-{name}.iso"
    subprocess.run(
        ["grub-mkrescue", "-o", disc, tree, "--locales=", "--fonts=", "--themes="],
        check=True,
        capture_output=True,
    )
    shutil.rmtree(tree)
    return disc
