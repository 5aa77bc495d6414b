# SPDX-License-Identifier: BSD-2-Clause
"""Steps that run `seam` as a script does: arguments, input, output, exit status."""

import os
import re
import shlex
import signal
import subprocess

from behave import given, then, when

SECONDS = 120
ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\"}


def unescape(text):
    """Turn backslash-n and its like, as steps write them, into what they mean."""
    return re.sub(r"\\[nt\\]", lambda match: ESCAPES[match[0]], text)


def command_of(context, line):
    """Return the words of a command line whose first word is seam."""
    words = shlex.split(line.replace("{root}", str(context.root)))
    words = [word.replace("{scratch}", str(context.scratch)) for word in words]
    assert words[0] == "seam", "a command line starts with seam"
    return [str(context.top / "seam"), *words[1:]]


def environment():
    """Return the environment of seam: emulated, whatever the host has."""
    return {**os.environ, "SEAM_ACCEL": "tcg"}


def seam_run(context, line):
    """Run a command line; keep its result in the context."""
    context.result = subprocess.run(
        command_of(context, line),
        input=context.input,
        capture_output=True,
        timeout=SECONDS,
        cwd=context.scratch,
        env=environment(),
        check=False,
    )


def explain(result):
    """Return what a failed check shows."""
    return (
        f"status {result.returncode}\n--- stdout\n{result.stdout[-4000:].decode(errors='replace')}"
        f"\n--- stderr\n{result.stderr[-4000:].decode(errors='replace')}"
    )


def check(context, truth):
    """Fail with all that is known about the run."""
    assert truth, explain(context.result)


@given('the input "{text}"')
def step_input(context, text):
    context.input = unescape(text).encode()


@given("{count:d} bytes of input of every value")
def step_input_bytes(context, count):
    context.input = (bytes(range(256)) * (count // 256 + 1))[:count]


@when('I run "{line}"')
def step_run(context, line):
    seam_run(context, unescape(line))


@when("I run")
def step_run_text(context):
    seam_run(context, context.text)


@when('I run, and send SIGTERM to seam once "{text}" is printed')
def step_run_and_signal(context, text):
    command = command_of(context, context.text)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        first = process.stdout.readline()
        assert first == text.encode() + b"\n", first
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=SECONDS)
    context.result = subprocess.CompletedProcess(
        command, process.returncode, first + output, errors
    )


@then('it prints "{text}"')
def step_prints(context, text):
    check(context, context.result.stdout.decode(errors="replace") == unescape(text) + "\n")


@then("it prints")
def step_prints_text(context):
    check(context, context.result.stdout.decode(errors="replace") == context.text + "\n")


@then("it prints nothing")
def step_prints_nothing(context):
    check(context, context.result.stdout == b"")


@then("it prints the input")
def step_prints_input(context):
    check(context, context.result.stdout == context.input)


@then('its output contains "{text}"')
def step_output_contains(context, text):
    check(context, unescape(text) in context.result.stdout.decode(errors="replace"))


@then('its output matches "{pattern}"')
def step_output_matches(context, pattern):
    check(context, re.search(pattern, context.result.stdout.decode(errors="replace"), re.M))


@then('its error output contains "{text}"')
def step_error_contains(context, text):
    check(context, unescape(text) in context.result.stderr.decode(errors="replace"))


@then('its error output matches "{pattern}"')
def step_error_matches(context, pattern):
    check(context, re.search(pattern, context.result.stderr.decode(errors="replace"), re.M))


@then("its error output is empty")
def step_error_empty(context):
    check(context, context.result.stderr == b"")


@then("its exit status is {status:d}")
def step_status(context, status):
    check(context, context.result.returncode == status)


@then('the file "{name}" contains "{text}"')
def step_file_contains(context, name, text):
    content = (context.scratch / name).read_text(errors="replace")
    assert unescape(text) in content, content[-4000:]


@then('nothing is at "{name}"')
def step_nothing(context, name):
    assert not os.path.lexists(context.scratch / name), f"{name} exists"


@then("its output has no control characters")
def step_no_control(context):
    check(context, not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", context.result.stdout))
