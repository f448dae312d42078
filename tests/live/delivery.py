#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ways that events of callgate watch take: files, counters, the journal, a slow reader.

    delivery.py CALLGATE CALLER

Exit status 77: eBPF cannot be used here.
"""
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from watching import Test, Watch, check_schema, run_caller, skip_in_chroot

BURST = 20000
PR_SET_NAME = 15
PR_SET_NO_NEW_PRIVS = 38


def wait_for(condition, seconds=60):
    for _ in range(seconds * 20):
        if condition():
            return True
        time.sleep(0.05)
    return False


def lines_of(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def read_counters(test, path):
    """The samples of a file in the text format of Prometheus, which must be one."""
    counters, helped, typed, wrong = {}, [], [], []
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for line in text.splitlines():
        head = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+_total) (.+)", line)
        sample = re.fullmatch(r'(([a-z_]+_total)(?:\{\w+="[^"\\]*"(?:,\w+="[^"\\]*")*\})?) '
                              r"(\d+)", line)
        if head and head[1] == "HELP" and head[2] not in helped:
            helped.append(head[2])
        elif head and head[1] == "TYPE" and head[3] == "counter" and helped[-1] == head[2]:
            typed.append(head[2])
        elif sample and typed[-1] == sample[2] and sample[1] not in counters:
            counters[sample[1]] = sample[3]
        else:
            wrong.append(line)
    test.is_("counters are in their format", ([], True), (wrong, text.endswith("\n")))
    if shutil.which("promtool"):
        with open(path, "rb") as file:
            test.is_("... as promtool knows it", 0, subprocess.run(
                ["promtool", "check", "metrics"], stdin=file, check=False).returncode)
    return counters


def check_rotation(test):
    """A file that was moved away is opened anew, and no line is cut or lost."""
    watch = Watch(test.callgate, test.folder, "--where", f"exe == '{test.caller}'",
                  "--metrics", os.path.join(test.folder, "counters"),
                  events="prctl,unconfined-exec,denied")
    old = watch.path + ".1"
    run_caller(test, ["prctl"])
    test.is_("events arrive", True, wait_for(lambda: len(lines_of(watch.path)) >= 4))
    os.rename(watch.path, old)
    watch.process.send_signal(signal.SIGHUP)
    test.is_("the file is opened anew", True, wait_for(lambda: os.path.exists(watch.path)))
    run_caller(test, ["prctl"])
    status, lines = watch.end()
    test.is_("it ends well", 0, status)
    lines = lines_of(old) + lines
    test.is_("each event is in one of the files",
             ["start"] + ["unconfined-exec", "prctl", "prctl", "prctl"] * 2 + ["end"],
             [e.get("eventName") or e["callgate"]["record"] for e in lines])
    counters = read_counters(test, os.path.join(test.folder, "counters"))
    test.is_("events are counted", True,
             int(counters['callgate_events_total{event="prctl"}']) >= 6)
    test.is_("losses are counted", "0", counters['callgate_lost_total{event="denied"}'])
    os.remove(old)
    os.remove(watch.path)


class Others:
    """Sees whether other processes are refused calls as well: they are lost with ours."""

    def __init__(self, test):
        self.folder = os.path.join(test.folder, "others")
        os.makedirs(self.folder, exist_ok=True)
        self.watch = Watch(test.callgate, self.folder, "--buffer", str(64 << 20), "--where",
                           f"exe != '{test.caller}'", events="denied")

    def end(self):
        lines = self.watch.end()[1]
        os.remove(self.watch.path)
        return lines[-1]["callgate"]["told"] + lines[-1]["callgate"]["lost"]


def check_sum(test, lines, bursts, others):
    """All that was refused is told or counted."""
    told = sum(e.get("eventName") == "denied" for e in lines)
    more = told + lines[-1]["callgate"]["lost"] - bursts * BURST
    # What the kernel half takes for a denial is lost before it is judged to be none.
    test.is_("what is told and what is lost is all there was", True,
             0 <= more < 200 or (more > 0 and others > 0))
    print(f"{told} told, {lines[-1]['callgate']['lost']} lost; of others {others}")


def check_losses(test, lines, bursts, others):
    """Some are lost, and told of; events come again after a loss."""
    losses = [i for i, e in enumerate(lines) if e["callgate"].get("record") == "lost"]
    test.is_("losses are told as they happen", True, len(losses) > 0)
    test.is_("... and add up", lines[-1]["callgate"]["lost"],
             sum(lines[i]["callgate"]["events"] for i in losses))
    check_sum(test, lines, bursts, others)
    test.is_("after a loss events arrive again", True,
             any(e.get("eventName") == "denied" for e in lines[losses[0]:]))


def check_slow_reader(test):
    """Nobody reads; what the buffers do not hold is counted; then somebody reads."""
    others = Others(test)
    watch = subprocess.Popen(
        [test.callgate, "watch", "--json", "--events", "denied", "--buffer", "65536",
         "--where", f"exe == '{test.caller}'"], stdout=subprocess.PIPE)
    first = json.loads(watch.stdout.readline())
    test.is_("the hook is told first", "start", first["callgate"]["record"])
    # As much as fits into the pipe and the buffers, and much more.
    run_caller(test, ["burst"])
    os.set_blocking(watch.stdout.fileno(), False)
    text = []
    test.is_("the reader recovers", True, wait_for(
        lambda: text.append(watch.stdout.read() or b"") or b'"lost"' in b"".join(text), 60))
    run_caller(test, ["burst"])
    os.set_blocking(watch.stdout.fileno(), True)
    reader = threading.Thread(target=lambda: text.append(watch.stdout.read()))
    reader.start()
    watch.send_signal(signal.SIGINT)
    watch.wait(timeout=300)
    reader.join()
    check_losses(test, [json.loads(line) for line in b"".join(text).splitlines()], 2,
                 others.end())


def check_stopped_reader(test):
    """The watch itself is stopped, and continued when much has happened."""
    others = Others(test)
    watch = Watch(test.callgate, test.folder, "--buffer", "65536", "--where",
                  f"exe == '{test.caller}'", events="denied")
    watch.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, watch.process.pid, os.WSTOPPED)
    run_caller(test, ["burst"])
    watch.process.send_signal(signal.SIGCONT)
    test.is_("who was stopped goes on", True, wait_for(
        lambda: any("lost" == e["callgate"].get("record") for e in lines_of(watch.path)),
        60))
    run_caller(test, ["burst"])
    status, lines = watch.end()
    test.is_("it ends well", 0, status)
    os.remove(watch.path)
    check_losses(test, lines, 2, others.end())


def check_burst(test):
    """While nobody reads, the buffer that is the default holds a burst."""
    others = Others(test)
    watch = Watch(test.callgate, test.folder, "--where", f"exe == '{test.caller}'",
                  events="denied")
    watch.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, watch.process.pid, os.WSTOPPED)
    run_caller(test, ["burst"])
    watch.process.send_signal(signal.SIGCONT)
    lines = watch.end()[1]
    os.remove(watch.path)
    check_sum(test, lines, 1, others.end())


def check_lines(test):
    """For people: one line an event; what is hostile is harmless."""
    watch = subprocess.Popen(
        [test.callgate, "watch", "--events", "seccomp,denied", "--count", "2", "--where",
         f"exe == '{test.caller}'"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    test.is_("the hook is told", True,
             watch.stderr.readline().startswith(b"callgate watch: calls are seen by "))
    run_caller(test, ["burst"])
    output, errors = watch.communicate(timeout=120)
    lines = output.decode().splitlines()
    test.is_("there is a line for each", 2, len(lines))
    test.is_("a filter", True, "seccomp(SECCOMP_SET_MODE_FILTER, 0, " in lines[0] and
             lines[0].endswith(" = 0  filter 1 of 4 instructions"))
    test.is_("a denial", True, lines[1].endswith(
        "getpgid(0) = -1 EXDEV  denied: errno EXDEV by filter 1 of 1, instruction 2"))
    test.is_("the sum is told", True, b"2 of them shown" in errors)


def check_gone_reader(test):
    """Who reads goes away while nothing happens."""
    watch = subprocess.Popen([test.callgate, "watch", "--json", "--events", "denied",
                              "--comm", "cg-nobody"], stdout=subprocess.PIPE)
    watch.stdout.readline()
    watch.stdout.close()
    test.is_("without a reader it ends", 0, watch.wait(timeout=60))
    with open("/dev/full", "wb") as full:
        test.is_("where nothing can be written it ends, too", 4, subprocess.run(
            [test.callgate, "watch", "--json"], stdout=full, stderr=subprocess.DEVNULL,
            timeout=60, check=False).returncode)


LOGGED = ["errno", "kill", "kill-thread", "kill-thread", "strict", "trace", "trap"]


def refuse_logged(test, *options):
    """What a watch tells of a program that is refused calls in ways that are logged."""
    watch = Watch(test.callgate, test.folder, "--where", f"exe == '{test.caller}'",
                  *options, events="denied")
    run_caller(test, ["refused"])
    # Records take their way through a thread of the kernel's, events do not.
    wait_for(lambda: len(lines_of(watch.path)) > len(LOGGED), 20)
    status, lines = watch.end()
    os.remove(watch.path)
    test.is_("it ends well", 0, status)
    check_schema(test, lines)
    return [e for e in lines if "eventName" in e]


def check_audit(test):
    """Records of the kernel's tell of the same, once."""
    told = refuse_logged(test, "--hook", "audit")
    if not told:
        print("audit records do not come here")
        return
    actions = sorted(e["callgate"]["denial"]["action"].split()[0] for e in told)
    test.is_("audit records alone tell of what is logged", LOGGED, actions)
    test.is_("... with the call, and without arguments", {("getpgid", "audit", 0)},
             {(e["syscall"], e["callgate"]["denial"]["source"], e["argsNum"])
              for e in told})
    for options in ((), ("--audit",)):
        both = refuse_logged(test, *options)
        test.is_(f"each denial is told once {' '.join(options)}", LOGGED, sorted(
            e["callgate"]["denial"]["action"].split()[0] for e in both))
        test.is_("... by who knows more of it", {"filters", "mode"},
                 {e["callgate"]["denial"]["source"] for e in both})


def check_fallback(test):
    """Without the capabilities for eBPF, with the one for records."""
    if not shutil.which("setpriv"):
        print("not installed: setpriv")
        return
    for ambient, wanted in ((",+audit_read", 0), ("", 4), (",+bpf", 4), (",+perfmon", 4)):
        capabilities = "-all" + ambient
        watched = subprocess.run(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
             "--inh-caps", capabilities, "--ambient-caps", capabilities, test.callgate,
             "watch", "--events", "denied", "--duration", "1"],
            stderr=subprocess.PIPE, text=True, check=False)
        test.is_(f"as nobody{ambient or ' without anything'}", wanted,
                 watched.returncode)
        test.is_("... it says what lacks", True,
                 "eBPF needs CAP_BPF and CAP_PERFMON" in watched.stderr and
                 ("CAP_AUDIT_READ" if wanted else "by audit records alone")
                 in watched.stderr)


def cgroup_folder():
    """Where cgroups of version 2 are, if one may make some."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        for line in mounts:
            if " - cgroup2 " in line and os.access(line.split()[4], os.W_OK):
                return line.split()[4]
    return None


def check_container(test):
    """Of a process that is put into a container between two calls."""
    folder = cgroup_folder()
    if not folder:
        print("no cgroups can be made here")
        return
    container = f"{os.getpid():064x}"
    folder = os.path.join(folder, f"docker-{container}.scope")
    os.mkdir(folder)
    watch = Watch(test.callgate, test.folder, "--comm", "cg-moved", events="prctl")
    child = os.fork()
    if child == 0:
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_NAME, b"cg-moved", 0, 0, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        with open(os.path.join(folder, "cgroup.procs"), "w", encoding="utf-8") as file:
            file.write(str(os.getpid()))
        # What stands in a container's id is looked up when the event has been read.
        for _ in range(20):
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            time.sleep(0.05)
        os._exit(0)
    os.waitpid(child, 0)
    lines = watch.end()[1]
    os.remove(watch.path)
    os.rmdir(folder)
    found = [e["containerId"] for e in lines if "eventName" in e]
    test.is_("who is put into a container is found there", (21, container),
             (len(found), found[-1]))


def receive_journal(test):
    """In a mount namespace with a journal of our own."""
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=False).returncode:
        print("no mounts here")
        return
    os.makedirs("/run/systemd/journal")
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind("/run/systemd/journal/socket")
    journal.settimeout(10)
    hostile = os.path.join(test.folder, "a\nFORGED=1\x1b")
    shutil.copy(test.caller, hostile)
    watch = Watch(test.callgate, test.folder, "--journal", "--comm", "a?FORGED*",
                  events="denied")
    run_caller(test, ["burst"], program=hostile)
    entry = journal.recv(65536)
    watch.process.kill()
    test.is_("a message is one line", 1, len(re.findall(
        rb"(?m)^MESSAGE=a\?FORGED=1\?\[\d+\] denied getpgid: errno EXDEV$", entry)))
    test.is_("a field has the name as it is", True,
             b"CALLGATE_PROCESS_NAME\n\x0b" + 7 * b"\0" + b"a\nFORGED=1\x1b\n" in entry)
    entry = entry.decode(errors="replace").splitlines()
    for field in ("SYSLOG_IDENTIFIER=callgate", "CALLGATE_EVENT_NAME=denied",
                  "CALLGATE_SYSCALL=getpgid", "CALLGATE_RETURN_VALUE=-18",
                  "CALLGATE_ARG_PID=0", "CALLGATE_DENIAL_ACTION=errno EXDEV",
                  "CALLGATE_DENIAL_LAYER=1"):
        test.is_(field, True, field in entry)


def check_journal(test):
    if "with the journal" not in subprocess.run([test.callgate, "--version"], check=True,
                                       stdout=subprocess.PIPE, text=True).stdout:
        print("built without the journal")
        return
    made = subprocess.run(["unshare", "--mount", sys.executable, __file__, test.callgate,
                           test.caller, "journal"], check=False)
    test.is_("the journal has fields", 0, made.returncode)


def main():
    skip_in_chroot()
    callgate, caller = (os.path.abspath(word) for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        test = Test(callgate, caller, folder)
        if sys.argv[3:] == ["journal"]:
            receive_journal(test)
            return test.failures != 0
        check_rotation(test)
        check_slow_reader(test)
        check_stopped_reader(test)
        check_burst(test)
        check_lines(test)
        check_gone_reader(test)
        check_audit(test)
        check_fallback(test)
        check_container(test)
        check_journal(test)
    return test.failures != 0


if __name__ == "__main__":
    sys.exit(main())
