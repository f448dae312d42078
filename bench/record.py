#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What recording costs: side by side, in one run, each round through all of them.

    record.py CALLGATE LOOP [--rounds N]

Three loops: calls, calls of which an argument is recorded, children that end at once. Each
by itself, recorded by each back end, beside a recording of something else, and under
strace; and where programs that do nothing are at the tracepoints, which is what a recorder
there cannot be cheaper than. Per loop the least and the median of all batches; what is added
is the difference of the least to the same loop without a recorder.
"""
import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time

LOOPS = {"calls": "ns a call", "arguments": "ns a call with arguments", "forks": "ns a child"}


PLAIN, FILTERED = "nothing", "a filter"


def record(callgate, *words):
    return [callgate, "record", "-o", "bench.cgrec", *words]


class Contender:
    def __init__(self, name, words=(), base=PLAIN, beside=None, cgroup=None):
        self.name, self.words, self.base = name, words, base
        self.beside = beside  # a recording that goes on meanwhile
        self.cgroup = cgroup  # in which the loop runs


def contenders(callgate, loop, cgroup):
    floor = os.path.join(os.path.dirname(loop), "record_floor")
    filtered = [callgate, "run", "-e", "default allow; errno EPERM swapoff", "--"]
    ebpf = record(callgate, "--backend", "ebpf", "--")
    yield Contender(PLAIN)
    if os.path.exists(floor):
        yield Contender("a program that does nothing", [floor, "enter"])
    yield Contender("callgate, eBPF", ebpf)
    if cgroup:
        yield Contender("callgate, eBPF, of a cgroup", cgroup=cgroup,
                        beside=record(callgate, "--cgroup", cgroup))
    yield Contender("callgate, eBPF, a bystander", beside=[*ebpf, "sleep", "60"])
    yield Contender("callgate, notification", record(callgate, "--backend", "notify", "--"))
    if shutil.which("strace"):
        yield Contender("strace -f -c", ["strace", "-f", "-c", "-o", "/dev/null"])
        yield Contender("strace --seccomp-bpf -f -c",
                        ["strace", "--seccomp-bpf", "-f", "-c", "-o", "/dev/null"])
    yield Contender(FILTERED, filtered, FILTERED)
    if os.path.exists(floor):
        yield Contender("a filter, two that do nothing", [*filtered, floor, "both"], FILTERED)
    yield Contender("a filter, callgate, eBPF", [*filtered, *ebpf], FILTERED)


@contextlib.contextmanager
def recording(words):
    """Goes on while something else runs."""
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if os.path.exists("bench.cgrec"):
                break
            time.sleep(0.01)
        time.sleep(0.3)
        yield
    finally:
        process.terminate()
        process.wait()
        os.remove("bench.cgrec")


def run(contender, loop, kind):
    words = [*contender.words, loop, kind, "times"]
    if contender.cgroup:
        words = ["sh", "-c", 'echo $$ >"$0" && exec "$@"',
                 os.path.join(contender.cgroup, "cgroup.procs"), *words]
    with recording(contender.beside) if contender.beside else contextlib.nullcontext():
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
    with open("times", encoding="utf-8") as file:
        return [float(line) for line in file]


def measure(all_contenders, loop, rounds):
    seen = {}
    for _ in range(rounds):
        for kind in LOOPS:
            for contender in all_contenders:
                seen.setdefault((kind, contender.name), []).extend(
                    run(contender, loop, kind))
                if os.path.exists("bench.cgrec"):
                    os.remove("bench.cgrec")
    return seen


def report(seen, all_contenders):
    for kind, unit in LOOPS.items():
        print(f"\n{unit:32} {'least':>9} {'median':>9} {'added':>9}")
        for contender in all_contenders:
            times = seen[kind, contender.name]
            base = min(seen[kind, contender.base])
            print(f"{contender.name:32} {min(times):9.0f} {statistics.median(times):9.0f} "
                  f"{min(times) - base:9.0f}")


@contextlib.contextmanager
def own_cgroup():
    """A new cgroup, or None where there can be none."""
    folder = None
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            if line.split()[2] == "cgroup2" and os.access(line.split()[1], os.W_OK):
                folder = os.path.join(line.split()[1], f"callgate-bench-{os.getpid()}")
                os.mkdir(folder)
                break
    yield folder
    if folder:
        os.rmdir(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("callgate")
    parser.add_argument("loop")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    callgate, loop = map(os.path.abspath, (arguments.callgate, arguments.loop))
    with tempfile.TemporaryDirectory() as folder, own_cgroup() as cgroup:
        os.chdir(folder)
        all_contenders = list(contenders(callgate, loop, cgroup))
        seen = measure(all_contenders, loop, arguments.rounds)
        os.chdir("/")
    report(seen, all_contenders)


main()
