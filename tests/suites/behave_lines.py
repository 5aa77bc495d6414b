# SPDX-License-Identifier: BSD-2-Clause
"""A formatter for behave that prints `ok NAME`, `not ok NAME: ...` for each scenario."""

from behave.formatter.base import Formatter


class LinesFormatter(Formatter):
    """One line for each scenario; a failure's steps come on lines of their own before it."""

    name = "lines"
    description = "one line for each scenario"

    def __init__(self, stream_opener, config):
        super().__init__(stream_opener, config)
        self.stream = self.open()
        self._scenario = None

    def scenario(self, scenario):
        """A scenario begins, so the one before is over."""
        self._end()
        self._scenario = scenario

    def eof(self):
        """A feature is over."""
        self._end()

    def _end(self):
        scenario, self._scenario = self._scenario, None
        if scenario is None:
            return
        name = scenario_name(scenario)
        if scenario.status.name == "passed":
            self.stream.write(f"ok {name}\n")
        elif scenario.status.name == "skipped":
            return
        else:
            self.stream.write(f"not ok {name}: {_failure(scenario)}\n")
        self.stream.flush()


def scenario_name(scenario):
    """Return the scenario's tag, with the number of the example if it is an outline's."""
    tag = str(scenario.tags[0]) if scenario.tags else scenario.name.replace(" ", "_")
    row = getattr(scenario, "_row", None)
    return f"{tag}.{row.index}" if row is not None else tag


def _failure(scenario):
    for step in scenario.all_steps:
        if step.status.name not in ("passed", "skipped"):
            message = step.error_message or step.status.name
            return f"{step.keyword} {step.name}: {message}".replace("\n", "\\n")
    return scenario.status.name
