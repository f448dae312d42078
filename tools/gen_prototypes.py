#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds the calls that data/prototypes.tsv lacks, as a running kernel describes them.

--tracepoints is tracefs' events/syscalls, or a file of lines `call <tab> type name …`
taken from there. Rows that are there stay as people wrote them (families, second names,
widths); a row whose number of arguments differs from the kernel's is an error.
"""

import argparse
import re
from pathlib import Path

from tsv import TableError, main_guard, read_ragged

# The kernel's names of the functions behind these calls.
FUNCTIONS = {"newstat": "stat", "newlstat": "lstat", "newfstat": "fstat",
             "newuname": "uname", "umount": "umount2", "sendfile64": "sendfile"}
PLAIN_TYPES = {"unsigned": "unsigned int", "__u64": "u64", "__u32": "u32",
               "__s32": "s32"}
FIELD = re.compile(r"field:(.+?)\s*;\s*offset:(\d+);")
FIRST_ARGUMENT = 16  # offset in a record: after the header and the call's number


def argument(text):
    """"const int fd" -> "int fd", "char * buf" -> "char *buf" """
    kind, name = re.fullmatch(r"(.*?)\s*(\w+)", text.strip()).groups()
    kind = re.sub(r"\s*\*\s*\*$", " **", kind)
    if kind.endswith("*"):
        return re.sub(r"\s*(\*+)$", r" \1", kind) + name
    kind = kind.removeprefix("const ")
    return f"{PLAIN_TYPES.get(kind, kind)} {name}"


def of_tracefs(folder):
    result = {}
    for path in Path(folder).glob("sys_enter_*/format"):
        fields = FIELD.findall(path.read_text(encoding="utf-8"))
        result[path.parent.name.removeprefix("sys_enter_")] = [
            argument(text) for text, offset in fields if int(offset) >= FIRST_ARGUMENT]
    return result


def of_file(path):
    return {name: [argument(cell) for cell in row["cells"]]
            for name, row in read_ragged(path).items()}


def key(line):
    return line.split("\t", 1)[0].encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--table", default="data/prototypes.tsv")
    parser.add_argument("--tracepoints", required=True)
    args = parser.parse_args()
    read = of_tracefs if Path(args.tracepoints).is_dir() else of_file
    kernel = {FUNCTIONS.get(name, name): cells
              for name, cells in read(args.tracepoints).items()}
    known = read_ragged(args.table)
    for name, row in known.items():
        if name in kernel and len(kernel[name]) != len(row["cells"]):
            raise TableError(f"{row.place}: error: the kernel's {name} has"
                             f" {len(kernel[name])} arguments")
    lines = Path(args.table).read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if not line.startswith("#")) + 1
    added = ["\t".join([name, *cells]) for name, cells in kernel.items()
             if name not in known]
    lines[first:] = sorted(lines[first:] + added, key=key)
    Path(args.table).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main_guard(main)
