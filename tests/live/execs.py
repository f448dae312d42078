#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""callgate watch tells of every program that begins, under filters or without.

    execs.py CALLGATE CALLER [PROGRAM32]

What a shell and its children execute is held against what strace(1) saw of them; what is
out of the ordinary (scripts, files without a name, threads, set-user-ID, other ABIs,
failures) is done one by one. Exit status 77: eBPF cannot be used here.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from watching import Test, Watch, check_schema, skip_in_chroot

NOBODY = 65534
EXECS = "confined-exec,unconfined-exec"


def write_program(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


def in_child(act):
    """Runs it in a child, which it is to replace; returns the child's id."""
    child = os.fork()
    if not child:
        try:
            act()
        except OSError:
            pass
        os._exit(0)
    os.waitpid(child, 0)
    return child


def from_thread(program):
    thread = threading.Thread(target=os.execv, args=(program, [program]))
    thread.start()
    thread.join()


def from_memory(program):
    file = os.memfd_create("a name")
    with open(program, "rb") as source:
        os.write(file, source.read())
    os.execve(file, [program], {})


def as_nobody(program):
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    os.execv(program, [program])


def fail_to_execute(folder):
    """None of these begins, and the last one does."""
    for path in (folder, os.path.join(folder, "none"),
                 write_program(os.path.join(folder, "empty"), ""),
                 write_program(os.path.join(folder, "bad"), "#!/nowhere\n")):
        try:
            os.execv(path, [path])
        except OSError:
            pass
    os.execv("/bin/true", ["true"])


# --- one by one ------------------------------------------------------------------------


class Ways:
    """Children that execute something, and what is to be seen of each."""

    def __init__(self, test):
        self.test = test
        self.wanted = {}  # of a child: [(pathname, path, user, is_compat)]

    def add(self, act, *wanted):
        self.wanted[in_child(act)] = list(wanted)

    def run(self, program32):
        folder, true = self.test.folder, os.path.realpath("/bin/true")
        script = write_program(os.path.join(folder, "script"), "#!/bin/sh\n:\n")
        outer = write_program(os.path.join(folder, "outer"), f"#!{script} word\n")
        link = os.path.join(folder, "link")
        os.symlink("/bin/true", link)
        shell = os.path.realpath("/bin/sh")
        self.add(lambda: os.execv(true, ["true"]), (true, true, 0, False))
        self.add(lambda: os.execv(link, ["true"]), (link, true, 0, False))
        self.add(lambda: os.execv(script, ["a"]), (script, shell, 0, False))
        self.add(lambda: os.execv(outer, ["a"]), (outer, shell, 0, False))
        self.add(lambda: fail_to_execute(folder), ("/bin/true", true, 0, False))
        self.add(lambda: from_thread(true), (true, true, 0, False))
        self.add(lambda: from_memory(true), (None, "/memfd:a name", 0, False))
        own = os.path.join(folder, "set-user-id")
        shutil.copy(true, own)
        os.chmod(own, 0o4755)
        self.add(lambda: as_nobody(own), (own, own, NOBODY, False))
        if program32:
            self.add(lambda: os.execv(program32, [program32]),
                     (program32, program32, 0, True))

    def check(self, events):
        wrong = []
        for child, wanted in self.wanted.items():
            seen = [(e["args"][0]["value"], e["executable"]["path"], e["userId"],
                     e["contextFlags"]["isCompat"])
                    for e in events if e["hostProcessId"] == child]
            if len(seen) == 1 and wanted[0][0] is None:  # no name was given
                seen[0] = (None, *seen[0][1:])
            if seen != wanted:
                wrong.append((wanted, seen))
        self.test.is_("each is seen once, as what it is", [], wrong)
        ours = [e for e in events if e["hostProcessId"] in self.wanted]
        self.test.is_("... as its process, not as the thread that did it", [],
                      [e for e in ours if e["hostThreadId"] != e["hostProcessId"]])
        self.test.is_("... without a filter", {("unconfined-exec", "disabled", 0)},
                      {(e["eventName"], e["callgate"]["mode"], e["callgate"]["filters"])
                       for e in ours})
        self.test.is_("... by the number of its ABI's execve",
                      {("59", False), ("11", True)} if any(
                          wanted[0][3] for wanted in self.wanted.values())
                      else {("59", False)},
                      {(e["eventId"], e["contextFlags"]["isCompat"]) for e in ours})


# --- a shell under strace ----------------------------------------------------------------


def read_strace(prefix, folder):
    """Every exec that succeeded: (thread, what was given)."""
    found = []
    for file in os.listdir(folder):
        if not file.startswith(prefix):
            continue
        with open(os.path.join(folder, file), encoding="utf-8", errors="replace") as lines:
            for line in lines:
                match = re.match(r'execve\("([^"]*)".*\) += 0$', line)
                if match:
                    found.append((int(file.rsplit(".", 1)[1]), match[1]))
    return sorted(found)


def run_shell(test, name, prefix):
    script = write_program(os.path.join(test.folder, "many"), """#!/bin/sh
for i in 1 2 3; do /bin/true & done
wait
/bin/echo a | cat | (read a; exec /usr/bin/env true)
/nowhere 2>/dev/null; sh -c 'sh -c /bin/true'
find /bin/true -exec /bin/true {} \\; -exec sh -c : \\;
""")
    subprocess.run(["strace", "-ff", "-o", os.path.join(test.folder, name), "-e",
                    "trace=execve,execveat", *prefix, "sh", script], check=True,
                   stdout=subprocess.DEVNULL)
    return read_strace(name, test.folder)


def check_shell(test, wanted, events, confined):
    """`confined`: the threads' execs from the first under a filter on."""
    threads = {thread for thread, _ in wanted}
    seen = [e for e in events if e["hostThreadId"] in threads]
    test.is_("what a shell executes is what strace saw", wanted,
             sorted((e["hostThreadId"], e["args"][0]["value"]) for e in seen))
    # The first one is callgate run itself, which then confines itself.
    first = 1 if confined else 0
    kinds = [e["eventName"] for e in sorted(seen, key=lambda e: e["timestamp"])]
    test.is_("... under filters or not",
             ["unconfined-exec"] * first +
             [("confined-exec" if confined else "unconfined-exec")] * (len(seen) - first),
             kinds)


def main():
    skip_in_chroot()
    callgate, caller = (os.path.abspath(word) for word in sys.argv[1:3])
    program32 = os.path.abspath(sys.argv[3]) if sys.argv[3:] else None
    if os.getuid():
        print("skipped: not root")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        test = Test(callgate, caller, folder)
        ways = Ways(test)
        watch = Watch(callgate, folder, events=EXECS)
        try:
            ways.run(program32)
            plain = run_shell(test, "plain", [])
            fenced = run_shell(test, "fenced", [
                callgate, "run", "-e", "default allow; errno EXDEV mkdir", "--"])
        except BaseException:
            watch.process.kill()
            raise
        status, lines = watch.end()
        test.is_("SIGINT ends it", 0, status)
        check_schema(test, lines)
        events = [e for e in lines if "eventName" in e]
        ways.check(events)
        check_shell(test, plain, events, False)
        check_shell(test, fenced, events, True)
    return test.failures != 0


if __name__ == "__main__":
    sys.exit(main())
