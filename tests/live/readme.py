#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The two-minute tour of README.md, typed: every command prints what it says there.

    readme.py CALLGATE PROBE README.md [--update]

Numbers may be others, since they change with the compiler and the machine. --update
writes what the commands print today into the file instead.
"""

import os
import re
import subprocess
import sys
import tempfile


def blocks(text):
    """The fenced blocks of the text, without their fences."""
    return re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(block):
    """(command, output) pairs of a block that begins with a prompt."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def without_numbers(text):
    return re.sub(r"0x[0-9a-f]+|\d+(\.\d+)*", "N", text)


def prepare(policy):
    """Writes the files that the commands are about."""
    with open("notes.gate", "w", encoding="utf-8") as file:
        file.write(policy)
    with open("typo.gate", "w", encoding="utf-8") as file:
        file.write(policy.replace("execve", "exceve").replace("AF_UNIX", "AF_UNX"))


def type_all(sessions, path):
    """(command, what it should print, what it prints) of every command."""
    for block in sessions:
        for command, wanted in commands(block):
            result = subprocess.run(
                command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, env={"PATH": path, "LC_ALL": "C"}, timeout=60, check=False)
            yield command, wanted, result.stdout


def main():
    callgate, probe, readme = map(os.path.abspath, sys.argv[1:4])
    permitted = subprocess.run([probe, "--permitted"], capture_output=True, text=True)
    if permitted.returncode != 0:
        print(permitted.stdout)
        sys.exit(77)
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    policy, *sessions = blocks(text)
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        prepare(policy)
        path = f"{os.path.dirname(callgate)}:/usr/bin:/bin"
        for command, wanted, got in type_all(sessions, path):
            count += 1
            text = text.replace(f"$ {command}\n{wanted}", f"$ {command}\n{got}")
            if without_numbers(got) != without_numbers(wanted):
                failed += 1
                print(f"$ {command}\n{got}wanted:\n{wanted}")
    if sys.argv[4:] == ["--update"]:
        with open(readme, "w", encoding="utf-8") as file:
            file.write(text)
    print(f"{count} commands, {failed} failed")
    sys.exit(1 if failed or not count else 0)


main()
