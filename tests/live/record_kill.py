#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A recorder that is killed harms nobody.

    record_kill.py CALLGATE [TIMES]

At random moments, with each back end: the program goes on and ends as it would have, no
eBPF program or map of ours stays, and the last checkpoint is a whole recording. Nor does it
matter when the process is killed that answers for the program's calls; nor, once the recorder
is gone, that one or the one that stands by.
"""
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from workloads import TIMEOUT, can_use_ebpf, start, write

# Works for about half a second, and leaves behind what it did.
WORK = """i=0
while [ $i -lt 30 ]; do
    i=$((i + 1)); echo $i >>progress; sleep 0.01; ls / >/dev/null || echo bad >>progress
done
echo done >>progress
"""


def ours():
    """eBPF programs and maps that a recording has."""
    found = ""
    for kind in ("prog", "map"):
        if shutil.which("bpftool", path="/usr/sbin:/sbin:/usr/bin:/bin"):
            found += subprocess.run(["bpftool", kind], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True,
                                    env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}).stdout
    return set(re.findall(r"^(\d+): .*name (record_\w*)", found, re.MULTILINE))


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def wait_patiently(what):
    """However slow the machine is, as long as the program gets on."""
    before = None
    while before != progress():
        before = progress()
        if wait_for(what):
            return True
    return False


def running(word):
    """Processes that have this word on their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if word.encode() in file.read().split(b"\0"):
                    found.append(pid)
        except OSError:
            pass
    return found


def progress():
    if not os.path.exists("progress"):
        return []
    with open("progress", encoding="utf-8") as file:
        return file.read().split()


def kill_once(callgate, backend, before):
    """What went wrong, or None. In a folder of its own: the last program may still run."""
    folder = tempfile.mkdtemp(dir="..")
    shutil.copy("work.sh", folder)
    os.chdir(folder)
    output = os.path.abspath("app.gate")
    process = start([callgate, "record", "--backend", backend, "-o", output, "--",
                     "sh", "work.sh"])
    time.sleep(random.choice((random.uniform(0, 0.7), random.uniform(0, 0.03))))
    process.kill()
    process.wait()
    if wait_for(progress, 0.2):
        wait_patiently(lambda: progress()[-1:] == ["done"])
        if progress() != [str(i) for i in range(1, 31)] + ["done"]:
            return f"the program did not go on: {progress()[-3:]}"
    if not wait_for(lambda: not ours() - before):
        return f"eBPF objects stay: {ours() - before}"
    if not wait_patiently(lambda: not running(output)):
        return f"a process stays: {running(output)}"
    if not os.path.exists("app.cgrec"):
        return None if not progress() else "there is no checkpoint"
    read = subprocess.run([callgate, "merge", "app.cgrec", "-o", "after.gate"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return None if read.returncode == 0 else f"the checkpoint: {read.stdout}"


def helpers(process):
    """Processes that a recorder has besides the program."""
    found = []
    for pid in running("record"):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process.pid:
            found.append(int(pid))
    return found


def kill_helpers(callgate, times):
    """What went wrong when who answers was killed again and again, or None."""
    folder = tempfile.mkdtemp(dir="..")
    shutil.copy("work.sh", folder)
    os.chdir(folder)
    process = start([callgate, "record", "--backend", "notify", "-o", "app.gate", "--",
                     "sh", "work.sh"])
    killed = 0
    wait_patiently(progress)
    while killed < times and process.poll() is None:
        time.sleep(random.uniform(0, 0.02))
        for pid in helpers(process):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    wait_patiently(lambda: process.poll() is not None)
    output = process.communicate(timeout=TIMEOUT)[0]
    if process.returncode != 0 or progress() != [str(i) for i in range(1, 31)] + ["done"]:
        return f"status {process.returncode} after {killed} kills: {progress()[-3:]}, {output}"
    print(f"notify: who answers was killed {killed} times")
    return None if killed else "nobody was killed"


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return None
    # a zombie is nobody's parent any more
    state, parent = text.rpartition(")")[2].split()[:2]
    return None if state == "Z" else int(parent)


def kill_orphans(callgate, times):
    """What went wrong when, without a recorder, keeper or guard was killed again and again."""
    folder = tempfile.mkdtemp(dir="..")
    shutil.copy("work.sh", folder)
    os.chdir(folder)
    output = os.path.abspath("app.gate")
    process = start([callgate, "record", "--backend", "notify", "-o", output, "--",
                     "sh", "work.sh"])
    wait_patiently(progress)
    process.kill()
    process.wait()
    killed, orphans = 0, []

    def pair():
        """Both, and one is the other's child."""
        nonlocal orphans
        orphans = [int(pid) for pid in running(output) if parent_of(pid)]
        return len(orphans) == 2 and any(parent_of(pid) in orphans for pid in orphans)

    while killed < times and wait_for(pair, 5):
        time.sleep(random.uniform(0, 0.01))
        victim = random.choice(orphans)
        with contextlib.suppress(ProcessLookupError):  # the program has ended
            os.kill(victim, signal.SIGKILL)
            killed += 1
        # Both at once is what nothing helps against.
        wait_for(lambda: not parent_of(victim))
    wait_patiently(lambda: progress()[-1:] == ["done"])
    if progress() != [str(i) for i in range(1, 31)] + ["done"]:
        return f"the program did not go on after {killed} kills: {progress()[-3:]}"
    if not wait_patiently(lambda: not running(output)):
        return f"a process stays: {running(output)}"
    print(f"notify: who answers or stands by was killed {killed} times")
    return None if killed else "nobody was killed"


def main():
    callgate = os.path.abspath(sys.argv[1])
    effort = int(os.environ.get("CALLGATE_EFFORT", 1))
    times = int(sys.argv[2]) if len(sys.argv) > 2 else max(3, effort)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "first"))
        os.chdir(os.path.join(folder, "first"))
        write("work.sh", WORK)
        for backend in ["ebpf", "notify"] if can_use_ebpf(callgate) else ["notify"]:
            before = ours()
            for _ in range(times):
                wrong = kill_once(callgate, backend, before)
                if wrong:
                    print(f"FAILED: {backend}: {wrong}")
                    failed += 1
            print(f"{backend}: killed {times} times")
        for kill_others in kill_helpers, kill_orphans:
            wrong = kill_others(callgate, max(20, times))
            if wrong:
                print(f"FAILED: notify: {wrong}")
                failed += 1
        os.chdir("/")
    sys.exit(1 if failed else 0)


main()
