#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the manual against the command: man.py CALLGATE FOLDER

Every command has a page, every option of its --help is in the page in the same words and
in the same order, and no page tells of an option that there is not. The commands of
callgate(1) are those of `callgate --help`.
"""
import json
import os
import re
import subprocess
import sys

BUILT_IN = ("-?", "--usage")  # in callgate(1) alone


def help_of(callgate, *words):
    environment = dict(os.environ, ARGP_HELP_FMT="rmargin=500", LC_ALL="C")
    return subprocess.run([callgate, *words, "--help"], env=environment, check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def options_of_help(text):
    lines = (re.fullmatch(r" +(-.*?) {1,}([A-Z(a-z].*)", line)
             for line in text.splitlines() if line.lstrip().startswith("-"))
    return [(m[1].strip(), m[2]) for m in lines if m]


def plain(text):
    return re.sub(r"\\(.)|[*_]", lambda found: found[1] or "", text)


def section(page, title):
    found = re.search(rf"^# {title}\n\n(.*?)(?=^# |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def entries(text):
    return [(plain(head), plain(" ".join(line.strip() for line in body.splitlines())))
            for head, body in re.findall(r"^(\S.*)\n((?:\t.*\n)+)", text, re.MULTILINE)]


def read(folder, name):
    with open(os.path.join(folder, name + ".1.scd")) as file:
        return file.read()


def compare(what, wanted, got):
    for entry in wanted:
        if entry not in got:
            print(f"{what}: the manual lacks: {entry}")
    for entry in got:
        if entry not in wanted:
            print(f"{what}: the manual invents: {entry}")
    if sorted(wanted) == sorted(got) and wanted != got:
        print(f"{what}: the order differs")
    return wanted == got


def check_command(callgate, folder, name, summary):
    page = read(folder, "callgate-" + name)
    wanted = [o for o in options_of_help(help_of(callgate, name))
              if not o[0].startswith(BUILT_IN)]
    is_same = compare(name, wanted, entries(section(page, "OPTIONS")))
    return compare(name, [f"callgate-{name} - {summary}"],
                   [section(page, "NAME").strip()]) and is_same


def check_findings(callgate, folder):
    """The codes of an audit, as its SARIF lists them."""
    told = subprocess.run([callgate, "audit", "--sarif", "-e", "allow read"], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if "built without" in told.stderr:
        print("skipped: the codes of findings:", told.stderr.strip())
        return True
    document = json.loads(told.stdout)
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    page = read(folder, "callgate-audit")
    return compare("findings", [(r["id"], r["shortDescription"]["text"]) for r in rules],
                   entries(section(page, "FINDINGS")))


def main():
    callgate, folder = sys.argv[1:3]
    text = help_of(callgate)
    commands = re.findall(r"^  ([a-z]\S*) +(.*)$", text, re.MULTILINE)
    page = read(folder, "callgate")
    good = compare("callgate", options_of_help(text), entries(section(page, "OPTIONS")))
    good &= compare("callgate", [(n, f"{s}; callgate-{n}(1)") for n, s in commands],
                    entries(section(page, "COMMANDS")))
    for name, summary in commands:
        good &= check_command(callgate, folder, name, summary)
    good &= check_findings(callgate, folder)
    print(f"{len(commands)} commands")
    sys.exit(0 if good and commands else 1)


main()
