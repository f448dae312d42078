#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Brings the numbers of data/syscalls.tsv up to date.

Numbers come from the kernel headers of each ABI of data/abis.tsv and, for calls newer
than the headers, from a table of numbers (--reference; columns by ABI, PNR: absent).
What people wrote (since, exceptions, help) stays; a new call starts with the version
of --kernel and an empty help line, which tools/tables.py refuses until it is filled.
Where headers and reference disagree about a number, nothing is written.
"""

import argparse
import re

from headers import Headers
from tsv import Table, TableError, main_guard

PERSONAL = ["name", "since", "exceptions", "help"]
NOT_CALLS = re.compile(r"^(Linux|Linux_syscalls|.*_Linux_syscalls|syscalls|syscall_count"
                       r"|arch_specific_syscall|SYSCALL_BASE|OABI_SYSCALL_BASE"
                       r"|BASE|SYSCALL_MASK|reserved\d+|unused\d+)$")


def numbers_of_headers(abi, sysroot):
    """{call: number without the ABI's base}"""
    if abi["headers"].startswith("="):
        return {}
    headers = Headers(abi, sysroot)
    prefixes = r"__(?:ARM_)?NR_"
    macros = [n for n in headers.names(["asm/unistd.h"])["asm/unistd.h"]
              if re.match(prefixes, n)]
    result = {}
    taken = set()  # a second name of a number is an alias
    for macro, value in headers.values(["asm/unistd.h"], {m: m for m in macros}).items():
        call = re.sub(prefixes, "", macro)
        if not NOT_CALLS.match(call) and value not in taken:
            result[call] = value - abi.integer("base")
            taken.add(value)
    return result


def numbers_of_reference(path, column):
    result = {}
    for row in Table.read(path).rows:
        if row[column] != "PNR":
            result[row["name"]] = row.integer(column)
    return result


def numbers_of_table(table, abi):
    """What the table has already: a call keeps its number for ever."""
    if abi not in table.columns:
        return {}
    return {row["name"]: row.integer(abi) for row in table.rows if row[abi] != "-"}


def merge(abi, known, more):
    for call, number in more.items():
        if known.setdefault(call, number) != number:
            raise TableError(f"{abi['name']}: {call} is {known[call]} and {number};"
                             " headers, table and reference must agree")
    return known


def newest(table, kernel):
    """The version of the first comment "newest kernel: M.N", replaced by --kernel."""
    table.comments = [c for c in table.comments if not c.startswith("newest kernel: ")
                      ] + [f"newest kernel: {kernel}"]


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--abis", default="data/abis.tsv")
    parser.add_argument("--table", default="data/syscalls.tsv")
    parser.add_argument("--sysroot", default="/usr", help="holds TRIPLET/include")
    parser.add_argument("--reference", help="numbers of calls newer than the headers")
    parser.add_argument("--kernel", required=True, help="M.N that the facts are of")
    return parser.parse_args()


def main():
    args = options()
    table = Table.read(args.table)
    old = table.by("name")
    columns = {}
    for abi in Table.read(args.abis).rows:
        known = merge(abi, numbers_of_headers(abi, args.sysroot),
                      numbers_of_table(table, abi["name"]))
        if args.reference:
            known = merge(abi, known, numbers_of_reference(args.reference,
                                                           abi["reference"]))
        columns[abi["name"]] = known
    rows = []
    for name in sorted(set(old).union(*columns.values())):
        row = {c: old[name][c] if name in old else "-" for c in PERSONAL}
        row["name"] = name
        if name not in old:
            row["since"] = args.kernel
        row.update({abi: str(known.get(name, "-")) for abi, known in columns.items()})
        rows.append(row)
    table.columns = PERSONAL + list(columns)
    table.rows = rows
    newest(table, args.kernel)
    table.write(args.table)


if __name__ == "__main__":
    main_guard(main)
