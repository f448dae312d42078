#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns data/structures.tsv and data/targets.tsv into the C tables of src/explain.

Usage: targets.py DATA_FOLDER OUTPUT.c

src/explain/targets.h describes the output. A row that no argument of prototypes.tsv fits
is refused, as is whatever another table does not know.
"""

import re
import sys
from pathlib import Path

from tsv import Table, TableError, main_guard, read_ragged

SCALARS = ["u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "long", "ulong", "size",
           "ptr"]
PLAIN = ["path", "string", "strings", "vars", "int", "ulong", "octal", "hex", "decimal",
         "signed", "fd", "address", "device", "limit", "mode", "fcntl", "prctl", "ioctl",
         "protocol"]
MEASURED = ["bytes", "sockaddr", "sigset"]
HOW = re.compile(r"(\w+)(?:\((\w+)\)|\[(\w+)\])?")


class Targets:
    """Reads and checks both tables."""

    def __init__(self, folder):
        self.folder = Path(folder)
        families = Table.read(self.folder / "families.tsv").rows
        self.families = {row["family"] for row in families}
        self.structures = {}
        self.members = []
        self.rows = []

    def how(self, row, text, names):
        match = HOW.fullmatch(text)
        if not match:
            row.refuse(f"'{text}' is not: how, how(LENGTH) or how[COUNT]")
        word, length, count = match.groups()
        measure = length or count
        if measure and not measure.isdigit() and measure not in names:
            row.refuse(f"'{text}': there is no '{measure}'")
        fixed = int(measure) if measure and measure.isdigit() else 0
        name = f'"{measure}"' if measure and not fixed else "NULL"
        if word in PLAIN and not measure:
            return "{ HOW_%s, 0, 0, NULL }" % word.upper()
        if word in MEASURED and length:
            return "{ HOW_%s, 0, %d, %s }" % (word.upper(), fixed, name)
        if word not in self.structures:
            row.refuse(f"'{text}': there is no such way, nor such a structure")
        kind = "ARRAY" if count else "STRUCTURE"
        return "{ HOW_%s, %d, %d, %s }" % (kind, self.structures[word], fixed, name)

    def member(self, row, cell, names):
        match = re.fullmatch(r"(\w+) (\w+)(?::(\w+))?(?:=(\S+))?", cell)
        if not match:
            row.refuse(f"'{cell}' is not: type name[:family][=how]")
        kind, name, family, how = match.groups()
        if kind not in SCALARS and kind not in self.structures:
            row.refuse(f"there is no type '{kind}'")
        if family and family not in self.families:
            row.refuse(f"there is no family '{family}'")
        nested = kind in self.structures
        return '{ "%s", %s, MEMBER_%s, %d, %s }' % (
            name, f'"{family}"' if family else "NULL",
            "STRUCTURE" if nested else kind.upper(),
            self.structures[kind] if nested else 0,
            self.how(row, how, names) if how else "{ 0 }")

    def read_structures(self):
        lines = read_ragged(self.folder / "structures.tsv")
        lines.pop("structure", None)
        for name, row in lines.items():
            names = [cell.split(" ")[-1].split(":")[0].split("=")[0]
                     for cell in row["cells"]]
            members = [self.member(row, cell, names) for cell in row["cells"]]
            self.structures[name] = len(self.structures)
            self.rows.append('{ "%s", %d, %d }' % (name, len(self.members), len(members)))
            self.members += members

    def read_prototypes(self):
        """[(call, type, name, names of its arguments)]"""
        found = []
        lines = read_ragged(self.folder / "prototypes.tsv")
        lines.pop("call", None)
        for key, row in lines.items():
            cells = [re.fullmatch(r"(.*?[ *])(\w+)(?:\|\w+)?(?::\w+)?", cell)
                     for cell in row["cells"]]
            names = [cell[2] for cell in cells]
            found += [(key.split("@")[0], c[1].strip(), c[2], names) for c in cells]
        return found

    def read_targets(self):
        arguments = self.read_prototypes()
        out = []
        for row in Table.read(self.folder / "targets.tsv").rows:
            mine = [a for a in arguments
                    if fits(row["call"], a[0]) and row["type"] in ("*", a[1])
                    and row["name"] in ("*", a[2])]
            if not mine:
                row.refuse("no argument of a call fits")
            names = set.intersection(*(set(a[3]) for a in mine))
            out.append("{ %s, %s, %s, %s }" % (
                quoted(row["call"]), quoted(row["type"]), quoted(row["name"]),
                self.how(row, row["how"], names)))
        return out

    def source(self):
        self.read_structures()
        targets = self.read_targets()
        parts = ["/* Made by tools/targets.py out of data/; do not edit. */",
                 '#include "explain/targets.h"', ""]
        for declaration, rows in (("struct target targets_table", targets),
                                  ("struct structure targets_structures", self.rows),
                                  ("struct member targets_members", self.members)):
            body = "".join(f"\t{row},\n" for row in rows)
            parts.append(f"const {declaration}[] = {{\n{body}}};\n")
        parts.append(f"const size_t targets_count = {len(targets)};\n")
        return "\n".join(parts)


def fits(pattern, name):
    if pattern.startswith("*"):
        return name.endswith(pattern[1:])
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return pattern == name


def quoted(text):
    return "NULL" if text == "*" else f'"{text}"'


def main():
    if len(sys.argv) != 3:
        raise TableError("usage: targets.py DATA_FOLDER OUTPUT.c")
    Path(sys.argv[2]).write_text(Targets(sys.argv[1]).source(), encoding="utf-8")


if __name__ == "__main__":
    main_guard(main)
