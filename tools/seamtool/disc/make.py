# SPDX-License-Identifier: BSD-2-Clause
"""The disc itself, made by grub-mkrescue from a directory of GRUB's configuration and files."""

import os
import shutil
import subprocess
import tempfile

from ..errors import SeamError

# Without them grub-mkrescue makes a disc that boots only here or there.
_PLATFORMS = {
    "i386-pc": "grub-pc-bin",
    "x86_64-efi": "grub-efi-amd64-bin",
}
_GRUB = "/usr/lib/grub"


def disc_make(output, config, files):
    """Write the image OUTPUT: CONFIG becomes grub.cfg, FILES ({name: path}) go beside it.

    OUTPUT appears when it is whole.
    """
    _tools_check()
    directory = os.path.dirname(os.path.abspath(output))
    if not os.path.isdir(directory):
        raise SeamError(f"there is no directory {directory}")
    with tempfile.TemporaryDirectory(prefix=".seam-disc.", dir=directory) as work:
        tree = os.path.join(work, "tree")
        os.makedirs(os.path.join(tree, "boot/grub"))
        with open(os.path.join(tree, "boot/grub/grub.cfg"), "w", encoding="utf-8") as file:
            file.write(config)
        for name, path in files.items():
            shutil.copyfile(path, os.path.join(tree, "boot", name))
        part = os.path.join(work, "disc.iso")
        _mkrescue(part, tree)
        os.chmod(part, 0o644)
        os.replace(part, output)


def _tools_check():
    for tool in ("grub-mkrescue", "xorriso", "mformat"):
        if not shutil.which(tool):
            raise SeamError(f"{tool} is not installed: run ./setup")
    for platform, package in _PLATFORMS.items():
        if not os.path.isdir(os.path.join(_GRUB, platform)):
            raise SeamError(f"{package} is not installed: run ./setup")


def _mkrescue(output, tree):
    done = subprocess.run(
        ["grub-mkrescue", "-o", output, tree, "--locales=", "--fonts=", "--themes="],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise SeamError(f"grub-mkrescue failed:\n{done.stdout.rstrip()}")
