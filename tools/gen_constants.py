#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes data/constants.tsv out of kernel headers and of what they lack.

data/families.tsv says which names of which headers belong to a family: patterns as of
a shell, an earlier one names the value by preference, "!pattern" leaves names out.
data/extra_constants.tsv adds the kernel's own constants that no header exports (address
families, …) and those newer than the headers. A name has one value on an ABI: a second
one, or a name in two families, is an error.
"""

import argparse
import fnmatch
from collections import Counter

from headers import Headers
from tsv import Row, Table, main_guard

COLUMNS = ["family", "name", "value", "exceptions"]
# What the values of extra_constants.tsv may mention.
EXTRA_HEADERS = ["asm/errno.h", "asm/mman.h", "asm/resource.h", "asm/signal.h",
                 "asm/socket.h", "linux/fs.h", "linux/stat.h"]
LAST = 1000  # place of extra names: after those of the headers


def rank(patterns, name):
    """The place of the first pattern that fits, or None."""
    if any(fnmatch.fnmatchcase(name, p[1:]) for p in patterns if p[0] == "!"):
        return None
    for place, pattern in enumerate(patterns):
        if fnmatch.fnmatchcase(name, pattern):
            return place
    return None


def wanted_names(users, names):
    """{header: {name: [(family, rank)]}}"""
    wanted = {}
    for header, families in users.items():
        for name in names.get(header, ()):
            for family in families:
                place = rank(family.words("names", " "), name)
                if place is not None:
                    wanted.setdefault(header, {}).setdefault(name, []).append(
                        (family["family"], place))
    return wanted


def collect(families, abis, sysroot):
    """{(family, name): {abi: value}} and {(family, name): order of preference}"""
    users = {}
    for family in families:
        for header in family.words("headers", " "):
            users.setdefault(header, []).append(family)
    values, order = {}, {}
    for abi in abis:
        headers = Headers(abi, sysroot)
        wanted = wanted_names(users, headers.names(
            [header for header in users if headers.exists(header)]))
        numbers = headers.values_of(wanted)
        for names in wanted.values():
            for count, (name, homes) in enumerate(names.items()):
                if name not in numbers:
                    continue
                for family, place in homes:
                    values.setdefault((family, name), {})[abi["name"]] = numbers[name]
                    order.setdefault((family, name), (place, count))
    return values, order


def add_extra(path, abis, sysroot, values, order):
    """Adds the rows of a table, each where the headers say nothing."""
    table = Table.read(path)
    for abi in abis:
        texts = {row["name"]: dict(e.split("=") for e in row.words("exceptions")).get(
            abi["name"], row["value"]) for row in table.rows}
        extra = Headers(abi, sysroot).values(EXTRA_HEADERS, {
            name: text for name, text in texts.items() if text != "-"})
        for count, row in enumerate(table.rows):
            key = (row["family"], row["name"])
            order.setdefault(key, (LAST, count))
            if row["name"] not in extra:
                if texts[row["name"]] != "-":
                    row.refuse(f"{texts[row['name']]} is no number on {abi['name']}")
                continue
            known = values.setdefault(key, {})
            number = known.setdefault(abi["name"], extra[row["name"]])
            if abi["headers"].startswith("="):  # another machine's know less
                known[abi["name"]] = extra[row["name"]]
            elif number != extra[row["name"]]:
                row.refuse(f"the headers of {abi['name']} say {number:#x}")


def refuse_second_values(values, families):
    home = {}
    for family, name in values:
        if home.setdefault(name, family) != family:
            families[family].refuse(f"{name} is in the family {home[name]} already")


def row_of(key, by_abi, abis, is_flags):
    """The commonest value, and the ABIs that differ; '-' stands for none."""
    def text(abi):
        value = by_abi.get(abi["name"])
        if value is None:
            return "-"
        return hex(value) if is_flags or value > 9999 else str(value)

    cells = {abi["name"]: text(abi) for abi in abis}
    common = Counter(cells.values()).most_common(1)[0][0]
    exceptions = [f"{a}={v}" for a, v in cells.items() if v != common]
    return Row("", zip(COLUMNS, [*key, common, ",".join(exceptions) or "-"]))


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--abis", default="data/abis.tsv")
    parser.add_argument("--families", default="data/families.tsv")
    parser.add_argument("--extra", default="data/extra_constants.tsv")
    parser.add_argument("--table", default="data/constants.tsv")
    parser.add_argument("--sysroot", default="/usr", help="holds TRIPLET/include")
    return parser.parse_args()


def main():
    args = options()
    abis = Table.read(args.abis).rows
    families = Table.read(args.families).by("family")
    values, order = collect(families.values(), abis, args.sysroot)
    add_extra(args.extra, abis, args.sysroot, values, order)
    refuse_second_values(values, families)
    keys = sorted(values, key=lambda k: (
        k[0], next(iter(values[k].values())), order[k], k[1]))
    table = Table(COLUMNS, [
        "Named constants, from the kernel headers of each ABI (Debian linux-libc-dev) and"
        " extra_constants.tsv, by tools/gen_constants.py.",
        "exceptions: ABIs whose value differs; of equal values the first is preferred."],
        [row_of(key, values[key], abis, families[key[0]]["kind"] == "flags")
         for key in keys])
    table.write(args.table)


if __name__ == "__main__":
    main_guard(main)
