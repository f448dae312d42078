#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the commands take that read filters, of programs that are made to be complex.

    commands.py CALLGATE WRITE_HOSTILE

The most processor time and memory of any of eight programs of 4,000 instructions, or of
any two, and of a process that runs under one. A command may end in "too complex", but not
in any other way. Nothing is to take 2 s or 512 MiB: else the exit status is 1.
"""
import ctypes
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

SECONDS, MEBIBYTES = 2.0, 512
CALL = "socket(AF_INET)"

ALONE = {
    "show": ["show", "{}"],
    "show --pseudo": ["show", "--pseudo", "{}"],
    "decompile": ["decompile", "{}"],
    "audit": ["audit", "{}"],
    "graph": ["graph", "{}"],
    "graph --program": ["graph", "--program", "{}"],
    "report": ["report", "{}", "-o", "{out}"],
    "test": ["test", "{}", CALL],
    "emulate": ["emulate", "{}", CALL],
    "convert": ["convert", "{}", "{out}", "--to=oci"],
    "flatten, 20 layers": ["flatten"] + ["{}"] * 20 + ["-o", "{out}"],
}
PAIRS = {
    "diff": ["diff", "{}", "{other}"],
    "report --reference": ["report", "{}", "--reference", "{other}", "-o", "{out}"],
}
RUNNING = {
    "ps": ["ps"],
    "dump": ["dump", "{}", "-o", "{out}"],
    "audit pid:": ["audit", "pid:{}"],
}

# ld [0]; jge #0x1000, +1, +0; ret #ALLOW: and then the program, for numbers of no call
PREFIX = struct.pack("HBBI" * 3, 0x20, 0, 0, 0, 0x35, 1, 0, 0x1000, 6, 0, 0, 0x7FFF0000)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def load_and_wait(path, ready):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "rb") as file:
        code = PREFIX + file.read()
    program = Program(len(code) // 8, code)
    loaded = libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(
        22, 2, ctypes.byref(program), 0, 0) == 0
    os.write(ready, b"y" if loaded else b"n")
    while True:
        time.sleep(100)


def run(callgate, words):
    """CPU seconds and MiB."""
    process = os.posix_spawn(
        callgate, [callgate, *words], os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, n, "/dev/null", os.O_RDWR, 0)
                      for n in (0, 1, 2)])
    _, status, usage = os.wait4(process, 0)
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) > 3:
        sys.exit(f"callgate {' '.join(words)} ended with {status:#x}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Table:
    def __init__(self):
        self.most = {}

    def take(self, name, cost):
        most = self.most.get(name, (0, 0))
        self.most[name] = (max(most[0], cost[0]), max(most[1], cost[1]))

    def show(self):
        print(f"{'':32}  s, CPU     MiB")
        for name, (seconds, memory) in self.most.items():
            print(f"{name:32}{seconds:8.2f}{memory:8.0f}")
        return all(cost[0] < SECONDS and cost[1] < MEBIBYTES
                   for cost in self.most.values())


def fill(words, program, other, out):
    return [word.format(program, other=other, out=out) for word in words]


def measure_running(callgate, program, out, table):
    parent, child = os.pipe()
    process = os.fork()
    if process == 0:
        load_and_wait(program, child)
    try:
        if os.read(parent, 1) == b"y":
            for name, words in RUNNING.items():
                table.take(name, run(callgate, fill(words, process, "", out)))
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(parent)
        os.close(child)


def main():
    callgate, write_hostile = sys.argv[1:3]
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([write_hostile, folder], check=True)
        programs = sorted(os.path.join(folder, name) for name in os.listdir(folder))
        out = os.path.join(folder, "out")
        for program in programs:
            for name, words in ALONE.items():
                table.take(name, run(callgate, fill(words, program, "", out)))
            for other in programs:
                for name, words in PAIRS.items():
                    table.take(name, run(callgate, fill(words, program, other, out)))
            measure_running(callgate, program, out, table)
    return 0 if table.show() else 1


if __name__ == "__main__":
    sys.exit(main())
