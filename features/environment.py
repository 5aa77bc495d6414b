# SPDX-License-Identifier: BSD-2-Clause
"""What behave does around the scenarios: a scratch directory each, and no machine left running."""

import pathlib
import shutil
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tools"))


def before_scenario(context, _scenario):
    """Give the scenario an empty directory; steps fill in the rest."""
    context.top = TOP
    context.scratch = pathlib.Path(tempfile.mkdtemp(prefix="seam-feature-"))
    context.root = None
    context.input = b""
    context.console = None
    context.result = None


def after_scenario(context, _scenario):
    """End what the scenario started."""
    if context.console is not None:
        context.console.close()
    shutil.rmtree(context.scratch, ignore_errors=True)
