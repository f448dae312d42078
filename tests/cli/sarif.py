#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What audit --sarif prints is SARIF: sarif.py CALLGATE SCHEMA EXAMPLES

The schema holds the shape; what it cannot say is held here: results are of rules that
there are, and an index of a rule is that of its name. The schema itself is held as well:
documents that are none must be refused.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CALLGATE, SCHEMA, EXAMPLES = sys.argv[1:4]

POLICIES = [
    "arch x86_64; allow read",
    "arch x86_64; allow bpf, ioctl, ptrace, io_uring_setup, process_vm_writev",
    "default allow; errno EPERM ptrace, openat, clone, socket",
    "arch x86_64; default allow; kill mount; errno EPERM clone3",
    "default allow; errno EPERM ioctl(u64(cmd) == TIOCSTI)",
    "allow opnat",
]

# A place in a document and what must not stand there.
WRONG = [
    (["version"], "2.0.0"),
    (["runs", 0, "tool", "driver", "name"], ""),
    (["runs", 0, "results", 0, "level"], "high"),
    (["runs", 0, "results", 0, "message"], {}),
    (["runs", 0, "results", 0, "finding"], "x"),
    (["runs", 0, "results", 0, "locations", 0, "physicalLocation"], {}),
    (["runs", 0, "results", 0, "locations", 0, "physicalLocation",
      "artifactLocation", "uri"], "my policy.gate"),
    (["runs", 0, "results", 0, "locations", 0, "physicalLocation", "region"],
     {"startLine": 0}),
    (["runs", 0, "results", 0, "fixes"], [{"artifactChanges": []}]),
    (["runs", 0, "invocations", 0], {}),
]


def audit(*words):
    done = subprocess.run([CALLGATE, "audit", "--sarif", *words], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=100, check=False)
    return json.loads(done.stdout)


def check_rules(document):
    run = document["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids), ids
    for result in run["results"]:
        assert result["ruleId"] in ids, result
        index = result.get("ruleIndex", -1)
        assert index == -1 or ids[index] == result["ruleId"], result
    return len(run["results"])


def check_wrong(validator, document):
    for place, value in WRONG:
        wrong = copy.deepcopy(document)
        at = wrong
        for key in place[:-1]:
            at = at[key]
        at[place[-1]] = value
        assert not validator.is_valid(wrong), f"{place} may be {value!r}"


def main():
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    with open(SCHEMA, encoding="ascii") as file:
        validator = jsonschema.Draft7Validator(json.load(file))
    with tempfile.TemporaryDirectory() as folder:
        odd = os.path.join(folder, "a:b #1? \u00e9%.gate")
        with open(odd, "w", encoding="ascii") as file:
            file.write(POLICIES[1])
        inputs = [["-e", policy] for policy in POLICIES] + [[odd]]
        inputs += [[str(path)] for path in sorted(pathlib.Path(EXAMPLES).glob("*.gate"))]
        documents = [audit(*words) for words in inputs]
    results = 0
    for document in documents:
        validator.validate(document)
        results += check_rules(document)
    assert documents[-1]["runs"][0]["invocations"][0]["executionSuccessful"]
    check_wrong(validator, documents[1])
    print(f"{len(documents)} documents with {results} results are SARIF")
    return 0


if __name__ == "__main__":
    sys.exit(main())
