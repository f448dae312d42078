#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What --explain=json prints is what its schema says: explain_schema.py CALLGATE SCHEMA CALLS

CALLS is forty_calls: calls with arguments of many kinds, all of which are denied here.
"""
import json
import subprocess
import sys

CALLGATE, SCHEMA, CALLS = sys.argv[1:4]
NEEDED = "@default, @basic-io, @memory, @process, prlimit64, fstat, newfstatat"

RUNS = [
    (["-e", f"default errno EXDEV; allow {NEEDED}, openat, open"], [CALLS]),
    (["--coverage", "-e", "default allow; errno EPERM mkdir, socket", "-e",
      "default allow; errno EACCES chdir"], [CALLS]),
    (["--coverage", "--log-only", "-e", "default allow; kill mkdir"], [CALLS]),
    (["-e", "default allow; kill mkdir"], [CALLS]),
    (["-e", "default allow"], ["true"]),
]


def told(options, words):
    done = subprocess.run(
        [CALLGATE, "run", "--explain=json", *options, "--", *words], text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        timeout=100, check=False)
    return [json.loads(line) for line in done.stderr.splitlines()
            if line.startswith("{")]


def main():
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    with open(SCHEMA, encoding="ascii") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    kinds, wrong, count = set(), 0, 0
    for options, words in RUNS:
        for event in told(options, words):
            count += 1
            kinds.add(event["event"])
            # of the kind it says it is: the errors of others would only confuse
            errors = list(validator.evolve(
                schema={**schema, "oneOf": [{"$ref": "#/$defs/" + event["event"]}]}
            ).iter_errors(event))
            for error in errors[:3]:
                wrong += 1
                print("FAILED:", event["event"], error.message, list(error.path),
                      [inner.message for inner in error.context or []][:3])
    if not kinds:
        print("this machine takes no filters")
        return 77
    print(f"{count} events, {sorted(kinds)}: {wrong} against the schema")
    return wrong > 0 or kinds != {"denied", "summary", "coverage"} or count < 40


sys.exit(main())
