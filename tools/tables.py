#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns data/*.tsv into the C tables that src/data looks things up in.

Usage: tables.py DATA_FOLDER OUTPUT.c

Everything is checked on the way, and what is wrong is said as file:line: order and
repetition, names that another table does not know, calls in no group, values in two
minds. src/data/tables.h describes the output.
"""

import re
import sys
from pathlib import Path

from tsv import Row, Table, TableError, main_guard, read_ragged

NONE16 = 0xffff
NONE32 = 0xffffffff
ABI_MAX = 24
ARGUMENTS_MAX = 6
HELP_MAX = 60
RANGE_GAP = 1024  # a longer hole in the numbers of an ABI begins a new range
NONE8 = 0xff
KEPT = ["no", "set", "bits"]  # enum kept_how
SAFE = ["no", "yes", "values"]  # enum kept_safe
RISKS = ["note", "low", "medium", "high"]  # enum callgate_risk
PERSONAL = ["name", "since", "exceptions", "help"]


class Texts:
    """The pool: every text once, offset 0 the empty one."""

    def __init__(self):
        self.offsets = {"": 0}
        self.size = 1

    def at(self, text):
        if text is None:
            return 0
        if text not in self.offsets:
            self.offsets[text] = self.size
            self.size += len(text.encode()) + 1
        return self.offsets[text]

    def source(self):
        lines = [f'\t"{c_text(text)}\\0"' for text in self.offsets]
        return "const char tables_text[] =\n" + "\n".join(lines) + ";\n"


def c_text(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return text.replace("\n", "\\n\"\n\t\"")


def version(row, column, text):
    match = re.fullmatch(r"(\d+)\.(\d+)", text)
    if not match:
        row.refuse(f"{column}: '{text}' is not a version M.N")
    return int(match[1]) * 256 + int(match[2])


def exceptions(row, abis):
    """[(abi index, text)] of an exceptions cell."""
    result = []
    for word in row.words("exceptions"):
        name, _, text = word.partition("=")
        if name not in abis or not text:
            row.refuse(f"exceptions: '{word}' is not ABI=VALUE")
        result.append((abis[name], text))
    return result


def by_value(pairs):
    """[(abi index, value)] -> {value: mask of ABIs}"""
    masks = {}
    for index, value in pairs:
        masks[value] = masks.get(value, 0) | 1 << index
    return masks


class Tables:
    """Reads and checks one table after the other; `parts` collects C text."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.texts = Texts()
        self.parts = []
        self.abi_rows = self.read("abis").rows
        self.abis = {name: i for i, name in enumerate(self.read("abis").by("name"))}
        self.calls = {}
        self.call_rows = []
        self.families = {}
        self.family_kinds = {}
        self.kept = {}
        self.unused_kept = {}

    def read(self, name):
        return Table.read(self.folder / f"{name}.tsv")

    def array(self, declaration, rows):
        body = "".join(f"\t{row},\n" for row in rows) or "\t{ 0 },\n"
        self.parts.append(f"const {declaration}[] = {{\n{body}}};\n")

    def numbers(self, declaration, values):
        """A long array of plain numbers, many on a line."""
        lines = [", ".join(map(str, values[i:i + 12])) for i in range(0, len(values), 12)]
        self.array(declaration, lines or ["0"])

    def scalar(self, declaration, value):
        self.parts.append(f"const {declaration} = {value};\n")

    def call(self, row, name):
        if name not in self.calls:
            row.refuse(f"there is no system call '{name}'")
        return self.calls[name]

    # --- ABIs and numbers ----------------------------------------------------------

    def make_abis(self):
        if len(self.abis) > ABI_MAX:
            self.abi_rows[-1].refuse(f"more than {ABI_MAX} ABIs")
        names = {}
        structs = []
        for index, row in enumerate(self.abi_rows):
            for name in [row["name"], *row.words("aliases")]:
                if names.setdefault(name, row) is not row:
                    row.refuse(f"'{name}' names two ABIs")
            if row["bits"] not in ("32", "64"):
                row.refuse("bits: neither 32 nor 64")
            if row["endian"] not in ("little", "big"):
                row.refuse("endian: neither little nor big")
            structs.append('{ "%s", %d, %d, %s, 0x%08x, 0x%08x }' % (
                row["name"], index, row.integer("bits"),
                "true" if row["endian"] == "big" else "false",
                row.integer("audit_arch"), row.integer("base")))
        self.array("struct abi tables_abis", structs)
        self.scalar("uint16_t tables_abi_count", len(structs))
        choices = "".join(f"#{'el' if i else ''}if {row['native']}\n#define NATIVE_ABI {i}\n"
                          for i, row in enumerate(self.abi_rows))
        self.parts.append(choices + "#else\n#error \"no ABI of data/abis.tsv is native\"\n"
                          "#endif\nconst uint16_t tables_native_abi = NATIVE_ABI;\n")

    def ranges_of(self, abi):
        """[[first, [call or NONE16, …]], …] of an ABI, holes kept short."""
        by_number = {}
        for row in self.call_rows:
            if row[abi] == "-":
                continue
            number = row.integer(abi)
            if number in by_number:
                row.refuse(f"{abi}: {number} is {by_number[number]} already")
            by_number[number] = row["name"]
        ranges = []
        for number in sorted(by_number):
            if not ranges or number > ranges[-1][0] + len(ranges[-1][1]) + RANGE_GAP:
                ranges.append([number, []])
            first, calls = ranges[-1]
            calls += [NONE16] * (number - first - len(calls))
            calls.append(self.calls[by_number[number]])
        return ranges

    def make_numbers(self):
        rows, ranges, calls = [], [], []
        for abi in self.abi_rows:
            own = self.ranges_of(abi["name"])
            if not own:
                abi.refuse("no call has a number in this ABI")
            compat = abi["compat"] if abi["compat"] != "-" else hex(NONE32)
            rows.append("{ %d, %d, %d, %d, %s }" % (
                self.texts.at(abi.value("aliases")),
                version(abi, "since", abi["since"]), len(ranges), len(own), compat))
            for first, own_calls in own:
                ranges.append("{ %d, %d, %d }" % (first, len(own_calls), len(calls)))
                calls += own_calls
        self.array("struct abi_row tables_abi_rows", rows)
        self.array("struct number_range tables_ranges", ranges)
        self.numbers("uint16_t tables_calls_by_number", calls)
        self.numbers("uint32_t tables_numbers", [
            f"{NONE32}u" if row[abi] == "-" else row[abi]
            for abi in self.abis for row in self.call_rows])

    # --- calls ---------------------------------------------------------------------

    def read_calls(self):
        table = self.read("syscalls")
        table.by("name")
        table.require_sorted(lambda row: row["name"].encode(), "by name")
        if table.columns != PERSONAL + list(self.abis):
            raise TableError(f"{table.rows[0].place}: error: the columns are not those of"
                             " abis.tsv; run tools/update-tables.sh")
        self.call_rows = table.rows
        self.calls = {row["name"]: i for i, row in enumerate(table.rows)}
        for row in table.rows:
            if row["help"] == "-" or len(row["help"]) > HELP_MAX:
                row.refuse(f"help: wants a text of at most {HELP_MAX} characters")
        self.make_newest(table)

    def make_newest(self, table):
        for comment in table.comments:
            match = re.fullmatch(r"newest kernel: (\d+\.\d+)", comment)
            if match:
                newest = version(table.rows[0], "newest kernel", match[1])
                self.scalar("kernel_version tables_newest", newest)
                break
        else:
            table.rows[0].refuse("no comment '# newest kernel: M.N' above")
        for row in table.rows:
            if version(row, "since", row["since"]) > newest:
                row.refuse("since: newer than the newest kernel")

    def make_calls(self, prototypes):
        rows, since = [], []
        for index, row in enumerate(self.call_rows):
            rows.append("{ %d, %d, %d, %d }" % (
                self.texts.at(row["name"]), self.texts.at(row["help"]),
                version(row, "since", row["since"]),
                prototypes.get(row["name"], NONE16)))
            pairs = [(abi, version(row, "exceptions", text))
                     for abi, text in exceptions(row, self.abis)]
            since += ["{ %d, %d, 0x%x }" % (index, value, mask)
                      for value, mask in by_value(pairs).items()]
        self.array("struct syscall tables_syscalls", rows)
        self.scalar("uint16_t tables_syscall_count", len(rows))
        self.array("struct since_row tables_since", since)
        self.scalar("uint16_t tables_since_count", len(since))

    # --- prototypes ----------------------------------------------------------------

    def read_types(self):
        """{type: (index, bits, sign)}; pointers are added as they are met."""
        types = {}
        for row in self.read("types").rows:
            bits = 0 if row["bits"] == "native" else row.integer("bits")
            if bits not in (0, 8, 16, 32, 64) or row["type"] in types:
                row.refuse("bits: not a width, or the type is here twice")
            types[row["type"]] = (len(types), bits, row["sign"])
        return types

    def argument(self, row, cell, types):
        match = re.fullmatch(r"(.*?[ *])(\w+)(?:\|(\w+))?(?::(\w+))?", cell)
        if not match:
            row.refuse(f"'{cell}' is not: type name[|other][:family]")
        kind = match[1].strip()
        if kind.endswith("*"):
            types.setdefault(kind, (len(types), 0, "pointer"))
        if kind not in types:
            row.refuse(f"types.tsv has no '{kind}'")
        if match[4] and match[4] not in self.families:
            row.refuse(f"there is no family '{match[4]}'")
        return types[kind], match[2], match[3], match[4]

    def abis_of_override(self, row, text):
        """`32`, or ABIs by name -> mask"""
        mask = 0
        for word in text.split(","):
            if word != "32" and word not in self.abis:
                row.refuse(f"'{word}' is neither an ABI nor 32")
            for abi in self.abi_rows:
                if word == abi["name"] or (word == "32" and abi["bits"] == "32"):
                    mask |= 1 << self.abis[abi["name"]]
        return mask

    def make_kept(self):
        """What recordings keep of arguments: {family or call(argument): index}."""
        table = self.read("arguments")
        table.by("of")
        table.require_sorted(lambda row: row["of"].encode(), "by of")
        rows = []
        for index, row in enumerate(table.rows):
            match = re.fullmatch(r"(\w+)(?:\((\w+)\))?", row["of"])
            if not match or (not match[2] and match[1] not in self.families):
                row.refuse(f"'{row['of']}' is neither a family nor call(argument)")
            if match[2]:
                self.call(row, match[1])
            if row["kept"] not in KEPT or row["safe"] not in SAFE:
                row.refuse("kept: none of " + ", ".join(KEPT) + ", or safe: none of "
                           + ", ".join(SAFE))
            rows.append("{ %d, %d, %d, %d }" % (
                self.texts.at(row.value("field")), self.texts.at(row.value("named")),
                KEPT.index(row["kept"]), SAFE.index(row["safe"])))
            self.kept[row["of"]] = index
            self.unused_kept[row["of"]] = row
        self.array("struct kept_row tables_kept", rows)

    def kept_of(self, row, call, name, family, is_pointer):
        """The row of arguments.tsv for an argument, or NONE8."""
        for of in (f"{call}({name})", family):
            if of in self.kept:
                self.unused_kept.pop(of, None)
                return NONE8 if is_pointer else self.kept[of]
        if family:
            row.refuse(f"arguments.tsv does not say what is kept of '{family}'")
        return NONE8

    def make_prototypes(self):
        """Returns {call: prototype} of the rows without '@'."""
        types, arguments, rows, overrides, base = self.read_types(), [], [], [], {}
        lines = read_ragged(self.folder / "prototypes.tsv")
        lines.pop("call", None)
        before = ""
        for key, row in lines.items():
            if key.encode() < before.encode():
                row.refuse("not in order (by call)")
            name, _, where = (before := key).partition("@")
            call = self.call(row, name)
            cells = [self.argument(row, cell, types) for cell in row["cells"]]
            self.check_arguments(row, cells)
            mask = self.abis_of_override(row, where) if where else 0
            self.check_widths(row, name, mask, cells, lines)
            if where:
                overrides.append((call, -bin(mask).count("1"), len(rows), mask))
            else:
                base[name] = len(rows)
            rows.append("{ %d, %d }" % (len(arguments), len(cells)))
            arguments += ["{ %d, %d, %d, %d, %d }" % (
                self.texts.at(name), self.texts.at(alias), self.texts.at(family), kind[0],
                self.kept_of(row, key.partition("@")[0], name, family,
                             kind[2] == "pointer"))
                for kind, name, alias, family in cells]
        for row in self.unused_kept.values():
            row.refuse("no argument is kept by this row")
        self.array("struct prototype_row tables_prototypes", rows)
        self.array("struct argument_row tables_arguments", arguments)
        # A wider set of ABIs first: the narrower one is read last and wins.
        self.array("struct prototype_override tables_prototype_overrides",
                   ["{ %d, %d, 0x%x }" % (call, prototype, mask)
                    for call, _, prototype, mask in sorted(overrides)])
        self.scalar("uint16_t tables_prototype_override_count", len(overrides))
        self.array("struct type_row tables_types", [
            "{ %d, %d, %s, %s }" % (self.texts.at(name), bits,
                                    str(sign == "signed").lower(),
                                    str(sign == "pointer").lower())
            for name, (_, bits, sign) in types.items()])
        return base

    def check_arguments(self, row, cells):
        if len(cells) > ARGUMENTS_MAX:
            row.refuse(f"more than {ARGUMENTS_MAX} arguments")
        names = [n for _, name, alias, _ in cells for n in (name, alias) if n]
        if len(names) != len(set(names)):
            row.refuse("two arguments share a name")

    def check_widths(self, row, name, mask, cells, lines):
        """A 32-bit ABI has no 64-bit argument: it passes two halves."""
        if not any(kind[1] == 64 for kind, _, _, _ in cells):
            return
        overridden = 0
        for key, other in lines.items():
            call, _, where = key.partition("@")
            if where and call == name:
                overridden |= self.abis_of_override(other, where)
        for abi in self.abi_rows:
            index = self.abis[abi["name"]]
            uses = mask >> index & 1 if mask else not overridden >> index & 1
            has = self.call_rows[self.calls[name]][abi["name"]] != "-"
            if uses and has and abi["bits"] == "32":
                row.refuse(f"a 64-bit argument on {abi['name']}; write {name}@{abi['name']}")

    # --- multiplexers --------------------------------------------------------------

    def make_multiplexed(self):
        table = self.read("multiplexed")
        table.require_sorted(lambda row: row["call"].encode(), "by call")
        rows = ["{ %d, %d, %d }" % (self.call(row, row["call"]),
                                    self.call(row, row["multiplexer"]),
                                    row.integer("selector")) for row in table.rows]
        self.array("struct multiplexed_row tables_multiplexed", rows)
        self.scalar("uint16_t tables_multiplexed_count", len(rows))

    # --- constants -----------------------------------------------------------------

    def read_families(self):
        table = self.read("families")
        table.require_sorted(lambda row: row["family"].encode(), "by family")
        for row in table.rows:
            if row["kind"] not in ("enum", "flags"):
                row.refuse("kind: neither enum nor flags")
        self.families = {row["family"]: i for i, row in enumerate(table.rows)}
        self.family_kinds = {row["family"]: row["kind"] for row in table.rows}

    def make_constants(self):
        table = self.read("constants")
        table.by("name")
        members = {family: [] for family in self.families}
        order = sorted(table.rows, key=lambda row: row["name"].encode())
        places = {row["name"]: i for i, row in enumerate(order)}
        for row in table.rows:
            if row["family"] not in self.families:
                row.refuse(f"there is no family '{row['family']}'")
            members[row["family"]].append(places[row["name"]])
        self.make_constant_rows(order)
        rows, flat = [], []
        for name, list_ in members.items():
            rows.append("{ %d, %s, %d, %d }" % (
                self.texts.at(name), str(self.family_kinds[name] == "flags").lower(),
                len(flat), len(list_)))
            flat += list_
        self.array("struct family_row tables_families", rows)
        self.scalar("uint16_t tables_family_count", len(rows))
        self.numbers("uint16_t tables_family_members", flat)

    def make_constant_rows(self, order):
        rows, excepted = [], []
        for row in order:
            own = by_value(exceptions(row, self.abis))
            rows.append("{ %d, %d, %d, %d, %s }" % (
                self.texts.at(row["name"]), self.families[row["family"]], len(excepted),
                len(own), self.value(row, row["value"])))
            excepted += ["{ 0x%x, %s }" % (mask, self.value(row, text))
                         for text, mask in own.items()]
        self.array("struct constant tables_constants", rows)
        self.scalar("uint16_t tables_constant_count", len(rows))
        self.array("struct constant_exception tables_constant_exceptions", excepted)

    @staticmethod
    def value(row, text):
        """"absent, value" of C."""
        if text == "-":
            return "true, 0"
        try:
            number = int(text, 0)
        except ValueError:
            row.refuse(f"'{text}' is not a number")
        if not 0 <= number < 2**64:
            row.refuse(f"{text} does not fit 64 bits")
        return f"false, 0x{number:x}"

    # --- groups --------------------------------------------------------------------

    def members(self, rows, name, above=()):
        """The calls of a group, nested ones expanded."""
        row = rows[name]
        if name in above:
            row.refuse(f"{name} contains itself")
        result = set()
        for word in row.words("members", " "):
            if word == "*":
                result |= set(self.calls.values())
            elif not word.startswith("@"):
                result.add(self.call(row, word))
            elif word in rows:
                result |= self.members(rows, word, above + (name,))
            else:
                row.refuse(f"there is no group '{word}'")
        return result

    def make_groups(self):
        table = self.read("groups")
        loose = [row for row in table.rows if row["group"] == "-"]
        table.rows = [row for row in table.rows if row["group"] != "-"]
        table.require_sorted(lambda row: row["group"].encode(), "by group")
        rows = table.by("group")
        expanded = {name: self.members(rows, name) for name in rows}
        self.check_homes(table, expanded, loose)
        out, flat = [], []
        for name, calls in expanded.items():
            out.append("{ %d, %d, %d, %d }" % (
                self.texts.at(name), self.texts.at(rows[name]["help"]), len(flat),
                len(calls)))
            flat += sorted(calls)
        self.array("struct group tables_groups", out)
        self.scalar("uint16_t tables_group_count", len(out))
        self.numbers("uint16_t tables_group_members", flat)

    def check_homes(self, table, expanded, loose):
        """Every call is in a group that was written out, or in none for a reason."""
        grouped = set()
        for name, calls in expanded.items():
            if len(calls) != len(self.calls):
                grouped |= calls
        for row in loose:
            for name in row.words("members", " "):
                if self.call(row, name) in grouped:
                    row.refuse(f"{name} is in a group, and here")
                grouped.add(self.calls[name])
        for name, index in self.calls.items():
            if index not in grouped:
                table.rows[0].refuse(f"{name} is in no group and has no reason for it")

    # --- hazards -------------------------------------------------------------------

    def call_list(self, row, column):
        """Checks `call; call(condition)`, whose conditions only the language knows."""
        for text in row.words(column, "; "):
            match = re.fullmatch(r"(\w+)(\(.+\))?", text)
            if not match:
                row.refuse(f"{column}: '{text}' is not a call")
            self.call(row, match[1])
        return self.texts.at(row[column])

    def risk(self, row):
        if row["risk"] not in RISKS:
            row.refuse("risk: none of " + ", ".join(RISKS))
        return RISKS.index(row["risk"])

    def make_hazards(self):
        rows = ["{ %d, %d, %d, %d }" % (
            self.call_list(row, "denied"), self.call_list(row, "by"),
            self.texts.at(row["reason"]), self.risk(row))
            for row in self.read("equivalences").rows]
        self.array("struct equivalence_row tables_equivalences", rows)
        self.scalar("uint16_t tables_equivalence_count", len(rows))
        rows = ["{ %d, %d, %d }" % (
            self.call_list(row, "calls"), self.texts.at(row["reason"]), self.risk(row))
            for row in self.read("dangerous").rows]
        self.array("struct danger_row tables_dangers", rows)
        self.scalar("uint16_t tables_danger_count", len(rows))

    def make_substitutes(self):
        table = self.read("substitutes")
        table.require_sorted(lambda row: row["seen"].encode(), "by seen")
        self.array("struct substitute_row tables_substitutes", ["{ %d, %d, %d }" % (
            self.call_list(row, "seen"), self.call_list(row, "added"),
            self.texts.at(row["reason"])) for row in table.rows])
        self.scalar("uint16_t tables_substitute_count", len(table.rows))

    def make_fallbacks(self):
        table = self.read("fallbacks")
        table.require_sorted(lambda row: row["call"].encode(), "by call")
        rows = []
        for row in table.rows:
            if row["wants"] not in ("ENOSYS", "errno"):
                row.refuse("wants: neither ENOSYS nor errno")
            rows.append("{ %d, %d, %d, %s }" % (
                self.texts.at(row["reason"]), self.call(row, row["call"]),
                self.call(row, row["fallback"]),
                str(row["wants"] == "ENOSYS").lower()))
        self.array("struct fallback_row tables_fallbacks", rows)
        self.scalar("uint16_t tables_fallback_count", len(rows))

    # --- promises ------------------------------------------------------------------

    def make_promises(self):
        """promises.gate, cut at its "## @name: help" lines."""
        path = self.folder / "promises.gate"
        promises = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = re.fullmatch(r"## (@[a-z-]+): (.+)", line)
            if match:
                promises.append((match[1], match[2], number, []))
            elif promises:
                promises[-1][3].append(line + "\n")
        groups = {row["group"] for row in self.read("groups").rows}
        names = {}
        for name, text, number, _ in promises:
            row = Row(f"{path}:{number}", {})
            if name in groups or names.setdefault(name, number) != number:
                row.refuse(f"'{name}' is a group or a promise already")
            if len(text) > HELP_MAX:
                row.refuse(f"help: wants a text of at most {HELP_MAX} characters")
        promises.sort()
        self.array("struct promise tables_promises", ["{ %d, %d, %d }" % (
            self.texts.at(name), self.texts.at(text),
            self.texts.at("".join(lines).strip() + "\n"))
            for name, text, _, lines in promises])
        self.scalar("uint16_t tables_promise_count", len(promises))

    def source(self):
        self.read_families()
        self.make_abis()
        self.read_calls()
        self.make_numbers()
        self.make_kept()
        self.make_calls(self.make_prototypes())
        self.make_multiplexed()
        self.make_constants()
        self.make_groups()
        self.make_hazards()
        self.make_fallbacks()
        self.make_substitutes()
        self.make_promises()
        head = "/* Made by tools/tables.py out of data/; do not edit. */\n" \
               "#include \"data/tables.h\"\n"
        return "\n".join([head, *self.parts, self.texts.source()])


def main():
    if len(sys.argv) != 3:
        raise TableError("usage: tables.py DATA_FOLDER OUTPUT.c")
    Path(sys.argv[2]).write_text(Tables(sys.argv[1]).source(), encoding="utf-8")


if __name__ == "__main__":
    main_guard(main)
