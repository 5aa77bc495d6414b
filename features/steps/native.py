# SPDX-License-Identifier: BSD-2-Clause
"""Steps that boot the exokernel with a native program of ours as its first domain."""

import re

from behave import then, when
from seamtool.machine import Machine

SECONDS = 60


@when('the native program "{name}" runs')
def step_native(context, name):
    kernel = context.top / "build/x86_64/native" / f"{name}.elf"
    assert kernel.exists(), f"{kernel} is not built: run ninja"
    context.result = Machine(str(kernel)).run(timeout=SECONDS)


@then("its log says that every check passed")
def step_all_passed(context):
    summary = re.search(r"(\d+) passed, (\d+) failed", context.result.log)
    assert summary, context.result.explain()
    assert int(summary[1]) > 0 and int(summary[2]) == 0, context.result.explain()


@then('its log has "{text}"')
def step_log_has(context, text):
    assert text in context.result.log, context.result.explain()
