#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""callgate watch tells of every call that programs make, once, as it was made.

    watching.py CALLGATE CALLER

Programs that confine themselves run under strace(1), which tells what they called, while
`callgate watch --json` tells the same of the whole machine. CALLER makes calls of many
kinds and tells itself. Every line is held against the schema of `callgate events`.
Exit status 77: eBPF cannot be used here.
"""
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import runc as containers

try:
    import jsonschema
except ImportError:
    jsonschema = None

# Options of prctl that concern seccomp and privilege, as `callgate watch` has them.
OPTIONS = {3, 4, 7, 8, 21, 22, 23, 24, 27, 28, 38, 39, 47, 52, 53, 59, 0x59616d61}
VALIDATED = 3000  # lines, where a busy machine has more
EVENTS = "seccomp,prctl,denied,confined-exec"


class Test:
    def __init__(self, callgate, caller, folder):
        self.callgate, self.caller, self.folder = callgate, caller, folder
        self.failures = 0
        self.wanted = collections.Counter()  # (syscall, thread, arguments, result)
        self.threads = set()
        self.paths = {}  # of each such call: what strace saw executed before

    def is_(self, what, wanted, got):
        if wanted == got:
            print(f"ok: {what}")
            return
        print(f"FAILED: {what}\n  wanted: {wanted}\n  got:    {got}")
        self.failures += 1

    def strace(self, name, command, seconds=20, **options):
        """Runs a program; what strace saw of it is wanted of the watch."""
        if not shutil.which(command[0]):
            print(f"not installed: {command[0]}")
            return None
        prefix = os.path.join(self.folder, f"strace-{name}")
        start = time.monotonic()
        limit = ["timeout", "-k", "1", str(seconds)]
        output = subprocess.run(
            ["strace", "-ff", "-o", prefix, "-e", "trace=seccomp,prctl,execve", "-e",
             "raw=seccomp,prctl", *limit, *command], stdin=subprocess.DEVNULL, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options).stdout
        calls = 0
        for file in os.listdir(self.folder):
            if file.startswith(f"strace-{name}."):
                calls += self.read_strace(os.path.join(self.folder, file))
        print(f"{name}: {calls} calls, {time.monotonic() - start:.1f} s")
        return output

    def read_strace(self, path):
        thread = int(path.rsplit(".", 1)[1])
        calls = 0
        program = None
        self.threads.add(thread)
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                found = re.match(r'execve\("(/[^"]*)".*\) = 0$', line)
                if found:
                    program = os.path.realpath(found[1])
                found = re.match(r"(seccomp|prctl)\((.*?)\) += (-?\w+)(?: (E\w+))?", line)
                if not found or found[3] == "?":
                    continue
                arguments = tuple(int(x, 0) for x in found[2].split(", "))
                result = int(found[3], 0)
                if found[4]:
                    result = -getattr(__import__("errno"), found[4])
                if found[1] == "prctl":
                    if arguments[0] not in OPTIONS:
                        continue
                self.want(found[1], thread, arguments, result, program)
                calls += 1
        return calls

    def want(self, name, thread, arguments, result, program=None):
        if name == "seccomp":
            arguments = (arguments[0] & 0xffffffff, arguments[1] & 0xffffffff, arguments[2])
        self.wanted[name, thread, arguments, result] += 1
        self.paths.setdefault((name, thread, arguments, result), set()).add(program)


class Watch:
    def __init__(self, callgate, folder, *options, events=EVENTS):
        self.path = os.path.join(folder, "events.jsonl")
        self.process = subprocess.Popen(
            [callgate, "watch", "--json", "--events", events, "-o", self.path, *options],
            stderr=subprocess.PIPE)
        for _ in range(200):
            if self.process.poll() is not None:
                print("skipped: " + self.process.stderr.read().decode().splitlines()[0])
                sys.exit(77)
            if os.path.exists(self.path) and os.path.getsize(self.path):
                return
            time.sleep(0.1)

    def end(self):
        time.sleep(0.3)
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=300)
        with open(self.path, "rb") as file:
            return status, [json.loads(line) for line in file]


def arguments_of(event):
    return tuple(int(str(a["value"]), 0) for a in event["args"])


def unsigned(arguments):
    return tuple(a & 0xffffffffffffffff for a in arguments)


# --- loads ---------------------------------------------------------------------------------


def run_caller(test, kinds, prefix=(), program=None, **options):
    """Returns the lines that it told, each as a list."""
    output = subprocess.run([*prefix, program or test.caller, *kinds], check=False,
                            stdout=subprocess.PIPE, timeout=120, **options).stdout
    return [line.split() for line in output.decode().splitlines()]


def load_all(test):
    """Every way to put a filter on, told by CALLER itself."""
    lines = []
    for kinds in (["ask", "prctl"], ["tsync"], ["listener"], ["i386"]):
        lines += run_caller(test, kinds)
    for name, _, thread, _, result, *arguments in lines:
        test.threads.add(int(thread))
        test.want(name, int(thread), unsigned(map(int, arguments)), int(result))
    for kind in ("prctl", "tsync", "listener", "i386"):
        test.strace(kind, [test.caller, kind])
    return lines


def load_namespace(test):
    """In a pid namespace of its own, under a filter that bwrap loads."""
    if not shutil.which("bwrap"):
        return []
    policy = os.path.join(test.folder, "filter.bpf")
    subprocess.run([test.callgate, "compile", "-e", "default allow\nbadarch allow\n"
                    "errno EXDEV mkdir", "-o", policy], check=True)
    with open(policy, "rb") as file:
        output = test.strace("bwrap", [
            "bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--unshare-pid",
            "--seccomp", str(file.fileno()), test.caller, "ask"],
            pass_fds=[file.fileno()])
    lines = [line.split() for line in output.decode().splitlines()]
    test.is_("bwrap runs its program", True, len(lines) == 4 and len(lines[0]) == 10)
    return lines


def load_runc(test):
    if not shutil.which("runc"):
        return
    folder = os.path.join(test.folder, "bundle")
    os.mkdir(folder)
    containers.make_bundle(folder)
    profile = containers.convert(test.callgate, "default allow\nbadarch kill-thread\n"
                                 "errno EXDEV mkdir, mkdirat\n")
    containers.configure(folder, profile, "/bin/busybox mkdir /x; true")
    output = test.strace("runc", ["runc", "--root", os.path.join(folder, "state"), "run",
                                  "--no-pivot", f"callgate-watch-{os.getpid()}"],
                         cwd=folder)
    print(output.decode(errors="replace").strip())


def load_programs(test):
    page = os.path.join(test.folder, "a.1")
    with open(page, "w", encoding="utf-8") as file:
        file.write(".TH A 1\n.SH NAME\na\n")
    test.strace("man", ["man", "-P", "cat", "-l", page])
    test.strace("chronyd", ["chronyd", "-F", "1", "-d", "-u", "root", "-x", "-f", "/dev/null"],
                seconds=1)
    test.strace("tor", ["tor", "--Sandbox", "1", "--SocksPort", "0", "--DisableNetwork", "1",
                        "--quiet", "-f", os.path.join(test.folder, "none"),
                        "--ignore-missing-torrc", "--DataDirectory",
                        os.path.join(test.folder, "tor")], seconds=2)


def load_names(test):
    """A program whose name is hostile, and which is gone at once."""
    program = os.path.join(test.folder, 'a "b\'\n\\ \x1b').encode() + b"\xff"
    shutil.copy(test.caller, program)
    return run_caller(test, ["ask"], program=program)


def load_deep(test, depth):
    """A program so deep in folders that its path is as long as what is read, or longer."""
    program = f"cg-deep-{depth}"
    folder = "d" * 250
    where = os.path.join(test.folder, program)
    os.mkdir(where)
    shutil.copy(test.caller, os.path.join(where, program))

    def go_down():
        os.chdir(where)
        for _ in range(depth):
            os.mkdir(folder)
            os.rename(program, f"{folder}/{program}")
            os.chdir(folder)

    run_caller(test, ["ask"], program=f"./{program}", preexec_fn=go_down)


# --- what is seen ------------------------------------------------------------------------------


def check_calls(test, events):
    seen = collections.Counter()
    programs_of = {}
    for event in events:
        if event["eventName"] in ("seccomp", "prctl") and \
                event["hostThreadId"] in test.threads:
            key = (event["syscall"], event["hostThreadId"],
                   unsigned(arguments_of(event)), event["returnValue"])
            seen[key] += 1
            programs_of.setdefault(key, set()).add(event["executable"]["path"])
    # A call that was refused is none that the kernel made.
    denied = {(e["syscall"], e["hostThreadId"]) for e in events
              if e["eventName"] == "denied"}
    missing = {k: n for k, n in (test.wanted - seen).items() if k[:2] not in denied}
    test.is_("every call is seen", {}, missing)
    test.is_("no call is seen that was not made", {}, dict(seen - test.wanted))
    test.is_("paths are those of what was executed", {},
             {key: paths for key, paths in programs_of.items()
              if None not in test.paths[key] and not paths <= test.paths[key]})
    print(f"{sum(seen.values())} calls of {len(test.threads)} threads")


def check_told(test, events, lines):
    """The ABI, the path, the process and its filters of what CALLER did."""
    by_thread = collections.defaultdict(list)
    for event in events:
        if event["eventName"] in ("seccomp", "prctl"):
            by_thread[event["hostThreadId"]].append(event)
    wrong = []
    for name, pid, thread, is_compat, *_ in lines:
        event = by_thread[int(thread)].pop(0)
        got = (event["eventName"], event["processId"],
               event["contextFlags"]["isCompat"], event["executable"]["path"],
               event["eventId"], event["callgate"]["abi"])
        compat = is_compat == "1"
        number = {("seccomp", False): "317", ("seccomp", True): "354",
                  ("prctl", False): "157", ("prctl", True): "172"}[name, compat]
        wanted = (name, int(pid), compat, test.caller, number,
                  "i386" if compat else "x86_64")
        if got != wanted:
            wrong.append((wanted, got))
    test.is_("ids, ABI and path are right", [], wrong)


def check_installed(test, events):
    installed = [e for e in events if "installed" in e["callgate"] and
                 e["executable"]["path"] == test.caller]
    test.is_("filters are read from the kernel", {1},
             {e["callgate"]["installed"].get("instructions") for e in installed})
    test.is_("the same bytes have the same digest", 1,
             len({e["callgate"]["installed"].get("digest") for e in installed}))
    flags = [e["callgate"]["installed"] for e in installed]
    test.is_("a listener is seen", True, any(f["listener"] for f in flags))
    test.is_("the flag to log is seen", True, any(f["log"] for f in flags))


def check_namespace(test, events, lines):
    if not lines:
        return
    pids = {int(line[1]) for line in lines}
    inner = [e for e in events if e["executable"]["path"] == test.caller and
             e["eventName"] in ("seccomp", "prctl") and e["processId"] in pids and e["processId"] != e["hostProcessId"]]
    test.is_("calls in a pid namespace have both ids", len(lines), len(inner))
    test.is_("... and the namespace", 1, len({e["pidNamespace"] for e in inner}))


def check_names(test, events, lines):
    name = 'a "b\'\n\\ \x1b\ufffd'
    got = [e["executable"]["path"].rsplit("/", 1)[1] for e in events
           if e["processName"] == name and e["eventName"] in ("seccomp", "prctl")]
    test.is_("a hostile name is told as it is", [name] * len(lines), got)


def check_deep(test, events):
    for depth, is_whole in ((30, True), (34, False), (60, False)):
        name = f"cg-deep-{depth}"
        paths = {e["executable"]["path"] for e in events if e["processName"] == name and
                 e["eventName"] == "seccomp"}
        wanted = os.path.join(test.folder, name) if is_whole else "..."
        test.is_(f"a path of {depth} folders {'is whole' if is_whole else 'says so'}",
                 [True], [path.startswith(wanted + "/" + "d" * 250) and
                          path.endswith(f"{250 * 'd'}/{name}") for path in paths])


def check_schema(test, lines):
    schema = json.loads(subprocess.run([test.callgate, "events", "--schema"], check=True,
                                       stdout=subprocess.PIPE).stdout)
    order = list(schema["$defs"]["event"]["properties"])
    test.is_("keys have their order", [],
             [line for line in lines if "eventName" in line and list(line) != order][:1])
    test.is_("the first and the last line are no events", ["start", "end"],
             [lines[0]["callgate"]["record"], lines[-1]["callgate"]["record"]])
    test.is_("nothing is lost", 0, lines[-1]["callgate"]["lost"])
    if not jsonschema:
        print("not installed: python3-jsonschema")
        return
    validator = jsonschema.Draft202012Validator(schema)
    test.is_("every line is valid", [],
             [(line, e.message) for line in lines[:VALIDATED]
              for e in validator.iter_errors(line)][:1])


def programs():
    made = subprocess.run(["bpftool", "-j", "prog", "show"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False).stdout
    return {p["id"] for p in json.loads(made or b"[]") if "name" in p and
            p["name"].startswith("watch_")}


def check_parsed(test):
    """Names instead of numbers."""
    with tempfile.TemporaryDirectory() as folder:
        watch = Watch(test.callgate, folder, "--parse-arguments", "--stack", "--show-filter",
                      "--where", f"exe == '{test.caller}'", events="seccomp,prctl")
        run_caller(test, ["tsync", "ask"])
        lines = watch.end()[1]
    events = [e for e in lines if e.get("eventName") == "seccomp"]
    test.is_("arguments have names",
             [["SECCOMP_SET_MODE_FILTER",
               "SECCOMP_FILTER_FLAG_TSYNC|SECCOMP_FILTER_FLAG_LOG"],
              ["SECCOMP_GET_ACTION_AVAIL", "0"],
              ["SECCOMP_SET_MODE_FILTER", "SECCOMP_FILTER_FLAG_LOG"]],
             [[str(a["value"]) for a in e["args"][:2]] for e in events[:3]])
    test.is_("pointers are hexadecimal", {"0x"},
             {e["args"][2]["value"][:2] for e in events})
    test.is_("stacks have addresses", True, all(e["stackAddresses"] for e in events))
    test.is_("a filter is a policy", True,
             "default allow" in events[0]["callgate"]["installed"].get("policy", ""))
    check_schema(test, lines)


def skip_in_chroot():
    """The kernel's paths of programs begin at the root of the mount namespace."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        if any(line.split()[4] == "/" for line in mounts):
            return
    print("skipped: the root is a folder of another one, where programs have other paths")
    sys.exit(77)


def main():
    skip_in_chroot()
    callgate, caller = (os.path.abspath(word) for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        test = Test(callgate, caller, folder)
        before = programs()
        watch = Watch(callgate, folder)
        try:
            lines = load_all(test)
            inner = load_namespace(test)
            names = load_names(test)
            for depth in (30, 34, 60):
                load_deep(test, depth)
            load_programs(test)
            load_runc(test)
        except BaseException:
            watch.process.kill()
            raise
        status, events = watch.end()
        test.is_("SIGINT ends it", 0, status)
        check_schema(test, events)
        events = [e for e in events if "eventName" in e]
        check_calls(test, events)
        check_told(test, events, lines)
        check_installed(test, events)
        check_namespace(test, events, inner)
        check_names(test, events, names)
        check_deep(test, events)
        check_parsed(test)
        for _ in range(50):
            if programs() <= before:
                break
            time.sleep(0.1)
        test.is_("nothing stays in the kernel", set(), programs() - before)
    return test.failures != 0


if __name__ == "__main__":
    sys.exit(main())
