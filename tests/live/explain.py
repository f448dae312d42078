#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that lack one rule: explain.py CALLGATE

Of each: the policy without the rule makes it fail; the report of `run --explain` names the
call, its arguments, the line that decided and the function that made the call; and under
the policy of `--suggest` the program works.
"""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

TIMEOUT = 60
CALLGATE = os.path.abspath(sys.argv[1])

# Without libdw a stack is the one address that the call returns to.
CAN_UNWIND = "with stacks" in subprocess.run([CALLGATE, "--version"], text=True,
                                             stdout=subprocess.PIPE).stdout

# The rule that decides when the needed one is not there.
DECIDES = "default errno EPERM"
POLICY = """\
arch    x86_64 i386
{decides}
@rest = @known - {{{calls}}}
allow   @rest
"""

failures = 0


def check(what, is_so, text=""):
    global failures
    print(f"{'ok' if is_so else 'FAILED'}: {what}", flush=True)
    if not is_so:
        failures += 1
        print(text)


def run(*words, **options):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, timeout=TIMEOUT, **options)


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def wait_for(is_so, seconds=60):
    for _ in range(seconds * 20):
        if is_so():
            return True
        time.sleep(0.05)
    return False


# --- programs: each returns the words to run, or None where it cannot be built -----------

def compiled(compiler, name, suffix, source, *flags):
    if not shutil.which(compiler):
        return None
    file = write(name + suffix, source)
    built = run(compiler, *flags, "-o", "./" + name, file)
    return ["./" + name] if built.returncode == 0 else None


def python():
    return [sys.executable, "-c", "import os; os.mkdir('made'); print('works')"]


def sqlite():
    return ["sqlite3", "new.db", "create table t (n); insert into t values (1);"
            "select 'works' from t"]


def busybox():
    return ["busybox", "sh", "-c", "busybox mkdir made && echo works"]


def go():
    if not shutil.which("go"):
        return None
    write("go_program.go", """package main

import (
	"fmt"
	"os"
)

//go:noinline
func makeFolder() error { return os.Mkdir("made", 0755) }

func main() {
	if makeFolder() == nil {
		fmt.Println("works")
	}
}
""")
    environment = dict(os.environ, GOCACHE=os.path.abspath("gocache"), GOFLAGS="",
                       HOME=os.getcwd(), CGO_ENABLED="0")
    built = run("go", "build", "-o", "go_program", "go_program.go", env=environment)
    return ["./go_program"] if built.returncode == 0 else None


def cpp():
    return compiled("g++", "cpp_program", ".cpp", """#include <cstdio>
#include <string>
#include <sys/stat.h>

namespace store {
struct Folder {
	std::string name;
	[[gnu::noinline]] bool make(unsigned mode) const
	{
		int answer = mkdir(name.c_str(), mode);
		std::fflush(stdout);
		return answer == 0;
	}
};
}

int main()
{
	if (store::Folder{ "made" }.make(0750))
		std::puts("works");
}
""", "-O1", "-g")


def i386():
    return compiled("gcc", "i386_program", ".c", """#include <stdio.h>
#include <sys/stat.h>

__attribute__((noinline)) int make_folder(const char *name)
{
	int answer = mkdir(name, 0700);
	fflush(stdout);
	return answer;
}

int main(void)
{
	if (make_folder("made") == 0)
		puts("works");
	return 0;
}
""", "-m32", "-O1", "-g")


# call, other calls that would do, program, arguments, a function of the stack
CASES = [
    ("python3", ["mkdir"], python, '"made", 0777',
     "PyRun_SimpleStringFlags"),
    ("sqlite3", ["fdatasync"], sqlite, "new.db", "sqlite3_step"),
    ("a Go program", ["mkdirat"], go, 'AT_FDCWD, "made", 0755', "main.makeFolder"),
    ("a static busybox", ["mkdir"], busybox, '"made", 0777', None),
    ("a C++ program", ["mkdir"], cpp, '"made", 0750', "store::Folder::make"),
    ("an i386 program", ["mkdir"], i386, '"made", 0700', "make_folder"),
]


def clean():
    shutil.rmtree("made", ignore_errors=True)
    for name in ("new.db", "new.db-journal"):
        if os.path.exists(name):
            os.unlink(name)


def read_report(name):
    with open(name, encoding="ascii") as file:
        return [json.loads(line) for line in file]


def file_offsets(name):
    """(address, offset, size) of what an ELF file has in memory."""
    with open(name, "rb") as file:
        data = file.read()
    start, size, count = (struct.unpack_from("<Q", data, 32)[0],
                          *struct.unpack_from("<HH", data, 54))
    for i in range(count):
        kind, _, offset, address, _, length = struct.unpack_from(
            "<IIQQQQ", data, start + i * size)
        if kind == 1:
            yield address, offset, length


def bytes_before(frame):
    """The 7 bytes in front of a frame's address, in its file."""
    loads = list(file_offsets(frame["module"]))
    at = frame["module_offset"] + (loads[0][0] & ~4095)
    for address, offset, length in loads:
        if address <= at - 7 and at <= address + length:
            with open(frame["module"], "rb") as file:
                file.seek(offset + at - address - 7)
                return file.read(7)
    return b""


def is_call(code):
    """Whether they end in a call: a relative one, or one by register or memory."""
    return code[-5:-4] == b"\xe8" or any(
        code[-n] == 0xff and code[1 - n] >> 3 & 7 == 2 for n in range(2, 8))


def check_addresses(what, frames):
    """Of a stripped program: that its addresses are where calls return to."""
    check(f"{what}: … the instruction that made the call",
          bool(frames) and bytes_before(frames[0])[-2:] == b"\x0f\x05", frames)
    check(f"{what}: … where it was called from", len(frames) > 1 and
          all(is_call(bytes_before(frame)) for frame in frames[1:]), frames)


def check_report(what, call, arguments, function, events):
    denials = [event for event in events
               if event["event"] == "denied" and event["call"]["name"] == call]
    check(f"{what}: the report names {call}", len(denials) >= 1, events)
    if not denials:
        return
    # others may lack the rule too: the one that is meant
    denial = next((event for event in denials if arguments in event["call"]["text"]),
                  denials[0])
    names = [frame["function"] or "" for frame in denial["stack"]["frames"]]
    # without stacks all calls of one function of libc are of one place, told of once
    check(f"{what}: … its arguments, {arguments}",
          arguments in denial["call"]["text"] or not CAN_UNWIND, denial["call"]["text"])
    check(f"{what}: … line 2 of the policy",
          (denial["rule"].get("line"), denial["rule"].get("text")) == (2, DECIDES),
          denial["rule"])
    if function and CAN_UNWIND:
        check(f"{what}: … {function} in the stack",
              any(name.startswith(function) for name in names),
              json.dumps(denial, indent=1))
    elif CAN_UNWIND and os.uname().machine == "x86_64":
        check_addresses(what, denial["stack"]["frames"])


def check_program(what, calls, make, arguments, function):
    clean()
    words = make()
    if not words or not (shutil.which(words[0]) or os.path.exists(words[0])):
        print(f"skipped: {what}: it is not here, or cannot be built")
        return
    write("lacking.gate", POLICY.format(decides=DECIDES, calls=", ".join(calls)))
    lacking = run(CALLGATE, "run", "--explain=json", "--explain-output=report.json",
                  "--suggest=amended.gate", "-p", "lacking.gate", "--", *words)
    check(f"{what}: does not work without the rule", "works" not in lacking.stdout,
          lacking.stdout)
    check_report(what, calls[0], arguments, function, read_report("report.json"))
    clean()
    amended = run(CALLGATE, "run", "-p", "amended.gate", "--", *words)
    check(f"{what}: works under the policy that was suggested",
          "works" in amended.stdout, amended.stdout)


# --- servers -----------------------------------------------------------------------------

NGINX = """daemon off;
worker_processes 2;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 64; }}
http {{
	access_log off;
	client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
	uwsgi_temp_path t4; scgi_temp_path t5;
	sendfile on;
	server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(words, ask):
    """Starts a server, asks it, and ends it by SIGTERM. Returns what `ask` did."""
    server = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return ask()
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def check_server(what, calls, words, ask, arguments, function):
    if not shutil.which(words[0]):
        print(f"skipped: {what}: it is not here")
        return
    write("lacking.gate", POLICY.format(decides=DECIDES, calls=", ".join(calls)))
    check(f"{what}: does not work without the rule",
          not serve([CALLGATE, "run", "--explain=json", "--explain-output=report.json",
                     "--suggest=amended.gate", "-p", "lacking.gate", "--", *words], ask))
    check_report(what, calls[0], arguments, function, read_report("report.json"))
    check(f"{what}: works under the policy that was suggested",
          serve([CALLGATE, "run", "-p", "amended.gate", "--", *words], ask))


def nginx():
    import urllib.request
    port = free_port()
    os.makedirs("root", exist_ok=True)
    os.chmod(".", 0o755)
    write("root/page", "works" * 100)
    write("nginx.conf", NGINX.format(port=port, root=os.path.abspath("root")))

    def ask():
        def get():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/page",
                                            timeout=2) as answer:
                    return answer.read()
            except ConnectionRefusedError:
                return None
            except OSError as error:
                reason = getattr(error, "reason", None)
                return None if isinstance(reason, ConnectionRefusedError) else b""
            except Exception:
                return b""
        pages = []
        wait_for(lambda: pages.append(get()) or pages[-1] is not None)
        return pages[-1] == b"works" * 100

    check_server("nginx, its workers", ["sendfile"],
                 ["nginx", "-p", os.getcwd(), "-c", os.path.abspath("nginx.conf")], ask,
                 "root/page", "ngx_linux_sendfile")


def redis():
    port = free_port()
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
             "--dir", os.getcwd()]

    def client(*command):
        return run("redis-cli", "-p", str(port), *command).stdout.strip()

    def thread_names():
        process = re.search(r"process_id:(\d+)", client("info", "server"))[1]
        tasks = f"/proc/{process}/task"
        return {open(f"{tasks}/{task}/comm", encoding="ascii").read().strip()
                for task in os.listdir(tasks)}

    def ask():
        wait_for(lambda: client("ping") == "PONG")
        # a thread names itself when it has begun
        return client("set", "a", "1") == "OK" and wait_for(
            lambda: "bio_close_file" in thread_names(), 10)

    check_server("redis-server, its threads", ["prctl"], words, ask,
                 'PR_SET_NAME, "bio_', "bioProcessBackgroundJobs")


def main():
    print("callgate", CALLGATE)
    if "works" not in run(CALLGATE, "run", "-e", "default allow", "--", "echo",
                          "works").stdout:
        print("this machine takes no filters")
        return 77
    for case in CASES:
        check_program(*case)
    nginx()
    redis()
    return 1 if failures else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        status = main()
        os.chdir("/")
    sys.exit(status)
