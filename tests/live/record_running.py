#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recording what already runs: processes, cgroups, users; refused calls; other ABIs.

    record_running.py CALLGATE BUSY [PROGRAM32]
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from workloads import TIMEOUT, can_use_ebpf, skip, start

failures = 0


def check(what, is_so, text=""):
    global failures
    print(f"{'ok' if is_so else 'FAILED'}: {what}")
    if not is_so:
        failures += 1
        print(text)


class Busy:
    def __init__(self, program, *words):
        self.process = subprocess.Popen([program, *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        self.pid = self.process.pid

    def act(self):
        self.process.stdin.write("x")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def end(self):
        self.process.stdin.close()
        self.process.wait(TIMEOUT)


class Recording:
    """callgate record in the background; waits until it has begun."""

    def __init__(self, callgate, *words):
        self.file = "running.cgrec"
        if os.path.exists(self.file):
            os.remove(self.file)
        self.process = start([callgate, "record", "-o", self.file, *words])
        for _ in range(500):
            if os.path.exists(self.file) or self.process.poll() is not None:
                break
            time.sleep(0.01)
        time.sleep(0.1)

    def calls(self, outcome="done"):
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        return {name: (abi, int(count)) for abi, name, count in re.findall(
            rf"^call (\S+) \d+ (\S+) {outcome} \d+ \S+ \d+:(\d+)", text, re.MULTILINE)}

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self):
        output = self.process.communicate(timeout=TIMEOUT)[0]
        return self.process.returncode, output


def record_process(callgate, busy):
    process = Busy(busy, "child", "refused")
    recording = Recording(callgate, "--pid", str(process.pid))
    for _ in range(3):
        process.act()
    status, output = recording.end()
    calls, refused = recording.calls(), recording.calls("refused")
    check("a process: SIGINT ends it", status == 0, output)
    check("a process: its first thread is recorded, exactly",
          calls.get("setpriority") == ("x86_64", 3), calls)
    check("a process: so are its other threads, which ran before", "getpgid" in calls, calls)
    check("a process: so are its children", calls.get("getsid") == ("x86_64", 3), calls)
    check("a process: a call that its filter refuses is recorded as such, exactly",
          refused == {"umask": ("x86_64", 3)} and "umask" not in calls,
          f"{refused}\n{calls}")
    process.act()
    check("a process: it goes on", process.process.poll() is None)
    recording = Recording(callgate, "--pid", str(process.pid))
    process.end()
    status, output = recording.wait()
    check("a process: recording ends with it", status == 0 and
          "exit_group" in recording.calls(), output)
    recording = Recording(callgate, "--pid", str(process.pid))
    check("a process: one that has ended is not there", recording.wait()[0] == 3)


def own_filter(callgate, busy):
    recording = Recording(callgate, "--", "sh", "-c",
                          f"(sleep 0.2; echo; echo) | {busy} refused")
    status, output = recording.wait()
    check("a filter installed while it is recorded: what it refuses is recorded",
          recording.calls("refused") == {"umask": ("x86_64", 2)},
          f"{status}\n{output}\n{recording.calls('refused')}")
    for word, what in (("hasty", "the very next call"),
                       ("synchronous", "another thread's next call")):
        for _ in range(5):
            recording = Recording(callgate, "--", busy, word)
            status, output = recording.wait()
            refused = recording.calls("refused")
            is_right = status == 0 and (refused == {"umask": ("x86_64", 1)} or
                                        "calls may be missing" in output)
            if not is_right:
                break
        check(f"a filter installed while it is recorded: {what} is recorded",
              is_right, f"{status}\n{output}\n{refused}")


def killed_thread(callgate, busy):
    recording = Recording(callgate, "--", busy, "killed")
    status, output = recording.wait()
    check("a filter that kills a thread: the call is recorded as refused",
          status == 0 and recording.calls("refused") == {"umask": ("x86_64", 1)},
          f"{status}\n{output}\n{recording.calls('refused')}")


def without_first_thread(callgate, busy):
    process = Busy(busy, "leaderless")
    recording = Recording(callgate, "--pid", str(process.pid))
    status, output = recording.wait()
    process.end()
    check("a process whose first thread has ended: recorded, until it ends",
          status == 0 and {"getpgid", "exit_group"} <= recording.calls().keys(), output)


def greatest_value(callgate, busy):
    for backend in "ebpf", "notify":
        recording = Recording(callgate, "--backend", backend, "--", busy, "greatest")
        recording.wait()
        with open(recording.file, encoding="utf-8") as file:
            found = re.search(r"^call \S+ \d+ ptrace .*\n(.*)", file.read(), re.MULTILINE)
        check(f"{backend}: the greatest of all values is one", found and
              found[1] == "arg 0 set 0xffffffffffffffff", found and found[1])


def vsyscall(callgate, busy):
    """Filters are asked about such a call: who does not record it makes a policy too tight."""
    if subprocess.run([busy, "vsyscall"]).returncode:
        print("left out: this kernel has no vsyscall page")
        return
    for backend in "ebpf", "notify":
        recording = Recording(callgate, "--backend", backend, "--", busy, "vsyscall")
        recording.wait()
        check(f"{backend}: a call by the vsyscall page is recorded",
              recording.calls().get("time") == ("x86_64", 1), recording.calls())


def marker(callgate, busy):
    recording = Recording(callgate, "--from", "marker", "--", "sh", "-c",
                          "sleep 0.3; ls >/dev/null; sleep 0.5; mkdir made")
    time.sleep(0.3)
    recording.process.send_signal(signal.SIGUSR1)
    recording.wait()
    calls = recording.calls()
    check("from a marker: calls before do not count", "mkdir" in calls and
          "getdents64" not in calls, calls)


def cgroup_root():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words[2] == "cgroup2" and os.access(words[1], os.W_OK):
                return words[1]
    return None


def record_cgroup(callgate, busy):
    root = cgroup_root()
    if not root:
        print("left out: there is no cgroup2 to write to")
        return
    folder = os.path.join(root, f"callgate-test-{os.getpid()}")
    process = Busy(busy, "child", "refused")
    os.makedirs(os.path.join(folder, "below"))
    try:
        recording = Recording(callgate, "--cgroup", folder)
        process.act()
        with open(os.path.join(folder, "below", "cgroup.procs"), "w") as file:
            file.write(str(process.pid))
        process.act()
        process.act()
        with open(os.path.join(root, "cgroup.procs"), "w") as file:
            file.write(str(process.pid))
        process.act()
        # It may still be counted as populated for a moment.
        for _ in range(100):
            try:
                os.rmdir(os.path.join(folder, "below"))
                os.rmdir(folder)
                break
            except OSError:
                time.sleep(0.02)
        status, output = recording.wait()
        calls, refused = recording.calls(), recording.calls("refused")
        check("a cgroup: recording ends when it goes away", status == 0, output)
        check("a cgroup: what is in it is recorded, exactly, and nothing else",
              calls.get("setpriority") == ("x86_64", 2), calls)
        check("a cgroup: so are children there", calls.get("getsid") == ("x86_64", 2))
        check("a cgroup: so is what is refused", refused.get("umask") == ("x86_64", 2),
              refused)
    finally:
        process.end()


def make_cgroups(root, tree):
    """Returns their folders, those below last."""
    folders = []
    for path in tree:
        at = root
        for part in path.split("/"):
            at = os.path.join(at, part)
            if at not in folders:
                os.mkdir(at)
                folders.append(at)
    return folders


def remove_cgroups(folders):
    for folder in reversed(folders):
        for _ in range(100):
            try:
                os.rmdir(folder)
                break
            except OSError:  # still counted as populated, for a moment
                time.sleep(0.02)


def unit_meant(callgate, name):
    """The cgroup that is recorded, below the test's own; or what is said, and the status."""
    found = subprocess.run([callgate, "record", "--unit", name, "--duration", "1", "-o",
                            "unit.cgrec"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True)
    if found.returncode:
        return f"{found.returncode} {found.stdout.strip()}"
    with open("unit.cgrec", encoding="utf-8") as file:
        text = urllib.parse.unquote(file.read())
    return re.search(r" cgroup \S*?\.slice/(.*)", text)[1]


def record_unit(callgate, busy):
    """Folders such as systemd makes, wherever there is no systemd that has its own."""
    root = cgroup_root()
    if not root:
        print("left out: there is no cgroup2 to write to")
        return
    own = f"cgtest{os.getpid()}"
    manager = f"{own}.slice/{own}-user.slice/user@1.service"
    missing = "3 callgate record: there is no such unit, or it does not run: "
    wanted = {
        f"{own}a": f"{own}a.service",
        f"{own}a.service": f"{own}a.service",
        f"{own}-deep.slice": f"{own}-deep.slice",
        f"{own}@tty1": f"{own}-deep.slice/{own}@tty1.service",
        f"{own}-x\\x2dy.service": f"{own}-deep.slice/{own}-x\\x2dy.service",
        f"{own}3.11": f"{own}3.11.service",
        f"memory.{own}.service": f"_memory.{own}.service",
        f"{own}-b.scope": f"{own}-user.slice/user@1.service/app.slice/{own}-b.scope",
        f"{own}c": f"3 callgate record: several users have such a unit: give one's --cgroup "
                   f"instead: {own}c",
        f"{own}@tty2": f"{missing}{own}@tty2",
        f"{own}": f"{missing}{own}",
    }
    folders = make_cgroups(root, [
        f"{own}.slice/{path}" for path in wanted.values() if path[1] != " "] + [
        f"{manager}/app.slice/{own}a.service", f"{manager}/app.slice/{own}c.service",
        f"{own}.slice/{own}-user.slice/user@2.service/{own}c.service"])
    process = Busy(busy, "child")
    try:
        for name, path in wanted.items():
            found = unit_meant(callgate, name)
            check(f"a unit: {name.replace(own, 'NAME')}", found == path, found)
        recording = Recording(callgate, "--unit", f"{own}a")
        with open(os.path.join(root, f"{own}.slice", f"{own}a.service", "cgroup.procs"),
                  "w") as file:
            file.write(str(process.pid))
        process.act()
        process.end()
        remove_cgroups([folder for folder in folders
                        if folder.endswith(f"{own}.slice/{own}a.service")])
        status, output = recording.wait()
        check("a unit: is recorded, exactly, until it stops", status == 0 and
              recording.calls().get("setpriority") == ("x86_64", 1) and
              "exit_group" in recording.calls(), f"{output}{recording.calls()}")
    finally:
        process.end()
        remove_cgroups([folder for folder in folders if os.path.exists(folder)])


def record_user(callgate, busy):
    if os.getuid() != 0:
        return
    recording = Recording(callgate, "--user", "4242")
    subprocess.run(["setpriv", "--reuid", "4242", "--clear-groups", "mkdir", "not-allowed"],
                   stderr=subprocess.DEVNULL)
    subprocess.run(["rmdir", "nothing"], stderr=subprocess.DEVNULL)
    recording.end()
    calls = recording.calls()
    check("a user: what is his is recorded, and nothing else",
          calls.get("mkdir") == ("x86_64", 1) and "rmdir" not in calls, calls)


def other_abi(callgate, program32):
    if not program32:
        print("left out: there is no 32-bit program")
        return
    for backend in "ebpf", "notify":
        recording = Recording(callgate, "--backend", backend, "--", "sh", "-c",
                              f"{program32} || true")
        recording.wait()
        abis = {abi for abi, _ in recording.calls().values()}
        check(f"{backend}: a program of another ABI is followed", abis == {"x86_64", "i386"},
              abis)


FULL = """mount -t tmpfs -o size=64k none . && cd "$PWD" &&
echo old >app.gate && echo old >app.cgrec && cat /dev/zero >rest 2>/dev/null
export TMPDIR=$1
"$2" record -o app.gate -- true; echo "status $?"; cat app.gate app.cgrec"""


def full_disk(callgate):
    if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode:
        print("left out: nothing can be mounted")
        return
    os.mkdir("full")
    os.mkdir("elsewhere")
    found = subprocess.run(["unshare", "-m", "sh", "-c", FULL, "sh",
                            os.path.abspath("elsewhere"), callgate], cwd="full",
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    saved = os.listdir("elsewhere")
    check("a full disk: the old files stay, the recording is kept elsewhere",
          "No space left" in found.stdout and len(saved) == 1 and
          found.stdout.endswith("status 4\nold\nold\n") and
          saved[0] in found.stdout, f"{found.stdout}{saved}")


def told_before(callgate):
    """What would be in vain is not begun, and takes away nothing."""
    for words, status in ((["--default", "nonsense"], 2), (["-o", "no/where.gate"], 4),
                          (["-o", os.getcwd()], 4), (["--frequencies", "no/where"], 4)):
        found = subprocess.run([callgate, "record", *words, "--", "touch", "begun"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(f"{' '.join(words[:2])}: said before the program is started",
              found.returncode == status and not os.path.exists("begun"), found.stdout)
    for backend in "ebpf", "notify":
        with open("old.cgrec", "w", encoding="utf-8") as file:
            file.write("old")
        found = subprocess.run([callgate, "record", "--backend", backend, "-o", "old.gate",
                                "--", "./nothing"], stderr=subprocess.DEVNULL)
        with open("old.cgrec", encoding="utf-8") as file:
            check(f"{backend}: what cannot be started leaves the old recording",
                  found.returncode == 127 and file.read() == "old")


def full_output(callgate):
    os.makedirs("kept", exist_ok=True)
    with open("/dev/full", "w") as full:
        found = subprocess.run([callgate, "record", "--", "true"], stdout=full,
                               stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "TMPDIR": os.path.abspath("kept")})
    saved = os.listdir("kept")
    check("an output that is full: the recording is kept elsewhere",
          found.returncode == 4 and len(saved) == 1 and saved[0] in found.stderr,
          f"{found.stderr}{saved}")


def ignored_children(callgate):
    """Whoever ignores SIGCHLD bequeaths that, and nobody can wait for a program then."""
    for backend in "ebpf", "notify":
        process = start([callgate, "record", "--backend", backend, "-o", "ignored.gate", "--",
                         "grep", "SigIgn", "/proc/self/status"],
                        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        output = process.communicate(timeout=TIMEOUT)[0]
        ignored = re.search(r"SigIgn:\s*(\w+)", output)
        check(f"{backend}: SIGCHLD may be ignored, and is to the program as it was",
              process.returncode == 0 and ignored and
              int(ignored[1], 16) >> (signal.SIGCHLD - 1) & 1, output)


def endless(callgate):
    process = start([callgate, "record", "--duration", "1", "-o", "endless.gate", "--", "sh",
                     "-c", 'trap "" TERM; echo $$ >pid; exec sleep 60 >/dev/null 2>&1'])
    output = process.communicate(timeout=TIMEOUT)[0]
    check("a duration: ends before a program that does not", process.returncode == 0 and
          "does not end" in output and os.path.exists("endless.gate"), output)
    with open("pid", encoding="utf-8") as file:
        os.kill(int(file.read()), signal.SIGKILL)


def without_btf(callgate):
    """A kernel that does not describe itself, as far as can be seen in a mount namespace."""
    for status, words in ((0, ["--", "true"]), (4, ["--backend", "ebpf", "--", "true"]),
                          (4, ["--pid", "1", "--duration", "1"])):
        found = subprocess.run(["unshare", "-m", "sh", "-c",
                                'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh",
                                callgate, "record", "-o", "without.gate", *words],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if "mount:" in found.stdout or "unshare:" in found.stdout:
            print("left out: nothing can be mounted")
            return
        check(f"a kernel without BTF: {words[0]} ends with {status} and says why",
              found.returncode == status and
              "the kernel does not describe itself" in found.stdout, found.stdout)


def main():
    callgate, busy = map(os.path.abspath, sys.argv[1:3])
    program32 = os.path.abspath(sys.argv[3]) if sys.argv[3:] else None
    if not can_use_ebpf(callgate):
        skip("eBPF cannot be used")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.chmod(folder, 0o755)
        record_process(callgate, busy)
        own_filter(callgate, busy)
        killed_thread(callgate, busy)
        without_first_thread(callgate, busy)
        greatest_value(callgate, busy)
        vsyscall(callgate, busy)
        marker(callgate, busy)
        record_cgroup(callgate, busy)
        record_unit(callgate, busy)
        record_user(callgate, busy)
        other_abi(callgate, program32)
        full_disk(callgate)
        full_output(callgate)
        told_before(callgate)
        ignored_children(callgate)
        endless(callgate)
        without_btf(callgate)
        os.chdir("/")
    sys.exit(1 if failures else 0)


main()
