# SPDX-License-Identifier: BSD-2-Clause
"""Job files, tests/debian/NAME.job: what they say, and what becomes of them on one side."""

import os
import re

from .paths import TOP

PLACE = TOP / "tests/debian"
_LINE = re.compile(r"^@@(begin|end) (\S+)(?: (\d+) (\d+))?$")
# A limit is there to end a hang: on a busy host with fewer processors than the machine, a job of a
# second can take a minute.
_SECONDS_LEAST = 240
_FACTS = {"packages", "quick", "seconds", "tree", "memory", "host", "debs"}
_HOSTS = {"yes", "root", "no"}
_BASE_PACKAGES = {"bash", "coreutils"}
QUICK_TREE = "debian-quick"
# What the scenarios of features/ use of the quick tree, beside the packages of its jobs.
_FEATURE_PACKAGES = {"less", "libc6-dev", "nano", "procps", "tcc", "vim-tiny"}


class Job:
    """A file NAME.job; tests/debian/README says what the fields are."""

    def __init__(self, path):
        self.name = path.stem
        head, _, rest = path.read_text().partition("\n---\n")
        lines = (line.split(":", 1) for line in head.splitlines())
        facts = {key: value.strip() for key, value in lines}
        unknown = set(facts) - _FACTS
        if unknown or not rest:
            raise ValueError(f"{path}: {unknown or 'no script'}")
        self.packages = _BASE_PACKAGES | set(facts.get("packages", "").split())
        self.debs = facts.get("debs", "").split()
        self.is_quick = facts.get("quick") == "yes"
        self.tree = "debian-" + facts.get("tree", "quick" if self.is_quick else "tools")
        self.seconds = max(int(facts.get("seconds", "0")), _SECONDS_LEAST)
        self.memory_mib = int(facts.get("memory", "0"))
        self.host = facts.get("host", "yes")
        if self.host not in _HOSTS:
            raise ValueError(f"{path}: host: {self.host}")
        self.script, _, expected = rest.partition("\n--- expect\n")
        self.expected = expected or None

    def is_for_host(self):
        """Can it run on the host, with the rights that we have?"""
        return self.host == "yes" or (self.host == "root" and os.geteuid() == 0)


class Result:
    """What became of a job on one side."""

    def __init__(self):
        self.output = []
        self.errors = []
        self.status = None
        self.milliseconds = None

    def text(self):
        """Return the standard output."""
        return "\n".join(self.output).rstrip("\n")

    def explain(self):
        """Return the output and the end of the error output."""
        return f"{self.text()}\n--- its errors:\n" + "\n".join(self.errors)


class Collector:
    """Reads the lines of tests/debian/driver.sh.

    done      {name: result} of the jobs that came to an end
    running   the name of the one that did not, or None
    """

    def __init__(self):
        self.done = {}
        self.running = None
        self._result = None

    def take(self, line):
        """Take one line."""
        match = _LINE.match(line)
        if match and match[1] == "begin":
            self.running, self._result = match[2], Result()
        elif match and match[2] == self.running:
            self._result.status, self._result.milliseconds = int(match[3]), int(match[4])
            self.done[self.running] = self._result
            self.running = None
        elif self.running and line.startswith("| "):
            self._result.output.append(line[2:])
        elif self.running and line.startswith("! ") and line != "! ":
            self._result.errors.append(line[2:])


def packages_of(tree):
    """Return what belongs into the tree with this name, whichever jobs run now."""
    packages = set(_FEATURE_PACKAGES if tree == QUICK_TREE else ())
    return packages.union(*(job.packages for job in jobs_read() if job.tree == tree))


def jobs_read():
    """Return all jobs, those of one tree behind each other."""
    jobs = [Job(path) for path in PLACE.glob("*.job")]
    return sorted(jobs, key=lambda job: (not job.is_quick, job.tree, job.name))
