#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that make it hard to tell of their denials: explain_hostile.py CALLGATE PROGRAM

PROGRAM is hostile_program.c. Whatever it does, its calls are answered as the policy says,
which it sees to itself, and what is told of it may be shorter but is true.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

CALLGATE, PROGRAM = map(os.path.abspath, sys.argv[1:3])

# Its segments end in front of the names.
LIBRARY = """
#include <sys/stat.h>
__attribute__((noinline)) int first(void) { return mkdir("x", 0700) + 1; }
__attribute__((noinline)) int second(void) { return mkdir("y", 0700) + 2; }
"""
CUTTER = """
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>
int main(int count, char **words)
{
	void *library = dlopen(words[1], RTLD_NOW);
	int (*first)(void) = dlsym(library, "first"), fd = open(words[1], O_RDWR);
	int (*second)(void) = dlsym(library, "second");
	ElfW(Ehdr) header;
	ElfW(Phdr) part;
	long end = 0;
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header)) return 2;
	for (int i = 0; i < header.e_phnum; i++) {
		if (pread(fd, &part, sizeof(part), header.e_phoff + i * sizeof(part)) < 0)
			return 3;
		if (part.p_type == PT_LOAD) end = part.p_offset + part.p_filesz;
	}
	if (first() != 0) return 4;
	if (ftruncate(fd, end)) return 5;
	return second() != 1;
}
"""

failures = 0


def check(what, is_so, text=""):
    global failures
    print(f"{'ok' if is_so else 'FAILED'}: {what}", flush=True)
    if not is_so:
        failures += 1
        print(text)


def run(what, verdict="errno EXDEV", program=PROGRAM, before=()):
    """The status, what it printed, denials, the summary, all events."""
    done = subprocess.run(
        [*before, CALLGATE, "run", "--explain=json", "--explain-output=told", "-e",
         f"default allow; {verdict} mkdir", "--", program, what],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=200, check=False)
    with open("told", encoding="ascii") as file:
        events = [json.loads(line) for line in file]
    denials = [event for event in events if event["event"] == "denied"]
    summary = next((event for event in events if event["event"] == "summary"), {})
    if done.returncode:
        print(done.stdout[-300:], done.stderr[-300:])
    return done, denials, summary, events


def text_of(denial):
    return denial["call"]["text"]


def races():
    done, denials, summary, _ = run("races")
    check("memory that vanishes: each call is answered as it should be",
          done.returncode == 0, done)
    check("memory that vanishes: all are counted", summary.get("denials") == 3000,
          summary.get("denials"))
    # the path, cut or not, or the address where there was nothing to be read
    check("memory that vanishes: what is told has no control character", all(
        "\033" not in text_of(denial) for denial in denials))


def places():
    done, denials, summary, _ = run("places")
    if done.returncode == 77:
        print("skipped: places are made for x86-64 alone")
        return
    check("12,000 places: each call is answered as it should be", done.returncode == 0)
    check("12,000 places: all are counted", summary["denials"] == 12000 and
          sum(place["count"] for place in summary["places"]) + summary["elsewhere"] ==
          12000, (summary["denials"], summary["elsewhere"]))
    check("12,000 places: each is told of once, 10,000 of them at least",
          10000 <= len(denials) == len(summary["places"]),
          (len(denials), len(summary["places"])))


def tracers():
    done, denials, _, _ = run("tracer")
    check("a program that traces: the traced call is answered as it should be",
          done.returncode == 0, done)
    check("a program that traces: said that it was not stopped", len(denials) == 1 and
          denials[0]["registers"] == "traced by another", denials)
    done, _, _, events = run("trapped", "trap")
    check("a program that traces: a handler of SIGSYS runs once",
          done.stdout == b"SIGSYS\n", done)
    check("a program that traces: the signal is said to be a substitute", any(
        event["event"] == "substituted" and event["by"] == "tgkill"
        for event in events), events)


def filters():
    done, denials, summary, _ = run("filter")
    check("a filter of its own: both have their say", done.returncode == 0, done)
    check("a filter of its own: its denials are not told as ours",
          summary["denials"] == 1 and denials[0]["call"]["name"] == "mkdir", denials)
    done, denials, _, events = run("listener")
    check("a listener of its own: EBUSY, and the policy is as it was",
          done.returncode == 0 and len(denials) == 1, done)
    told = [event for event in events if event["event"] == "listener"]
    check("a listener of its own: told of once, with who asked and what came of it",
          len(told) == 1 and told[0]["program"] == "hostile_program" and
          told[0]["error"] == "EBUSY", events)
    done = subprocess.run(
        [CALLGATE, "run", "--explain", "-e", "default allow; errno EXDEV mkdir", "--",
         PROGRAM, "listener"], capture_output=True, text=True, check=False)
    check("a listener of its own: said in lines of 80 columns",
          "asks for a listener of its own" in done.stderr and
          "without --explain" in done.stderr and
          max(map(len, done.stderr.splitlines())) <= 80, done.stderr)
    done, denials, _, events = run("listener", "errno EPERM seccomp; errno EXDEV")
    check("a listener of its own that the policy denies: a denial like any other",
          done.returncode == 2 and denials[0]["call"]["name"] == "seccomp" and
          all(event["event"] != "listener" for event in events), events)


def without_names():
    static = os.path.abspath("static_program")
    compiler = shutil.which("gcc") or shutil.which("cc")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "hostile_program.c")
    if not compiler or subprocess.run(
            [compiler, "-O1", "-static", "-s", "-pthread", "-o", static, source],
            stderr=subprocess.DEVNULL, check=False).returncode:
        print("skipped: no stripped static program can be made")
        return
    done, denials, _, _ = run("plain", program=static)
    frames = denials[0]["stack"]["frames"]
    check("a stripped static program: answered, and told of", done.returncode == 0 and
          text_of(denials[0]) == 'mkdir("made", 0700)', denials)
    check("a stripped static program: addresses, and no made-up names",
          frames and all(frame["function"] is None for frame in frames), frames)


def cut_short():
    """A library without its end, which has the names, once they were looked at."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    with open("library.c", "w", encoding="ascii") as file:
        file.write(LIBRARY + "".join(
            f"int filler_with_a_name_{i}(void) {{ return {i}; }}\n" for i in range(3000)))
    with open("cutter.c", "w", encoding="ascii") as file:
        file.write(CUTTER)
    if not compiler or subprocess.run(
            f"{compiler} -g -O1 -shared -fPIC -o library.so library.c && "
            f"{compiler} -O1 -o cutter cutter.c", shell=True, check=False).returncode:
        print("skipped: no library can be made")
        return
    done, denials, summary, _ = run("./library.so", program="./cutter")
    check("a library that is cut short: each call is answered as it should be",
          done.returncode == 0, done)
    check("a library that is cut short: both calls are told of",
          summary["denials"] == 2 and
          denials[0]["stack"]["frames"][1]["function"] == "first", denials)


def without_proc():
    before = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
    if subprocess.run([*before, "true"], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        print("skipped: /proc cannot be taken away here")
        return
    done, denials, summary, _ = run("plain", before=before)
    check("without /proc: answered as it should be", done.returncode == 0, done)
    check("without /proc: the call and its rule are told", summary["denials"] == 1 and
          denials[0]["call"]["name"] == "mkdir" and denials[0]["rule"]["line"] == 1,
          denials)
    done, denials, _, _ = run("plain", "kill", before=before)
    check("without /proc: a kill kills", done.returncode in (-31, -9), done.returncode)


def main():
    if subprocess.run([CALLGATE, "run", "--explain", "-e", "default allow", "--", "true"],
                      check=False).returncode:
        print("this machine takes no filters")
        return 77
    races()
    places()
    tracers()
    filters()
    without_names()
    cut_short()
    without_proc()
    return 1 if failures else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        status = main()
        os.chdir("/")
    sys.exit(status)
