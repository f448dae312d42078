#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every function of the public headers has a page in section 3 and is called by a test.

    functions.py MAN-FOLDER TESTS-FOLDER HEADER...

A page that only leads to another counts when that one tells of the function: in NAME, with
its prototype, and in DESCRIPTION.
"""

import os
import re
import shutil
import subprocess
import sys

DECLARED = re.compile(r"CALLGATE_API [^;(]*?\b(callgate_\w+) ?\(")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def calls(folder):
    """The functions that files below the folder call."""
    found = set()
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith((".c", ".cpp")):
                found.update(re.findall(r"\b(callgate_\w+)\(", read(place, name)))
                # those that a table of cases names
                found.update(re.findall(r"[&,{=(]\s*(callgate_\w+)\b", read(place, name)))
    return found


def page_of(folder, function):
    try:
        text = read(folder, function + ".3")
        link = re.match(r"\.so man3/(\S+)\n", text)
        return read(folder, link[1]) if link else text
    except OSError:
        return ""


def complaints(folder, function):
    page = page_of(folder, function)
    if not page:
        yield "has no page"
        return
    sections = dict(re.findall(r"^\.SH ([A-Z ]+)\n(.*?)(?=^\.SH |\Z)", page,
                               re.MULTILINE | re.DOTALL))
    for title in ("NAME", "SYNOPSIS", "DESCRIPTION"):
        if not re.search(rf"\b{function}\b", sections.get(title, "")):
            yield f"is not in {title} of its page"


def is_sound(folder, page):
    """The formatter, where there is one, has nothing to say against a page."""
    if not shutil.which("groff"):
        return True
    said = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z",
                           os.path.join(folder, page)],
                          capture_output=True, text=True, check=False)
    if said.stderr:
        print(f"{page}: {said.stderr.strip()}")
    return not said.stderr


def main():
    folder, tests, *headers = sys.argv[1:]
    functions = [name for header in headers for name in DECLARED.findall(read(header))]
    called = calls(tests)
    good = bool(functions)
    for function in functions:
        wrong = list(complaints(folder, function))
        if function not in called:
            wrong.append("is called by no test")
        for complaint in wrong:
            print(f"{function} {complaint}")
        good &= not wrong
    for page in sorted(name for name in os.listdir(folder) if name.endswith(".3")):
        if not read(folder, page).startswith(".so "):
            good &= is_sound(folder, page)
    print(f"{len(functions)} functions, each with a page and a test" if good else "")
    sys.exit(0 if good else 1)


main()
