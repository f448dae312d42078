#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""runc enforces profiles that callgate exports.

    runc.py CALLGATE

A bundle made of a static busybox runs under policies that callgate has converted; what
they refuse must fail in the container and what they allow must not. Exit status 77:
this machine has no runc, no static busybox, or does not let runc start a container.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

# name, policy, command in the container, what it must print
CASES = [
    ("no profile", None, "mkdir /a && echo done", "done"),
    ("a refused call", "default allow\nbadarch kill-thread\n"
     "errno EXDEV mkdir, mkdirat\n",
     "mkdir /b 2>&1; echo done",
     "mkdir: can't create directory '/b': Invalid cross-device link\ndone"),
    ("a refused argument", "default allow\nbadarch kill-thread\n"
     "errno EXDEV chmod, fchmodat where mode & S_IWOTH != 0\n",
     "touch /c; chmod 644 /c && chmod 666 /c 2>&1; echo done",
     "chmod: /c: Invalid cross-device link\ndone"),
    ("a comparison of a typed argument", "default allow\nbadarch kill-thread\n"
     "errno EXDEV kill(sig > 10)\n",
     "kill -0 1 && kill -CONT 1 2>&1; echo done",
     "sh: can't kill pid 1: Invalid cross-device link\ndone"),
    ("a process killed", "default allow\nbadarch kill-thread\nkill mkdir, mkdirat\n",
     "mkdir /d; echo $?", "159"),
    ("a default that refuses", "default errno EPERM\nbadarch kill-thread\n"
     "allow @default, @basic-io, @file-system, @io-event, @ipc, @process, @signal, "
     "@timer\n",
     "mkdir /e && hostname x 2>&1; echo done",
     "hostname: sethostname: Operation not permitted\ndone"),
]


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def static_busybox():
    for path in ("/bin/busybox", "/usr/bin/busybox"):
        if os.access(path, os.X_OK):
            with open(path, "rb") as file:
                if b"/ld-linux" not in file.read(4096):
                    return path
    skip("no static busybox")


def make_bundle(folder):
    programs = os.path.join(folder, "rootfs", "bin")
    os.makedirs(programs)
    shutil.copy(static_busybox(), os.path.join(programs, "busybox"))
    os.symlink("busybox", os.path.join(programs, "sh"))
    subprocess.run(["runc", "spec"], cwd=folder, check=True)


def configure(folder, profile, command):
    path = os.path.join(folder, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["process"]["terminal"] = False
    config["process"]["args"] = ["/bin/busybox", "sh", "-c", command]
    config["process"]["env"] = ["PATH=/bin"]
    config["process"]["capabilities"] = {}
    config["root"]["readonly"] = False
    config["linux"].pop("seccomp", None)
    if profile:
        config["linux"]["seccomp"] = profile
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)


def convert(callgate, policy):
    made = subprocess.run([callgate, "convert", "--to", "oci", "-", "-"], input=policy,
                          capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(f"cannot convert:\n{policy}{made.stderr}")
    return json.loads(made.stdout)


def run(folder, number):
    """The output of the container."""
    made = subprocess.run(
        ["runc", "--root", os.path.join(folder, "state"), "run", "--no-pivot",
         f"callgate-test-{os.getpid()}-{number}"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        stdin=subprocess.DEVNULL)
    return made.stdout.strip(), made.stderr.strip()


def main():
    callgate = os.path.abspath(sys.argv[1])
    if not shutil.which("runc"):
        skip("no runc")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        make_bundle(folder)
        for number, (name, policy, command, wanted) in enumerate(CASES):
            profile = convert(callgate, policy) if policy else None
            configure(folder, profile, f"/bin/busybox --install -s /bin 2>&1; {command}")
            output, errors = run(folder, number)
            if output != wanted and policy is None:
                skip(f"runc does not start a container here: {errors}")
            if output != wanted:
                failed += 1
                print(f"{name}: wanted\n{wanted}\nfound\n{output}\n{errors}")
    print(f"{len(CASES)} cases, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
