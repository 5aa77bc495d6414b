# SPDX-License-Identifier: BSD-2-Clause
"""GRUB's configuration: a menu of command lines for the kernel."""

import string
from dataclasses import dataclass

from ..cmdline import cmdline_build

# Neither GRUB's language nor its quoting for the kernel gives a meaning to these.
_PLAIN = frozenset((string.ascii_letters + string.digits + "_./:=,+@-%").encode())

# The screen is handed to the kernel in a mode that its header asks for; GRUB itself stays in text.
_HEAD = """\
# Made by seam image.
set default=0
set timeout={timeout}
insmod all_video
if serial --unit=0 --speed=115200; then
    terminal_input console serial
    terminal_output console serial
fi
"""

_ENTRY = """
menuentry '{title}' {{
    multiboot2 /boot/seam.elf {line}
    module2 /boot/{tree} tree
}}
"""

_MEMORY = """
menuentry 'Memory map, as the firmware tells it' {
    lsmmap
    echo 'Press a key.'
    read answer
}
"""


@dataclass
class Entry:
    """A line of the menu: the kernel's command line WORDS (as cmdline_build takes them), and the
    name of the TREE on the disc."""

    title: str
    words: list
    tree: str


def config_build(entries, timeout, *, has_memory_map=False):
    """Return the text of grub.cfg; after TIMEOUT seconds the first entry is started."""
    parts = [_HEAD.format(timeout=timeout)]
    for entry in entries:
        title = entry.title.replace("'", "")
        parts.append(_ENTRY.format(title=title, line=_line(entry.words), tree=entry.tree))
    if has_memory_map:
        parts.append(_MEMORY)
    return "".join(parts)


def _line(words):
    """The kernel decodes %XX in values, so that nothing has to be quoted."""
    line = cmdline_build(words)
    return "".join(
        chr(byte) if byte in _PLAIN or byte == 0x20 else f"%{byte:02X}" for byte in line.encode()
    )
