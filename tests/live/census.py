#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ps and dump over all processes of the machine, held against /proc and ptrace.

    census.py CALLGATE STANDING

Processes are put into every state that there is (STANDING does it) beside those that the
machine has. What `ps` says of each thread is what /proc says of it; what `dump` writes
is what a tracer reads, byte for byte, by either way. Threads that come or go meanwhile
are left out.
"""
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

SEIZE, INTERRUPT, DETACH, GET_FILTER = 0x4206, 0x4207, 17, 0x420C
WALL = 0x40000000
NOBODY = 65534
MODES = {0: "disabled", 1: "strict", 2: "filter"}

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

callgate, standing = map(os.path.abspath, sys.argv[1:3])
failures = []


def check(what, good):
    print(("ok: " if good else "FAILED: ") + what)
    if not good:
        failures.append(what)


def run(*words, **options):
    return subprocess.run([callgate, *words], capture_output=True, check=False, timeout=60,
                          **options)


# --- /proc ---------------------------------------------------------------------------


def read_fields(path):
    """The fields of a status file, and its thread's start; None: it is gone."""
    try:
        with open(path + "/status", "rb") as file:
            lines = file.read().split(b"\n")
        with open(path + "/stat", "rb") as file:
            start = int(file.read().rsplit(b")", 1)[1].split()[19])
    except OSError:
        return None
    fields = dict(line.split(b":", 1) for line in lines if b":" in line)
    return {"mode": MODES.get(int(fields[b"Seccomp"])),
            "filters": int(fields[b"Seccomp_filters"]),
            "no_new_privs": int(fields[b"NoNewPrivs"]), "start": start}


def read_proc():
    """{pid: {tid: fields}}"""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            for tid in os.listdir(f"/proc/{pid}/task"):
                fields = read_fields(f"/proc/{pid}/task/{tid}")
                if fields:
                    found.setdefault(int(pid), {})[int(tid)] = fields
    return found


# --- ptrace --------------------------------------------------------------------------


def traced_filters(tid):
    """The filters that a tracer reads, the first one loaded first; None: it may not."""
    if libc.ptrace(SEIZE, tid, None, None):
        return None
    try:
        libc.ptrace(INTERRUPT, tid, None, None)
        os.waitpid(tid, WALL)
        found = []
        while True:
            length = libc.ptrace(GET_FILTER, tid, len(found), None)
            if length < 0:
                return found
            room = ctypes.create_string_buffer(8 * length)
            libc.ptrace(GET_FILTER, tid, len(found), room)
            found.append(room.raw)
    finally:
        libc.ptrace(DETACH, tid, None, None)


def dumped_filters(tid, way):
    """The same by `dump`; None: it says that it cannot."""
    result = run("dump", "--json", "--by", way, str(tid))
    if result.returncode:
        return None
    return [b"".join(struct.pack("=HBBI", *insn) for insn in layer["program"])
            for layer in json.loads(result.stdout)["layers"]]


# --- processes -----------------------------------------------------------------------


@contextlib.contextmanager
def processes(commands):
    """{name: process} that stand."""
    started = {}
    try:
        for name, words in commands.items():
            started[name] = subprocess.Popen([standing, *words], stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE)
            assert started[name].stdout.read(1) == b"\n", name
        yield started
    finally:
        for process in started.values():
            process.kill()
            process.wait()


def start_chronyd():
    """A service that fences itself, where it is installed."""
    if not shutil.which("chronyd"):
        return None
    process = subprocess.Popen(["chronyd", "-F", "1", "-d", "-u", "root", "-x", "-f",
                                "/dev/null"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    for _ in range(50):
        fields = read_fields(f"/proc/{process.pid}")
        if not fields or fields["mode"] == "filter":
            break
        time.sleep(0.1)
    return process


HOSTILE = b"a) R 1\n\"\x1b[2J\xff"[:15]

STATES = {
    "none": [],
    **{f"{n} layers": ["layers", str(n)] for n in range(1, 6)},
    "many layers": ["layers", "70"],
    "long": ["long"],
    "strict": ["strict"],
    "one thread differs": ["threads", "3", "fence"],
    "all threads alike": ["layers", "1", "threads", "3", "tsync"],
    "hostile name": ["name", HOSTILE, "layers", "1"],
}


# --- what must hold ------------------------------------------------------------------


def ps_agrees_with_proc(way):
    before = read_proc()
    result = run("ps", "--all", "--json", *(["--by", way] if way else []))
    after = read_proc()
    told = {process["pid"]: process for process in json.loads(result.stdout)["processes"]}
    wrong, count = [], 0
    for pid, threads in before.items():
        if pid not in after or after[pid].keys() != threads.keys():
            continue  # it has changed meanwhile
        process = told.get(pid)
        others = {thread["tid"]: thread for thread in process["differing"]}
        for tid, fields in threads.items():
            if fields != after[pid].get(tid):
                continue
            said = others.get(tid, process)
            count += 1
            if any(said[key] != fields[key]
                   for key in ("mode", "filters", "no_new_privs")):
                wrong.append((pid, tid))
    check(f"ps agrees with /proc on {'' if count > 20 else 'too few '}threads, by "
          f"{way or 'what there is'}", count > 20 and not wrong)
    return told


def dump_agrees_with_ptrace(standing_pids):
    compared = set()
    for pid, threads in read_proc().items():
        for tid, fields in threads.items():
            if fields["mode"] != "filter":
                continue
            wanted = traced_filters(tid)
            if wanted is None or read_fields(f"/proc/{pid}/task/{tid}") != fields:
                continue
            for way in ("ptrace", "ebpf"):
                got = dumped_filters(tid, way)
                if got != wanted and os.path.exists(f"/proc/{pid}/task/{tid}"):
                    check(f"dump of {tid} by {way} is what a tracer reads", False)
            compared.add(tid)
    check("dump is what a tracer reads, byte for byte, of every thread with filters",
          standing_pids <= compared)
    print(f"{len(compared)} threads were compared")


def states_are_told(started, told):
    def of(name):
        return told[started[name].pid]

    for n in range(1, 6):
        filters = of(f"{n} layers")["installed"]
        check(f"{n} layers are {n}", filters["lengths"] == [4] * n)
    check("70 layers are 70", len(of("many layers")["installed"]["lengths"]) == 70)
    check("a filter may have 4096 instructions",
          of("long")["installed"]["lengths"] == [4096])
    check("strict mode is told", of("strict")["mode"] == "strict")
    check("a thread that differs is shown, and no other",
          [(t["mode"], t["filters"]) for t in of("one thread differs")["differing"]]
          == [("filter", 1)] and of("one thread differs")["threads"] == 4)
    check("threads that are alike are not", not of("all threads alike")["differing"])
    allows = of("1 layers")["installed"]["allows"]
    check("all calls but one pass", allows["always"] == allows["calls"] - 1)
    check("findings are told",
          all(f["risk"] and f["code"] for f in of("1 layers")["installed"]["findings"]))
    check("a hostile name is valid JSON",
          of("hostile name")["name"] == HOSTILE.decode(errors="replace"))


def tables_fit(started):
    for width in (80, 160):
        result = run("ps", env=dict(os.environ, COLUMNS=str(width)))
        lines = result.stdout.decode().split("\n")
        check(f"a table for {width} columns has no more",
              width > 80 or all(len(line) <= width for line in lines))
        row = [line for line in lines if line.startswith(str(
            started["hostile name"].pid) + " ")]
        check("a hostile name does nothing to a terminal",
              len(row) == 1 and "a) R 1?" in row[0] and "\x1b" not in result.stdout.decode())
        check("a thread that differs has a line of its own",
              any(line.startswith("+") for line in lines))


def a_tracer_is_no_hindrance(process):
    tracer = os.fork()
    if tracer == 0:
        libc.ptrace(SEIZE, process.pid, None, None)
        signal.pause()
    while b"TracerPid:\t0\n" in open(f"/proc/{process.pid}/status", "rb").read():
        time.sleep(0.01)
    refused = run("dump", "--json", "--by", "ptrace", str(process.pid))
    check("a process that is traced is refused by ptrace",
          refused.returncode == 4 and b'"traced"' in refused.stdout)
    result = run("dump", "--json", str(process.pid))
    check("and is read all the same", json.loads(result.stdout).get("by") == "ebpf")
    check("pid:N takes the same way",
          run("show", f"pid:{process.pid}").stdout.startswith(b"l0:"))
    os.kill(tracer, signal.SIGKILL)
    os.waitpid(tracer, 0)


def files_are_layers(process):
    wanted = traced_filters(process.pid)
    with tempfile.TemporaryDirectory() as folder:
        run("dump", str(process.pid), "-o", folder + "/x.bpf")
        got = [open(f"{folder}/x.{i}.bpf", "rb").read() for i in (1, 2, 3)]
        check("each layer has its file", got == wanted)
        check("and no other is made", len(os.listdir(folder)) == 3)
    one = run("dump", "--layer", "2", str(process.pid)).stdout
    check("a pipe gets one layer", one == wanted[1])
    check("but not several", run("dump", str(process.pid)).returncode == 2)
    check("a layer that is not there is refused",
          run("dump", "--layer", "4", str(process.pid)).returncode == 3)


def what_is_not_there_is_said(started):
    for name, text in (("none", b"has no seccomp filter"), ("strict", b"in strict mode")):
        for way in ("ptrace", "ebpf"):
            result = run("dump", "--by", way, str(started[name].pid))
            check(f"{name}: no filter, by {way}",
                  result.returncode == 4 and text in result.stderr)


def namespaces_are_no_hindrance():
    """Ids and starts that are not those of the machine."""
    for name, words in (("PID", ["-pf", "--mount-proc"]),
                        ("time", ["-T", "--boottime", "100000", "-f"])):
        script = f"""sleep 9 | {standing} layers 2 >/dev/null & sleep 0.5
            {callgate} dump --by ebpf --layer 1 $! | od -An -tx1
            {callgate} dump --by ptrace --layer 1 $! | od -An -tx1
            {callgate} ps; kill $!"""
        result = subprocess.run(["unshare", *words, "sh", "-c", script], text=True,
                                capture_output=True, check=False, timeout=60)
        if result.returncode and "unshare" in result.stderr:
            continue  # this kernel has no such namespace
        lines = result.stdout.split("\n")
        check(f"in a {name} namespace both ways read the same",
              lines[0] and lines[:2] == lines[2:4])
        check("and ps tells what filters allow",
              re.search(r"2 filters +yes +\d+/\d+ .* standing", result.stdout))


def without_privilege():
    # a copy, for the build may be where others cannot look
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(callgate, folder)
        result = subprocess.run([copy, "ps"], capture_output=True, check=False,
                                user=NOBODY, group=NOBODY, cwd="/")
        check("ps without privilege shows what /proc does",
              result.returncode == 0 and b"1 filter" in result.stdout)
        check("and says what it needs", b"CAP_BPF" in result.stderr)
        result = subprocess.run([copy, "dump", str(os.getpid())], capture_output=True,
                                check=False, user=NOBODY, group=NOBODY, cwd="/")
        check("dump without privilege says so",
              result.returncode == 4 and b"not-permitted" in result.stderr)


def nothing_is_left_behind():
    if not shutil.which("bpftool"):
        return
    for _ in range(50):  # others may run the same commands
        names = [program.get("name", "") for program in json.loads(subprocess.run(
            ["bpftool", "-j", "prog"], capture_output=True, check=True).stdout)]
        if not any(name.startswith("iterate_") for name in names):
            break
        time.sleep(0.1)
    check("nothing stays in the kernel", not any(n.startswith("iterate_") for n in names))


def main():
    if os.geteuid() != 0:
        print("skipped: filters can be read by root alone")
        sys.exit(77)
    chronyd = start_chronyd()
    try:
        with processes(STATES) as started:
            probe = run("dump", "--by", "ebpf", str(started["1 layers"].pid))
            if probe.returncode:
                print("skipped:", probe.stderr.decode().split("\n")[0])
                sys.exit(77)
            told = ps_agrees_with_proc(None)
            ps_agrees_with_proc("ptrace")
            states_are_told(started, told)
            dump_agrees_with_ptrace({p.pid for name, p in started.items() if name not in
                                     ("none", "strict", "one thread differs")})
            tables_fit(started)
            a_tracer_is_no_hindrance(started["3 layers"])
            files_are_layers(started["3 layers"])
            what_is_not_there_is_said(started)
            namespaces_are_no_hindrance()
            without_privilege()
    finally:
        if chronyd:
            chronyd.kill()
            chronyd.wait()
    nothing_is_left_behind()
    sys.exit(1 if failures else 0)


main()
