#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What libcallgate-explain makes of the calls of real programs.

    explained.py calls EXPLAIN_CALLS FORTY_CALLS     the same texts as strace(1)
    explained.py stacks EXPLAIN_CALLS                the right functions

Exit status 77: something that is needed is missing; a kind of program that cannot be built
here is left out, and said.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

C = r"""
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noinline)) int inner(const char *path) { return mkdir(path, 0700) + 1; }
__attribute__((noinline)) int outer(const char *path) { return inner(path) + 1; }
void *in_thread(void *path) { outer(path); return NULL; }
int main(int count, char **words)
{
	const char *how = count > 1 ? words[1] : "";
	pthread_t thread;
	if (strcmp(how, "thread") == 0) {
		pthread_create(&thread, NULL, in_thread, "/nonexistent/x");
		pthread_join(thread, NULL);
	} else if (strcmp(how, "vfork") == 0) {
		pid_t child = vfork();
		if (child == 0) { outer("/nonexistent/x"); _exit(0); }
		waitpid(child, NULL, 0);
	} else if (strcmp(how, "chroot") == 0) {
		if (chroot(words[2]) || chdir("/")) return 77;
		execl("/program", "program", NULL);
		return 77;
	} else
		outer("/nonexistent/x");
	return 0;
}
"""

CPP = r"""
#include <string>
#include <sys/stat.h>
namespace space {
struct folder {
	std::string path;
	__attribute__((noinline)) int make(int mode) const { return mkdir(path.c_str(), mode) + 1; }
};
}
int main() { space::folder one{"/nonexistent/x"}; return one.make(0700) - one.make(0700); }
"""

GO = """
package main
import "os"
//go:noinline
func makeFolder(path string) { os.Mkdir(path, 0700) }
func main() { makeFolder("/nonexistent/x") }
"""


def frames(tool, *command):
    """The functions of the first mkdir or mkdirat, the note, and all of it."""
    for call in ("mkdir", "mkdirat"):
        text = subprocess.run([tool, "--stack", call, *command], check=False, timeout=60,
                              capture_output=True, text=True).stdout
        found, note = [], ""
        for line in text.splitlines()[1:]:
            if not line.startswith("  "):
                break
            if line.startswith("  note: "):
                note = line[8:]
            elif re.fullmatch(r"  \*?.+ \S+( \S+:\d+)?( system)?", line):
                found.append(line.strip().partition(" ")[0])
        if found:
            return found, note, text
    return [], "", text


class Stacks:
    def __init__(self, tool):
        self.tool, self.failed = tool, 0

    def expect(self, what, names, *command, whole=True):
        found, note, text = frames(self.tool, *command)
        starred = [name[1:] for name in found if name.startswith("*")]
        plain = [name.lstrip("*") for name in found]
        places = [next((i for i, name in enumerate(plain) if name.endswith(wanted)), -1)
                  for wanted in names]
        good = -1 not in places and places == sorted(places) \
            and starred == [plain[places[0]]] and not (whole and note)
        print(f"{'ok' if good else 'FAILED'}: {what}")
        if not good:
            self.failed += 1
            print(f"  wanted {names}\n{text}")

    def build(self, name, source, *compiler):
        if not shutil.which(compiler[0]):
            print(f"left out: {name}: no {compiler[0]}")
            return False
        suffix = {"g++": ".cpp", "go": ".go"}.get(compiler[0], ".c")
        with open("source" + suffix, "w", encoding="utf-8") as file:
            file.write(source)
        words = [*compiler, "-o", name, "source" + suffix]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"left out: {name}: {done.stderr.splitlines()[-1:]}")
        return not done.returncode

    def run(self):
        if not self.build("program", C, "gcc", "-O1", "-g", "-pthread"):
            sys.exit(77)
        self.expect("a program", ["inner", "outer", "main"], "./program")
        self.expect("a thread", ["inner", "outer", "in_thread"], "./program", "thread")
        self.expect("a child by vfork", ["inner", "outer", "main"], "./program", "vfork")
        if self.build("static", C, "gcc", "-O1", "-pthread", "-static"):
            self.expect("a static program", ["mkdir", "inner", "outer", "main"], "./static")
            self.chroot()
            subprocess.run(["strip", "static"], check=True)
            self.stripped()
        if self.build("program32", C, "gcc", "-m32", "-O1", "-pthread"):
            self.expect("a 32-bit program", ["inner", "outer", "main"], "./program32",
                        whole=False)
        if self.build("cpp", CPP, "g++", "-O1"):
            self.expect("a C++ program", ["space::folder::make(int)", "main"], "./cpp")
        if self.build("golang", GO, "go", "build"):
            self.expect("a Go program", ["syscall.Syscall6",
                        "main.makeFolder", "main.main"], "./golang", whole=False)
        return self.failed == 0

    def chroot(self):
        os.mkdir("root")
        shutil.copy("static", "root/program")
        if os.geteuid() == 0:
            self.expect("a program in another root", ["mkdir", "inner", "outer", "main"],
                        "./static", "chroot", "root")

    def stripped(self):
        found, note, text = frames(self.tool, "./static")
        good = bool(found) and all(name in ("?", "*?") for name in found)
        print(f"{'ok' if good else 'FAILED'}: a stripped static program: {len(found)} "
              f"frames without names ({note})")
        self.failed += not good
        if not good:
            print(text)


def calls_of(text, ours):
    """The calls between the two getppid()."""
    lines = [line if ours else re.sub(r" +=? *= .*$", "", line)
             for line in text.splitlines()]
    lines = [line for line in lines if line]
    first, last = [i for i, line in enumerate(lines) if line == "getppid()"][-2:]
    return lines[first + 1:last]


def ordered(text):
    """With flags in one order, for strace has its own."""
    return re.sub(r"\w+(?:\|\w+)+", lambda m: "|".join(sorted(m[0].split("|"))), text)


def same_as_strace(tool, program):
    if not shutil.which("strace"):
        print("strace is not installed")
        sys.exit(77)
    theirs = subprocess.run(["strace", "-o", "/dev/stdout", program], check=False,
                            capture_output=True, text=True, timeout=60).stdout
    if "getppid()" not in theirs:
        print("strace may not trace here")
        sys.exit(77)
    ours = subprocess.run([tool, program], check=False, capture_output=True, text=True,
                          timeout=60).stdout
    theirs, ours = calls_of(theirs, False), calls_of(ours, True)
    wrong = 0
    for their, our in zip(theirs, ours):
        if ordered(their) != ordered(our):
            wrong += 1
            print(f"strace:   {their}\ncallgate: {our}")
    print(f"{len(ours)} calls, {wrong} differ")
    return wrong == 0 and len(theirs) == len(ours) and len(ours) > 40


def main():
    what, tool, *rest = sys.argv[1:]
    tool = os.path.abspath(tool)
    rest = [os.path.abspath(word) for word in rest]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        good = same_as_strace(tool, *rest) if what == "calls" else Stacks(tool).run()
        os.chdir("/")
    sys.exit(0 if good else 1)


main()
