#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a recording is for: record a program at work, run the same work under the policy.

    record.py CALLGATE PROBE [PROGRAM]...

Of each program, with each back end: the recorded set of calls is that which strace sees in
the same run; under the policy, with every other call deadly, the same work is done; and a
call that is not in it is refused. The second back end's policies, which are of the same
calls, are tried with a few programs, or with all for CALLGATE_EFFORT=100.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from workloads import (TIMEOUT, WORKLOADS, Nginx, Sqlite, can_use_ebpf, skip, start,
                       write)

# No program here makes it, and it does no harm.
FOREIGN = "swapoff"

QUICK = (Sqlite, Nginx)

failures = 0


def check(what, is_so, text=""):
    global failures
    print(f"{'ok' if is_so else 'FAILED'}: {what}")
    if not is_so:
        failures += 1
        print(text)


def recorded_calls(name):
    with open(name, encoding="utf-8") as file:
        return set(re.findall(r"^call \S+ \d+ (\S+) done", file.read(), re.MULTILINE))


def traced_calls(name):
    """Those that returned, and all. A thread that is ended before it is in its call never
    makes it, though strace was told of it before the kernel looks at filters."""
    returned, begun = set(), set()
    with open(name, encoding="utf-8", errors="replace") as file:
        for line in file:
            call = re.match(r"\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>)", line)
            if not call:
                continue
            begun.add(call[1])
            if not re.search(r"(?:<unfinished \.\.\.>|\) += \?.*)$", line.rstrip()):
                returned.add(call[1])
    return returned, begun


def wait_for_stop(parent):
    """The stopped child of a process."""
    for _ in range(500):
        found = subprocess.run(["pgrep", "-P", str(parent), "-r", "T"],
                               stdout=subprocess.PIPE, text=True).stdout.split()
        if found:
            return int(found[0])
        time.sleep(0.01)
    raise TimeoutError("the program does not stop")


def tracer_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return int(re.search(r"^TracerPid:\s+(\d+)", file.read(), re.MULTILINE)[1])


def record_and_trace(callgate, backend, workload):
    """One run that both see from the same moment on: the program waits for them, stopped."""
    recorder = start([callgate, "record", "--backend", backend, "--from", "marker",
                      "-o", "app.gate", "--", "sh", "-c", 'kill -STOP $$; exec "$@"', "sh",
                      *workload.command])
    pid = wait_for_stop(recorder.pid)
    tracer = start(["strace", "-f", "-qq", "-o", "trace", "-p", str(pid)])
    while not tracer_of(pid):
        time.sleep(0.01)
    recorder.send_signal(signal.SIGUSR1)
    time.sleep(0.1)
    os.kill(pid, signal.SIGCONT)
    status = workload.drive(recorder)
    tracer.wait(TIMEOUT)
    return status, recorder.stdout.read()


def compare_with_strace(callgate, backend, workload):
    name = type(workload).__name__.lower()
    workload.clean()
    status, output = record_and_trace(callgate, backend, workload)
    check(f"{name}, {backend}: ends well while it is recorded and traced", status == 0,
          output)
    ours = recorded_calls("app.cgrec")
    returned, begun = traced_calls("trace")
    check(f"{name}, {backend}: {len(ours)} calls, the same that strace sees",
          ours and returned <= ours <= begun, f"not seen: {sorted(returned - ours)}\n"
          f"not seen by strace: {sorted(ours - begun)}")


def record(callgate, backend, workload):
    workload.clean()
    process = start([callgate, "record", "--backend", backend, "-o", "app.gate", "--",
                     *workload.command])
    status = workload.drive(process)
    return status, process.stdout.read()


def run_strictly(callgate, workload):
    """Under the policy, but whatever it does not allow kills."""
    with open("app.gate", encoding="utf-8") as file:
        policy = file.read()
    write("strict.gate", policy.replace("default errno EPERM", "default kill"))
    workload.clean()
    process = start([callgate, "run", "-p", "strict.gate", "--", *workload.command])
    status = workload.drive(process)
    return status, process.stdout.read()


def record_and_run(callgate, probe, backend, workload):
    name = type(workload).__name__.lower()
    status, output = record(callgate, backend, workload)
    check(f"{name}, {backend}: ends well while it is recorded", status == 0, output)
    for _ in range(8):  # a runtime does not make each of its calls each time
        status, output = run_strictly(callgate, workload)
        if status == 0 or not workload.varies:
            break
        record_more(callgate, backend, workload)
    check(f"{name}, {backend}: does the same under its policy", status == 0, output)
    # The probe is not the program: what it needs to start and to speak is allowed as well.
    with open("app.gate", encoding="utf-8") as file:
        write("probe.gate", file.read() + "allow @default, @basic-io, @memory\n")
    found = subprocess.run([callgate, "run", "-p", "probe.gate", "--", probe, FOREIGN, "0"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(f"{name}, {backend}: {FOREIGN} is refused", found.stdout == "EPERM\n",
          found.stdout)


def record_more(callgate, backend, workload):
    os.rename("app.cgrec", "earlier.cgrec")
    record(callgate, backend, workload)
    subprocess.run([callgate, "merge", "earlier.cgrec", "app.cgrec", "-o", "all.cgrec"],
                   check=True)
    subprocess.run([callgate, "merge", "all.cgrec", "-o", "app.gate"], check=True)
    os.rename("all.cgrec", "app.cgrec")


def main():
    callgate, probe = map(os.path.abspath, sys.argv[1:3])
    wanted = sys.argv[3:]
    permitted = subprocess.run([probe, "--permitted"], stdout=subprocess.PIPE, text=True)
    if permitted.returncode != 0:
        skip(permitted.stdout)
    is_whole = int(os.environ.get("CALLGATE_EFFORT", 1)) >= 100
    backends = ["ebpf", "notify"] if can_use_ebpf(callgate) else ["notify"]
    for kind in WORKLOADS:
        workload = kind()
        if wanted and kind.__name__.lower() not in wanted:
            continue
        if workload.missing():
            print(f"left out: {kind.__name__}: there is no {workload.missing()[0]}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            workload.prepare()
            for backend in backends:
                if shutil.which("strace"):
                    compare_with_strace(callgate, backend, workload)
                if is_whole or backend == backends[0] or kind in QUICK:
                    record_and_run(callgate, probe, backend, workload)
            os.chdir("/")
    sys.exit(1 if failures else 0)


main()
