#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tells what was skipped in a meson test run, and why.

Reads meson-logs/testlog.json, one object a line. Writes a line for each test that was
skipped or failed to standard error, and "PASSED FAILED SKIPPED" to standard output.
The reason of a skip is the test's last line of output. Of property tests, whose input is
random, all output is shown: how much they tried, from which seed.
"""

import json
import sys


def reason(test):
    text = test.get("stdout", "") + "\n" + test.get("stderr", "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with open(sys.argv[1], encoding="utf-8") as log:
        for test in map(json.loads, log):
            if ":property /" in test["name"] and test["result"] == "OK":
                print(" ".join(test.get("stdout", "").split()), file=sys.stderr)
            if test["result"] == "SKIP":
                counts["skipped"] += 1
                print(f"skipped: {test['name']}: {reason(test)}", file=sys.stderr)
            elif test["result"] in ("OK", "EXPECTEDFAIL"):
                counts["passed"] += 1
            else:
                counts["failed"] += 1
                print(f"failed: {test['name']}: {test['result'].lower()}", file=sys.stderr)
    print(counts["passed"], counts["failed"], counts["skipped"])


main()
