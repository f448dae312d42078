#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What recording costs: side by side, in one run, each round through all of them.

    record.py CALLGATE LOOP [--rounds N]

Three loops: calls, calls of which an argument is recorded, children that end at once. Each
by itself, recorded by each back end, beside a recording of something else, and under
strace. Per loop the least and the median of all batches; the difference to nothing is that
of the least.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time

LOOPS = {"calls": "ns a call", "arguments": "ns a call with arguments", "forks": "ns a child"}


def contenders(callgate):
    ebpf = [callgate, "record", "--backend", "ebpf", "-o", "bench.cgrec", "--"]
    notify = [callgate, "record", "--backend", "notify", "-o", "bench.cgrec", "--"]
    filtered = [callgate, "run", "-e", "default allow; errno EPERM swapoff", "--"]
    yield "nothing", []
    yield "callgate, eBPF", ebpf
    yield "a filter", filtered
    yield "callgate, eBPF, a filter", [*filtered, *ebpf]
    yield "callgate, eBPF, a bystander", None
    yield "callgate, notification", notify
    if shutil.which("strace"):
        yield "strace -f -c", ["strace", "-f", "-c", "-o", "/dev/null"]
        yield "strace --seccomp-bpf -f -c", ["strace", "--seccomp-bpf", "-f", "-c",
                                             "-o", "/dev/null"]


def run(words, loop, kind):
    subprocess.run([*words, loop, kind, "times"], check=True, stderr=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    with open("times", encoding="utf-8") as file:
        return [float(line) for line in file]


def run_beside(callgate, loop, kind):
    """While another program is recorded."""
    process = subprocess.Popen([callgate, "record", "--backend", "ebpf", "-o",
                                "beside.cgrec", "--", "sleep", "60"],
                               stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if os.path.exists("beside.cgrec"):
                break
            time.sleep(0.01)
        time.sleep(0.3)
        return run([], loop, kind)
    finally:
        process.terminate()
        process.wait()
        os.remove("beside.cgrec")


def measure(callgate, loop, rounds):
    seen = {}
    for _ in range(rounds):
        for kind in LOOPS:
            for name, words in contenders(callgate):
                times = (run_beside(callgate, loop, kind) if words is None
                         else run(words, loop, kind))
                seen.setdefault((kind, name), []).extend(times)
    return seen


def report(seen, callgate):
    for kind, unit in LOOPS.items():
        floor = min(seen[kind, "nothing"])
        print(f"\n{unit:32} {'least':>9} {'median':>9} {'added':>9}")
        for name, _ in contenders(callgate):
            times = seen[kind, name]
            print(f"{name:32} {min(times):9.0f} {statistics.median(times):9.0f} "
                  f"{min(times) - floor:9.0f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("callgate")
    parser.add_argument("loop")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    callgate, loop = map(os.path.abspath, (arguments.callgate, arguments.loop))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        seen = measure(callgate, loop, arguments.rounds)
        os.chdir("/")
    report(seen, callgate)


main()
