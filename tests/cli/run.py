#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of a .t file: what one types, and what one then sees.

    run.py CALLGATE FILE.t

    # the name of a case, a sentence
    $ a command for the shell
    > more lines of it
    what it prints, both streams in one
    [3]

A line "..." stands for any number of lines, "..." inside a line for any text, and a last
line "[N]" for the exit status, which is 0 when there is none. A case whose name ends in
"{needs X Y}" is left out where a program X or Y is missing. One that fails because the
build was made without something, and says so, is left out as well.

Each case runs in an empty directory of its own; `callgate` is the one of the build and
$TOP the source tree.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TIMEOUT = 60


class Case:
    def __init__(self, name, line):
        self.name, self.line = name, line
        self.command, self.expected, self.status = [], [], 0

    def missing(self):
        needs = re.search(r"\{needs ([^}]*)\}$", self.name)
        return [x for x in needs[1].split() if not shutil.which(x)] if needs else []


def read_cases(path):
    cases = []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line.startswith("# "):
                cases.append(Case(line[2:], number))
            elif line.startswith(("$ ", "> ")):
                cases[-1].command.append(line[2:])
            elif re.fullmatch(r"\[\d+\]", line):
                cases[-1].status = int(line[1:-1])
            elif line or (cases and cases[-1].expected):
                cases[-1].expected.append(line)
    cases = [case for case in cases if case.command]  # the rest are comments
    for case in cases:
        while case.expected and not case.expected[-1]:
            case.expected.pop()
    return cases


def line_matches(wanted, got):
    parts = wanted.split("...")
    return re.fullmatch(".*".join(map(re.escape, parts)), got, re.DOTALL) is not None


def matches(wanted, got):
    if not wanted:
        return not got
    if wanted[0] == "...":
        return any(matches(wanted[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and line_matches(wanted[0], got[0]) and matches(wanted[1:], got[1:])


def run(case, environment):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        result = subprocess.run(
            ["sh", "-c", "\n".join(case.command)],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False)
    got = result.stdout.decode(errors="replace").split("\n")
    if got[-1] == "":
        got.pop()
    return got, result.returncode


def main():
    callgate, path = map(os.path.abspath, sys.argv[1:3])
    environment = {
        "PATH": os.path.dirname(callgate) + ":" + os.environ["PATH"],
        "TOP": os.path.dirname(os.path.dirname(os.path.dirname(path))),
        "LC_ALL": "C", "TERM": "xterm", "HOME": "/", "ARGP_HELP_FMT": "rmargin=200",
    }
    failed = skipped = 0
    cases = read_cases(path)
    for case in cases:
        if case.missing():
            print(f"skipped: {case.name}: no {', '.join(case.missing())}")
            skipped += 1
            continue
        got, status = run(case, environment)
        if matches(case.expected, got) and status == case.status:
            continue
        without = re.search(r"this callgate was built without (\S+)", "\n".join(got))
        if without:
            print(f"skipped: {case.name}: built without {without[1]}")
            skipped += 1
            continue
        failed += 1
        print(f"{path}:{case.line}: {case.name}")
        print("\n".join("    $ " + line for line in case.command))
        print("\n".join("    " + line for line in got))
        print(f"    [{status}], wanted [{case.status}] and:")
        print("\n".join("    " + line for line in case.expected))
    print(f"{len(cases)} cases, {failed} failed, {skipped} skipped")
    if failed or not cases:
        sys.exit(1)
    sys.exit(77 if skipped == len(cases) else 0)


main()
