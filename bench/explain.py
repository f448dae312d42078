#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What explaining costs: side by side, in one run, each round through all of them.

    explain.py CALLGATE LOOP TRACER [--rounds N]

Three loops: calls that are allowed; calls that are denied at one place; denied calls of
which each is unwound. Each under a policy alone, explained, and under strace, which traces
each call, or by a filter those that are denied; and under the least that ptrace(2) can
be used for. The least and the median of all batches.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile

LOOPS = {
    "allowed": "ns an allowed call",
    "denied": "ns a denied call",
    "places": "ns a denied call that is unwound",
}
POLICY = "default allow; errno EPERM swapoff"


def contenders(callgate, tracer):
    policy = [callgate, "run", "-e", POLICY, "--"]
    trace = ["-f", "-o", "/dev/null", "-e", "trace=swapoff"]
    yield "a policy", policy
    yield "… explained", [callgate, "run", "--explain", "--explain-output=told", "-e",
                          POLICY, "--"]
    yield "… explained, with coverage", [
        callgate, "run", "--coverage", "--explain-output=told", "-e", POLICY, "--"]
    yield "… ptrace(2), all calls", [*policy, tracer]
    if shutil.which("strace"):
        yield "… strace -f -e", [*policy, "strace", *trace]
        yield "… strace -f -e --seccomp-bpf", [*policy, "strace", "--seccomp-bpf", *trace]
        yield "… strace -f -k -e --seccomp-bpf", [*policy, "strace", "--seccomp-bpf", "-k",
                                                  *trace]


def run(words, loop, kind):
    subprocess.run([*words, loop, kind, "times"], check=True, stderr=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    with open("times", encoding="utf-8") as file:
        return [float(line) for line in file]


def measure(callgate, loop, tracer, rounds):
    seen = {}
    for _ in range(rounds):
        for kind in LOOPS:
            for name, words in contenders(callgate, tracer):
                seen.setdefault((kind, name), []).extend(run(words, loop, kind))
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("callgate")
    parser.add_argument("loop")
    parser.add_argument("tracer")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    callgate, loop, tracer = map(os.path.abspath,
                                 (options.callgate, options.loop, options.tracer))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        seen = measure(callgate, loop, tracer, options.rounds)
        os.chdir("/")
    for kind, unit in LOOPS.items():
        print(f"\n{unit:42}{'least':>10}{'median':>10}")
        for name, _ in contenders(callgate, tracer):
            times = seen[kind, name]
            print(f"  {name:40}{min(times):10.0f}{statistics.median(times):10.0f}")


if __name__ == "__main__":
    main()
