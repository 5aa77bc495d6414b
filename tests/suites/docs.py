# SPDX-License-Identifier: BSD-2-Clause
"""Generated pages are up to date, links lead somewhere, the manual page knows all options."""

import os
import re
import subprocess
import sys

from .paths import SEAM, TOP

_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"")
_OPTION = re.compile(r"^ +(?:-\w, )?(--[a-z-]+)", re.MULTILINE)


def run(report):
    """Check pages, links and options."""
    for script in sorted((TOP / "tools/gen").glob("*.py")):
        if os.access(script, os.X_OK) and report.wants(f"generated.{script.stem}"):
            report.expect(1)
            _page_check(report, script)
    for page in sorted([*TOP.glob("*.md"), *TOP.glob("doc/*.md")]):
        name = f"links.{page.name}"
        if report.wants(name):
            report.expect(1)
            _links_check(report, name, page)
    for verb in ("", "run", "root debian", "bench"):
        name = f"manual.{verb.replace(' ', '-') or 'seam'}"
        if report.wants(name):
            report.expect(1)
            _options_check(report, name, verb)


def _page_check(report, script):
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        report.ok(f"generated.{script.stem}")
    else:
        report.fail(f"generated.{script.stem}", done.stderr)


def _links_check(report, name, page):
    missing = []
    for match in _LINK.finditer(page.read_text()):
        target = match[1] or match[2]
        if "://" not in target and not (page.parent / target).exists():
            missing.append(target)
    if missing:
        report.fail(name, "these links lead nowhere: " + " ".join(missing))
    else:
        report.ok(name)


def _options_check(report, name, verb):
    helped = subprocess.run(
        [SEAM, *verb.split(), "--help"], capture_output=True, text=True, check=True
    )
    manual = (TOP / "doc/seam.1").read_text().replace("\\-", "-")
    missing = [option for option in _OPTION.findall(helped.stdout) if option not in manual]
    if missing:
        report.fail(name, "doc/seam.1 does not tell of " + " ".join(missing))
    else:
        report.ok(name)
