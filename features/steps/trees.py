# SPDX-License-Identifier: BSD-2-Clause
"""Steps that make a directory tree to be used as a root."""

import pathlib
import shutil
import subprocess

from behave import given, when


def busybox_find(top):
    """Return the busybox that the default tree is made of."""
    for place in sorted(top.glob("build/guest/*/bin/busybox")):
        return place
    raise AssertionError("no busybox below build/guest: run ./setup first")


@given("a tree with busybox")
def step_tree(context):
    context.root = context.scratch / "root"
    binaries = context.root / "bin"
    binaries.mkdir(parents=True)
    shutil.copy(busybox_find(context.top), binaries / "busybox")
    applets = subprocess.run(
        [binaries / "busybox", "--list"], capture_output=True, text=True, check=True
    )
    for applet in applets.stdout.split():
        if applet != "busybox":
            (binaries / applet).symlink_to("busybox")
    (context.root / "etc").mkdir()
    (context.root / "etc/passwd").write_text(
        "root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n"
    )
    (context.root / "etc/group").write_text("root:x:0:\nuser:x:1000:\n")


@given('a Debian tree with "{packages}"')
def step_debian_tree(context, packages):
    from suites.jobs import QUICK_TREE, packages_of
    from suites.trees import debian_tree

    in_tree = packages_of(QUICK_TREE)
    assert set(packages.split()) <= in_tree, f"the tree has these packages: {in_tree}"
    context.root = debian_tree(QUICK_TREE, in_tree, print)


@given('in it the file "{name}" with "{content}"')
@when('in the tree the file "{name}" becomes "{content}"')
def step_tree_file(context, name, content):
    path = context.root / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content.replace("\\n", "\n") + "\n")


@given('in it the script "{name}"')
def step_tree_script(context, name):
    path = context.root / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(context.text + "\n")
    path.chmod(0o755)


@given('in it the link "{name}" to "{target}"')
def step_tree_link(context, name, target):
    path = context.root / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


@given('in it the test program "{name}"')
def step_tree_program(context, name):
    binary = context.top / "build/guest-tests" / name
    assert binary.exists(), f"{binary} is not built: ninja guest-tests"
    shutil.copy(binary, context.root / "bin" / name)


@given('a folder with the file "{name}"')
def step_folder(context, name):
    path = context.scratch / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(context.text + "\n")


@given("in it the host's dynamic loader and C library")
def step_tree_libraries(context):
    for name in ("lib64/ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6"):
        source = pathlib.Path("/lib/x86_64-linux-gnu") / pathlib.Path(name).name
        target = "lib64" if name.startswith("lib64/") else "lib/x86_64-linux-gnu"
        (context.root / target).mkdir(parents=True, exist_ok=True)
        shutil.copy(source.resolve(), context.root / target / pathlib.Path(name).name)
