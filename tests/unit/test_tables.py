#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/tables.py: takes the tables of data/, and says where a broken one is wrong.

Usage: test_tables.py SOURCE_FOLDER
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1))


def cell(row, column, text):
    """An edit: the cell of the row that begins with a name."""
    def edit(lines):
        at = next(i for i, line in enumerate(lines) if line.startswith(row + "\t"))
        cells = lines[at].split("\t")
        cells[column] = text
        return lines[:at] + ["\t".join(cells)] + lines[at + 1:], at + 1
    return edit


def append(text):
    return lambda lines: (lines + [text], len(lines) + 1)


def repeat(row):
    def edit(lines):
        at = next(i for i, line in enumerate(lines) if line.startswith(row + "\t"))
        return lines[:at] + [lines[at]] + lines[at:], at + 2
    return edit


def without_comments(lines):
    rows = [line for line in lines if not line.startswith("#")]
    return rows, 2


CASES = {
    "refuses an argument of a family that is none": (
        "arguments", cell("af", 0, "ae"), "'ae' is neither a family nor call(argument)"),
    "refuses a way to keep that is none": (
        "arguments", cell("af", 1, "some"), "kept: none of no, set, bits"),
    "refuses what is kept of no argument": (
        "arguments", cell("modify_ldt(func)", 0, "modify_ldt(option)"),
        "no argument is kept by this row"),
    "refuses a version that is none": (
        "syscalls", cell("read", 1, "new"), "since: 'new' is not a version M.N"),
    "refuses a version after the newest kernel": (
        "syscalls", cell("read", 1, "99.0"), "newer than the newest kernel"),
    "refuses a call without help": (
        "syscalls", cell("read", 3, "-"), "help: wants a text"),
    "refuses help that fills the line": (
        "syscalls", cell("read", 3, "x" * 61), "help: wants a text of at most 60"),
    "refuses a call that is there twice": (
        "syscalls", repeat("read"), "name: 'read' is here twice"),
    "refuses a number that is taken": (
        "syscalls", cell("write", 4, "0"), "x86_64: 0 is read already"),
    "refuses a number that is none": (
        "syscalls", cell("write", 4, "one"), "x86_64: 'one' is not a number"),
    "refuses an exception for an unknown ABI": (
        "syscalls", cell("read", 2, "vax=1.0"), "'vax=1.0' is not ABI=VALUE"),
    "refuses a line with a cell too many": (
        "syscalls", cell("read", 1, "1.0\t1.0"), "columns"),
    "refuses a table that does not say how new it is": (
        "syscalls", without_comments, "no comment '# newest kernel: M.N'"),
    "refuses a prototype of an unknown call": (
        "prototypes", append("zzz\tint fd"), "there is no system call 'zzz'"),
    "refuses an argument of an unknown type": (
        "prototypes", cell("read", 1, "short fd"), "types.tsv has no 'short'"),
    "refuses an argument of an unknown family": (
        "prototypes", cell("read", 1, "int fd:nonsense"), "no family 'nonsense'"),
    "refuses an argument that is not C": (
        "prototypes", cell("read", 1, "fd"), "'fd' is not: type name"),
    "refuses two arguments of one name": (
        "prototypes", cell("read", 1, "int count"), "two arguments share a name"),
    "refuses a seventh argument": (
        "prototypes", cell("read", 0, "read" + "".join(f"\tint a{i}" for i in range(6))),
        "more than 6 arguments"),
    "refuses prototypes that are not in order": (
        "prototypes", append("read@i386\tint fd"), "not in order"),
    "refuses a 64-bit argument on a 32-bit ABI": (
        "prototypes", cell("mmap2", 1, "u64 addr"), "a 64-bit argument on i386"),
    "refuses an override for an unknown ABI": (
        "prototypes", append("writev@vax\tint fd"), "'vax' is neither an ABI nor 32"),
    "refuses a constant of an unknown family": (
        "constants", append("nonsense\tZZZ\t1\t-"), "there is no family 'nonsense'"),
    "refuses a name that has two values": (
        "constants", append("xattr\tAF_UNIX\t7\t-"), "name: 'AF_UNIX' is here twice"),
    "refuses a value wider than 64 bits": (
        "constants", append("xattr\tZZZ\t0x10000000000000000\t-"), "does not fit 64 bits"),
    "refuses a group with an unknown call": (
        "groups", cell("@sync", 2, "sink"), "there is no system call 'sink'"),
    "refuses a group with an unknown group": (
        "groups", cell("@sync", 2, "@sink"), "there is no group '@sink'"),
    "refuses a group that contains itself": (
        "groups", cell("@sync", 2, "sync @sync"), "@sync contains itself"),
    "refuses a call that is in no group": (
        "groups", cell("@sandbox", 2, "seccomp"), "landlock_add_rule is in no group"),
    "refuses a reason for a call that has a group": (
        "groups", append("-\tnone\tread"), "read is in a group, and here"),
    "refuses one name for two ABIs": (
        "abis", cell("i386", 1, "amd64"), "'amd64' names two ABIs"),
    "refuses a multiplexer that is no call": (
        "multiplexed", cell("socket", 1, "sockets"), "no system call 'sockets'"),
    "refuses a kind of family that is none": (
        "families", cell("af", 1, "list"), "kind: neither enum nor flags"),
}
# Found in another row than the one that is wrong.
ELSEWHERE = {"refuses a call that is in no group", "refuses a number that is taken"}


class TablesTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copytree(SOURCE / "data", self.folder / "data")

    def make(self):
        return subprocess.run(
            [sys.executable, SOURCE / "tools" / "tables.py", self.folder / "data",
             self.folder / "tables.c"], capture_output=True, text=True, check=False)

    def test_takes_the_tables_and_makes_the_same_of_them_twice(self):
        made = []
        for _ in range(2):
            done = self.make()
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            made.append((self.folder / "tables.c").read_bytes())
        self.assertEqual(made[0], made[1])

    def test_says_where_a_table_is_wrong(self):
        for name, (table, edit, message) in CASES.items():
            with self.subTest(name):
                path = self.folder / "data" / f"{table}.tsv"
                good = path.read_text(encoding="utf-8")
                lines, at = edit(good.splitlines())
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
                done = self.make()
                path.write_text(good, encoding="utf-8")
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stderr)
                place = str(path) if name in ELSEWHERE else f"{path}:{at}: "
                self.assertTrue(done.stderr.startswith(place), done.stderr)


if __name__ == "__main__":
    unittest.main()
