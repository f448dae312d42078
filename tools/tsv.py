# SPDX-License-Identifier: MIT
"""Tables of data/: tab-separated text with comment lines, one header line and rows.

A row is a dict by column that remembers its line, so that every complaint names the
place. Absent values are written as "-".
"""

import sys


class TableError(Exception):
    """A table breaks a rule; the text begins with file:line."""


class Row(dict):
    """One row; `place` is "file:line"."""

    def __init__(self, place, values):
        super().__init__(values)
        self.place = place

    def refuse(self, message):
        raise TableError(f"{self.place}: error: {message}")

    def value(self, column):
        """The cell, or None where it says "-"."""
        return None if self[column] == "-" else self[column]

    def words(self, column, separator=","):
        """The cell as a list, empty where it says "-"."""
        return [] if self[column] == "-" else self[column].split(separator)

    def integer(self, column):
        try:
            return int(self[column], 0)
        except ValueError:
            self.refuse(f"{column}: '{self[column]}' is not a number")


class Table:
    """A file: comments (without '#'), column names, rows."""

    def __init__(self, columns, comments=(), rows=()):
        self.columns = list(columns)
        self.comments = list(comments)
        self.rows = list(rows)

    @classmethod
    def read(cls, path):
        table = cls([])
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                table._read_line(f"{path}:{number}", line.rstrip("\n"))
        if not table.columns:
            raise TableError(f"{path}:1: error: no header line")
        return table

    def _read_line(self, place, line):
        if line.startswith("#"):
            self.comments.append(line[1:].strip())
            return
        cells = line.split("\t")
        if not self.columns:
            self.columns = cells
            return
        if len(cells) != len(self.columns) or "" in cells:
            raise TableError(
                f"{place}: error: {len(cells)} cells, {len(self.columns)} columns"
                " (an absent value is a '-')")
        self.rows.append(Row(place, zip(self.columns, cells)))

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            for comment in self.comments:
                file.write(f"# {comment}\n")
            file.write("\t".join(self.columns) + "\n")
            for row in self.rows:
                file.write("\t".join(row[c] for c in self.columns) + "\n")

    def by(self, column):
        """Rows by a column that may not repeat."""
        result = {}
        for row in self.rows:
            if row[column] in result:
                row.refuse(f"{column}: '{row[column]}' is here twice")
            result[row[column]] = row
        return result

    def require_sorted(self, key, what):
        for before, after in zip(self.rows, self.rows[1:]):
            if key(before) >= key(after):
                after.refuse(f"not in order, or twice ({what})")


def read_ragged(path):
    """Lines of `name <tab> cell …` with comments, any number of cells: {name: Row}."""
    result = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#") or cells == [""]:
                continue
            row = Row(f"{path}:{number}", {"name": cells[0], "cells": cells[1:]})
            if cells[0] in result:
                row.refuse(f"'{cells[0]}' is here twice")
            result[cells[0]] = row
    return result


def main_guard(main):
    """Runs main(); a TableError becomes one line and exit status 1."""
    try:
        main()
    except TableError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
