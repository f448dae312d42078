#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Nothing is lost however busy the machine is: all CPUs make short-lived children.

    record_storm.py CALLGATE STORM [SECONDS]

Counts of the recording are held against those of the programs that made the calls, for
SECONDS (3; 60 for the long version) by eBPF, while an unrelated storm goes on beside it;
callgate's own memory has a bound that does not depend on how long it is.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

from workloads import can_use_ebpf, skip, start


MEMORY_MAX = 32768  # KiB, of which half is its own code and tables


def counts_of_recording(name):
    with open(name, encoding="utf-8") as file:
        text = file.read()
    if re.search(r"^spoiled", text, re.MULTILINE):
        print("the recording says that calls are missing")
    return {call: int(count) for call, count in
            re.findall(r"^call x86_64 \d+ (\S+) done \d+ \S+ \d+:(\d+)", text, re.MULTILINE)}


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.MULTILINE)[1])


def watch_memory(process):
    """The most that it had, in KiB."""
    most = 0
    while process.poll() is None:
        try:
            most = max(most, memory(process.pid))
        except (OSError, TypeError):
            break
        time.sleep(0.2)
    return most


def main():
    callgate, storm = map(os.path.abspath, sys.argv[1:3])
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 3
    if not can_use_ebpf(callgate):
        skip("eBPF cannot be used")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        beside = start([storm, str(1000 * seconds), "2"])
        process = start([callgate, "record", "-o", "storm.cgrec", "--", storm,
                         str(1000 * seconds)])
        most = watch_memory(process)
        output = process.communicate()[0]
        beside.communicate()
        wanted = {name: int(count)
                  for name, count in re.findall(r"^(\w+) (\d+)$", output, re.MULTILINE)}
        found = counts_of_recording("storm.cgrec")
        os.chdir("/")
    print(output, end="")
    print(f"memory: at most {most} KiB")
    failed = process.returncode != 0 or len(wanted) != 3 or most > MEMORY_MAX
    for name, count in wanted.items():
        if found.get(name) != count:
            print(f"FAILED: {name}: {count} calls, {found.get(name)} recorded")
            failed = True
    sys.exit(1 if failed else 0)


main()
