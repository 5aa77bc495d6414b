# SPDX-License-Identifier: BSD-2-Clause
"""Steps that type at a console and look at what it shows, through seamtool's Console."""

import shlex

from behave import given, then, when
from seamtool.machine import Console

from runs import unescape

SECONDS = 60
KEYS = {
    "Backspace": "\x7f",
    "Enter": "\r",
    "Escape": "\x1b",
    "Left": "\x1b[D",
    "Tab": "\t",
    "Up": "\x1b[A",
}


def console_open(context, options="", command=None):
    """Start `seam run` on a terminal of its own."""
    options = shlex.split(options.replace("{root}", str(context.root)))
    context.console = Console(options, command, timeout=SECONDS)


@given("a shell on the console")
def step_shell(context):
    console_open(context)
    context.console.expect_prompt()


@given('a shell on the console, with "{options}"')
def step_shell_with(context, options):
    console_open(context, options)
    context.console.expect_prompt()


@given("a console with Debian's shell")
def step_shell_of_debian(context):
    console_open(context, "--root {root}", ["/bin/bash", "-l"])
    context.console.expect_prompt()


@when('I type "{text}"')
def step_type(context, text):
    context.console.send_line(unescape(text))


@when('I start "{text}"')
def step_start(context, text):
    """Type it, and wait until the shell has left its line editor and runs it.

    What is typed before that is for the editor, not for the program, on Linux as well.
    """
    context.console.send_line("echo run''ning; " + unescape(text))
    context.console.expect_text("running\r\n")


@when('I start the program "{text}"')
def step_start_program(context, text):
    """Like the step above, but it is the job itself that says that it runs.

    Then it is in the foreground already: keys meant for it cannot meet the shell.
    """
    context.console.send_line(f"sh -c 'echo run\"\"ning; exec {unescape(text)}'")
    context.console.expect_text("running\r\n")


@when('I type the characters "{text}"')
def step_type_characters(context, text):
    context.console.send(unescape(text))


@when('I press "{key}"')
def step_press(context, key):
    if key.startswith("Ctrl-"):
        context.console.send_control(key[-1])
    else:
        context.console.send(KEYS[key])


@when('the command "{command}" prints "{text}"')
@then('the command "{command}" prints "{text}"')
def step_command_prints(context, command, text):
    got = context.console.run(unescape(command))
    assert got == unescape(text), f"it printed {got!r}"


@then('the command "{command}" prints')
def step_command_prints_text(context, command):
    got = context.console.run(unescape(command))
    assert got == context.text, f"it printed {got!r}"


@then('the screen shows "{text}"')
@when('the screen shows "{text}"')
def step_screen(context, text):
    # A terminal turns a new line into carriage return and new line.
    context.console.expect_text(unescape(text).replace("\n", "\r\n"))


@then('before the prompt it shows "{text}"')
def step_before_prompt(context, text):
    got = context.console.expect_prompt()
    assert unescape(text) in got, f"it showed {got!r}"


@then("the prompt comes back")
@when("the prompt comes back")
def step_prompt(context):
    context.console.expect_prompt()


@when("the terminal becomes {rows:d} rows of {columns:d} columns")
def step_resize(context, rows, columns):
    context.console.resize(rows, columns)
    # The shell draws its prompt anew, and clears what is behind it, when it learns of the size.
    context.console.expect(r"\x1b\[J")


@then("the machine ends with status {status:d}")
def step_ends(context, status):
    got = context.console.wait_end()
    assert got == status, f"it ended with status {got}"
