#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the tests of a build on another kernel, in an emulated machine.

    boot.py MACHINE BUILD KERNEL [NAME]...

MACHINE is one of machines.tsv. Takes the tests that meson knows and that are programs of
this build, packs them with the libraries they need and a static busybox into an
initramfs, boots the kernel with it, and reports what each test said. Libraries and
busybox are those of the folder ROOT, or of this machine. Tests of the suites 'live' and
'property' and, on x86_64, the scripts beside this one; or those named. Of these, 'bench'
is no test: it prints what watching costs there, alone in instructions instead of time.
Emulation is slow: nothing here depends on time but one generous limit.

Exit status: 0 none failed, 1 some did, 4 the machine did not come to its end.
"""
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
SUITES = {"callgate:live", "callgate:property"}
# Scripts, with the programs of the build that they take.
FIRST = {"hooks": [], "processes": [], "records": [], "skipped": ["tests/live/caller"]}
LAST = {"without": []}  # what it does to the kernel cannot be undone
# The guest's clock counts its instructions, so that nothing else on this machine shows.
COUNTED = ["-smp", "1", "-icount", "shift=0,sleep=off"]
PRINTED = ("bench", "skipped")  # what they say is told even if they succeed
LIMIT = 3600  # seconds until the machine is given up
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
0) {told} echo "vm: ok {name}" ;;
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


def bench_of(build, names):
    """What watching costs here: only when asked for, and no test."""
    if "bench" in names:
        yield "bench", [os.path.realpath(f"{build}/bench/watch"), "2"], {}


def scripts_of(chosen, build, names):
    """Those of chosen that are wanted: they are made for the guest's shell."""
    for name, programs in chosen.items():
        if not names or name in names:
            yield name, ["sh", os.path.join(HERE, name + ".sh"),
                         *(os.path.realpath(f"{build}/{p}") for p in programs)], {}


def machine_named(name):
    """Its console, and the command that emulates it."""
    with open(os.path.join(HERE, "machines.tsv"), encoding="utf-8") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if fields[0] == name and len(fields) == 8:
                return fields[6], shlex.split(fields[7])
    sys.exit(f"boot.py: no machine '{name}'")


def needed_by(program):
    """The loader of a program, and the names of the libraries that it wants."""
    with open(program, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return [], []
    text = run("readelf", "--wide", "--program-headers", "--dynamic", program)
    return (re.findall(r"interpreter: (/[^]]+)", text),
            re.findall(r"\(NEEDED\).*\[(.+)\]", text))


class Tree:
    """What will be the guest's root folder."""

    def __init__(self, root, origin):
        self.root = root
        self.origin = origin  # where libraries come from
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
        loaders, libraries = needed_by(path)
        for loader in loaders:
            self.copy(self.origin + loader, loader)
        for library in libraries:
            self.add_library(library)

    def add_library(self, name):
        found = [path for folder in ("lib", "usr/lib")
                 for path in glob.glob(f"{self.origin}/{folder}/*-linux-gnu*/{name}")]
        if found and not os.path.exists(os.path.join(self.root, "lib", name)):
            self.copy(found[0], f"/lib/{name}")
            for library in needed_by(found[0])[1]:
                self.add_library(library)

    def pack(self, archive):
        with open(archive, "wb") as out:
            names = subprocess.Popen(["find", ".", "-print0"], cwd=self.root,
                                     stdout=subprocess.PIPE)
            subprocess.run(["cpio", "--null", "--create", "--format=newc", "--quiet"],
                           cwd=self.root, stdin=names.stdout, stdout=out, check=True)
            names.wait()


def make_archive(tests, callgate, origin, folder):
    tree = Tree(os.path.join(folder, "root"), origin)
    tree.copy(origin + "/bin/busybox", "/bin/busybox")
    script = ""
    for name, command, environment in tests:
        for word in command:
            if os.path.isfile(word):
                tree.add_program(word)
        script += TEST.format(
            name=name, command=shlex.join(command),
            told="cat /tmp/out;" if name in PRINTED else "",
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


def boot(console, emulator, kernel, archive):
    """The lines that the guest prints."""
    machine = subprocess.Popen(
        [*emulator, "-accel", "tcg",
         "-m", MEMORY, "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio",
         "-kernel", kernel, "-initrd", archive,
         "-append", f"console={console} quiet panic=-1 loglevel=3"],
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
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    machine, build, kernel = sys.argv[1:4]
    names = sys.argv[4:]
    tests = [*tests_of(build, names)]
    if machine == "x86_64":
        tests += bench_of(build, names)
        tests = [*scripts_of(FIRST, build, names), *tests,
                 *scripts_of(LAST, build, names)]
    if not tests:
        sys.exit("boot.py: the build has no such tests")
    with tempfile.TemporaryDirectory() as folder:
        archive = make_archive(tests, os.path.realpath(f"{build}/callgate"),
                               os.environ.get("ROOT", ""), folder)
        console, emulator = machine_named(machine)
        if names == ["bench"]:
            emulator += COUNTED
        sys.exit(report(boot(console, emulator, kernel, archive)))


main()
