# SPDX-License-Identifier: BSD-2-Clause
"""The file at the top of a tree that seam has made: what the tree is, and who owns what in it.

A user other than root cannot give a file away, nor safely keep a set-user-ID bit on it.  Such a
tree holds the files as the user's own, and this record says what the guest is to see.  The record
itself never goes into an image.
"""

import json
import os

from .errors import SeamError

NAME = ".seam-tree"
_FORMAT = 1


class Marker:
    """What a tree of ours says of itself.

    suite, packages   what it was made of (packages: a sorted list)
    owners            {path: (uid, gid, permission bits)}, or None: as the files' own.
                      Paths are text, relative to the tree, without a leading "./"; "." is the top.
    """

    def __init__(self, suite, packages, owners=None):
        self.suite = suite
        self.packages = packages
        self.owners = owners

    def write(self, root):
        record = {"format": _FORMAT, "suite": self.suite, "packages": self.packages}
        if self.owners is not None:
            record["owners"] = self.owners
        with open(os.path.join(root, NAME), "w", encoding="ascii") as file:
            json.dump(record, file)
            file.write("\n")


def marker_read(root):
    """Return the Marker of the tree at ROOT, or None: it has none."""
    path = os.path.join(os.fsdecode(root), NAME)
    try:
        with open(path, encoding="ascii") as file:
            record = json.load(file)
        if record["format"] != _FORMAT:
            raise ValueError("made by another version of seam")
        return Marker(record["suite"], record["packages"], record.get("owners"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SeamError(f"cannot use {path}: {error}") from None
