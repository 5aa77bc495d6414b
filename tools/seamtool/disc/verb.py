# SPDX-License-Identifier: BSD-2-Clause
"""seam image: from the options to a disc."""

import os

from .. import bind, image, xen
from ..errors import SeamError
from ..paths import BUILD, KERNEL
from ..run import DEFAULT_PATH, environment_change
from .grub import Entry, config_build
from .make import disc_make

SELF_TEST = os.path.join(BUILD, "guest-tests", "guest-tests")
_SELF_TEST_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "self-test.sh")
_MENU_SECONDS = 5

# Not to boot the disc by: they describe its kernel and tree as a guest.
_XEN_FILES = {
    name: os.path.join(os.path.dirname(xen.__file__), name) for name in ("seam.cfg", "seam.xml")
}

_TERMINAL = [("stdin", "tty"), ("stdout", "tty"), ("stderr", "tty")]
_QUIET = [("log", "none")]
_ENVIRONMENT = {"PATH": DEFAULT_PATH, "HOME": "/root", "TERM": "linux"}


def image_make(options):
    """Make the disc that OPTIONS ask for; return the exit status."""
    kernel = options.kernel or KERNEL
    if not os.path.isfile(kernel):
        raise SeamError(f"there is no kernel at {kernel}: run ninja first")
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    output = options.output or os.path.join(BUILD, "seam-x86_64.iso")
    binds = bind.binds_parse(options.bind)
    fds = []
    try:
        tree = _tree(options, binds, fds)
        files = {"seam.elf": kernel, "tree.cpio": tree, **_XEN_FILES}
        if command:
            config = config_build([_appliance(options, command)], 0)
        else:
            files["test.cpio"] = _with_binds(tree, None, _self_test_binds(), fds)
            config = config_build(_menu(options), _MENU_SECONDS, has_memory_map=True)
        disc_make(output, config, files)
    finally:
        for fd in fds:
            os.close(fd)
    print(f"seam: {os.path.relpath(output)}: {os.path.getsize(output) / (1 << 20):.1f} MiB")
    return 0


def _tree(options, binds, fds):
    path = image.image_for_root(options.root)
    if not binds:
        return path
    root = options.root if options.root and os.path.isdir(options.root) else None
    return _with_binds(path, root, binds, fds)


def _with_binds(path, root, binds, fds):
    fds.append(bind.image_with_binds(path, binds, root, image.warn))
    return f"/dev/fd/{fds[-1]}"


def _self_test_binds():
    if not os.path.isfile(SELF_TEST):
        raise SeamError("the self-test is not built: run ninja image")
    return [(SELF_TEST, "/bin/self-test"), (_SELF_TEST_SCRIPT, "/etc/self-test")]


def _environment(options):
    changed = environment_change(dict(_ENVIRONMENT), options.env)
    return [("env", f"{name}={value}") for name, value in changed.items()]


def _appliance(options, command):
    words = [*_QUIET, *_common(options), ("init", command[0])]
    words += [("arg", argument) for argument in command[1:]]
    return Entry(options.title or os.path.basename(command[0]), words, "tree.cpio")


def _common(options):
    """The words of each line of the menu."""
    words = [*_TERMINAL, *options.append, ("cwd", options.cwd), *_environment(options)]
    return words + ([("mode", options.mode)] if options.mode else [])


def _menu(options):
    title, common = options.title or "Seam", _common(options)
    test = [("init", "/bin/sh"), ("arg", "/etc/self-test")]
    rescue = [("log", "com1"), "verbose", *common, ("init", "/bin/sh"), ("arg", "-l")]
    return [
        Entry(f"{title}: shell", [*_QUIET, *common, ("init", "/sbin/init")], "tree.cpio"),
        Entry(f"{title}: self-test", [*_QUIET, *common, *test], "test.cpio"),
        Entry(f"{title}: rescue (a shell alone, log on the serial port)", rescue, "tree.cpio"),
    ]
