#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the tests of a build on another kernel, in an emulated machine.

    boot.py BUILD VMLINUZ [NAME]...

Takes the tests that meson knows and that are programs of this build, packs them with the
libraries they need and a static busybox into an initramfs, boots the kernel with it, and
reports what each test said. Tests of the suites 'live' and 'property' and the scripts
beside this one, or those named.
Emulation is slow: nothing here depends on time but one generous limit.

Exit status: 0 none failed, 1 some did, 4 the machine did not come to its end.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

SUITES = {"callgate:live", "callgate:property"}
LIMIT = 1800  # seconds until the machine is given up
MEMORY = "1024"  # MiB
END = "vm: end"

PASSWD = """root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/:/bin/sh
"""

INIT = """#!/bin/busybox sh
export PATH=/bin HOME=/
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm /tmp /sys/fs/cgroup
mount -t devpts pts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t cgroup2 cgroup /sys/fs/cgroup
mount -t tracefs trace /sys/kernel/tracing 2>/dev/null
ip link set lo up
echo "vm: begin $(uname -r) $(uname -m)"
. /tests
echo "@END@"
poweroff -f
"""

TEST = """{environment} timeout 600 {command} </dev/null >/tmp/out 2>&1
status=$?
case $status in
0) echo "vm: ok {name}" ;;
77) echo "vm: skipped {name}: $(tail -n 1 /tmp/out)" ;;
*) tail -n 40 /tmp/out; echo "vm: FAILED {name} ($status)" ;;
esac
"""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tests_of(build, names):
    """Those that need nothing but files of the build; meson names them from there."""
    build = os.path.realpath(build)
    for test in json.loads(run("meson", "introspect", "--tests", build)):
        wanted = test["name"] in names if names else SUITES & set(test["suite"])
        paths = [os.path.join(build, word) for word in test["cmd"]]
        command = [path if os.path.exists(path) else word
                   for path, word in zip(paths, test["cmd"])]
        ours = [word.startswith(build + "/") or not os.path.exists(word)
                for word in command]
        if wanted and command[0].startswith(build + "/") and all(ours):
            yield test["name"], command, test["env"]


def scripts_of(names):
    """Those that are made for the guest's shell."""
    folder = os.path.dirname(os.path.realpath(__file__))
    for file in sorted(os.listdir(folder)):
        name, kind = os.path.splitext(file)
        if kind == ".sh" and (not names or name in names):
            yield name, ["sh", os.path.join(folder, file)], {}


def libraries_of(program):
    found = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", found.stdout)


class Tree:
    """What will be the guest's root folder."""

    def __init__(self, root):
        self.root = root
        for folder in ("bin", "dev", "etc", "proc", "sys", "tmp"):
            os.makedirs(os.path.join(root, folder))

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.root, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def copy(self, path, to=None):
        target = os.path.join(self.root, (to or path).lstrip("/"))
        if not os.path.exists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(path, target)

    def add_program(self, path):
        self.copy(path)
        for library in libraries_of(path):
            self.copy(library)

    def pack(self, archive):
        with open(archive, "wb") as out:
            names = subprocess.Popen(["find", ".", "-print0"], cwd=self.root,
                                     stdout=subprocess.PIPE)
            subprocess.run(["cpio", "--null", "--create", "--format=newc", "--quiet"],
                           cwd=self.root, stdin=names.stdout, stdout=out, check=True)
            names.wait()


def make_archive(tests, callgate, folder):
    tree = Tree(os.path.join(folder, "root"))
    tree.copy(shutil.which("busybox") or "/bin/busybox", "/bin/busybox")
    script = ""
    for name, command, environment in tests:
        for word in command:
            if os.path.isfile(word):
                tree.add_program(word)
        script += TEST.format(
            name=name, command=shlex.join(command),
            environment=" ".join(f"{key}={shlex.quote(value)}"
                                 for key, value in environment.items()))
    tree.add_program(callgate)
    tree.copy(callgate, "/bin/callgate")
    tree.write("etc/passwd", PASSWD)
    tree.write("init", INIT.replace("@END@", END), 0o755)
    tree.write("tests", "callgate features\n" + script)
    archive = os.path.join(folder, "initramfs")
    tree.pack(archive)
    return archive


def boot(kernel, archive):
    """The lines that the guest prints."""
    machine = subprocess.Popen(
        # The emulation of cmpxchg16b makes newer kernels hang now and then.
        ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max,-cx16", "-smp", "2",
         "-m", MEMORY, "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio",
         "-kernel", kernel, "-initrd", archive,
         "-append", "console=ttyS0 quiet panic=-1 loglevel=3"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace")
    watchdog = threading.Timer(LIMIT, machine.kill)
    watchdog.start()
    try:
        yield from (line.rstrip() for line in machine.stdout)
    finally:
        watchdog.cancel()
        machine.kill()
        machine.wait()


def report(lines):
    """Prints what the tests say; what the firmware says only if that is all there is."""
    before, begun, ended, failed = [], False, False, 0
    for line in lines:
        begun = begun or "vm: begin" in line
        ended = ended or line == END
        failed += line.startswith("vm: FAILED")
        if not begun:
            before.append(line)
        elif not ended:
            print(line[line.find("vm: begin"):] if "vm: begin" in line else line,
                  flush=True)
    if not begun:
        print("\n".join(before))
    if not ended:
        print("vm: the machine did not come to the end of its tests")
        return 4
    return 1 if failed else 0


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build, kernel, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    tests = [*scripts_of(names), *tests_of(build, names)]
    if not tests:
        sys.exit("boot.py: the build has no such tests")
    with tempfile.TemporaryDirectory() as folder:
        archive = make_archive(tests, os.path.realpath(f"{build}/callgate"), folder)
        sys.exit(report(boot(kernel, archive)))


main()
