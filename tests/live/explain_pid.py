#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""callgate explain --pid: the denials of a process whose filter somebody else made.

    explain_pid.py CALLGATE

Exit status 77: eBPF cannot be used here.
"""
import json
import signal
import subprocess
import sys

PROGRAM = r"""
import ctypes, errno, os, socket, struct, sys
def load(*program):
    code = b"".join(struct.pack("HBBI", *one) for one in program)
    text = ctypes.create_string_buffer(code)
    class Fprog(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(
            Fprog(len(program), ctypes.addressof(text)))):
        sys.exit(1)
# chdir answers EACCES; socket(AF_NETLINK) EPERM
load((0x20, 0, 0, 0), (0x15, 0, 1, 80), (0x06, 0, 0, 0x5000d), (0x15, 0, 3, 41),
     (0x20, 0, 0, 16), (0x15, 0, 1, 16), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    try: os.chdir("/tmp")
    except OSError: pass
try: socket.socket(16, 3, 0)
except OSError: pass
sys.stdin.readline()
"""

failed = 0


def check(name, good, more=""):
    global failed
    failed += not good
    print(f"{'ok' if good else 'FAILED'}: {name}", more if not good else "")


def main():
    callgate, = sys.argv[1:]
    if "x86_64" not in subprocess.run(["uname", "-m"], capture_output=True, text=True,
                                      check=False).stdout:
        sys.exit(77)
    fenced = subprocess.Popen(["python3", "-c", PROGRAM], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    if fenced.stdout.readline() != "ready\n":
        sys.exit(77)
    explain = subprocess.Popen([callgate, "explain", "--json", "--pid", str(fenced.pid)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = explain.stderr.readline()
    if "is followed" not in first:
        print(first)
        fenced.kill()
        sys.exit(77)
    fenced.stdin.write("\n")
    fenced.stdin.flush()
    fenced.stdin.close()
    fenced.wait()
    out, errors = explain.communicate(timeout=90)
    denials = json.loads(out)["denials"]
    check("each place once", len(denials) == 2, out)
    check("counts", "4 denials from 2 places" in errors and "3 times: chdir" in errors,
          errors)
    check("exit status", explain.returncode == 1)
    by = {one["call"]["name"]: one for one in denials}
    check("the instruction", "instruction 2: errno EACCES" in by["chdir"]["by"],
          by["chdir"]["by"])
    check("the condition", "instruction 6: errno EPERM, when" in by["socket"]["by"] and
          "AF_NETLINK" in by["socket"]["by"], by["socket"]["by"])
    check("the arguments", by["socket"]["call"]["text"].startswith(
        "socket(AF_NETLINK, SOCK_RAW"), by["socket"]["call"]["text"])
    check("what was read is marked",
          by["chdir"]["call"]["arguments"][0].get("tag", "U,TOCTOU") == "U,TOCTOU")
    # A second one ends by ^C and lets the process be.
    waits = subprocess.Popen(["sleep", "60"])
    explain = subprocess.Popen([callgate, "explain", "--pid", str(waits.pid)],
                               stderr=subprocess.PIPE, text=True)
    explain.stderr.readline()
    explain.send_signal(signal.SIGINT)
    check("ends by a signal", explain.wait(90) == 0)
    check("leaves the process", waits.poll() is None)
    waits.kill()
    waits.wait()
    sys.exit(1 if failed else 0)


main()
