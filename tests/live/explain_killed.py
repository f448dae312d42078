#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program whose supervisor is killed: explain_killed.py CALLGATE

Either of the two processes is killed by SIGKILL while a program, a child of it and a
daemon make denied calls all the time. They end or go on, as was asked for, and no answer
to a call is ever another than the policy's. Besides, what a shell and a user may do:
signals are passed on, a stop stops both.
"""
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

CALLGATE = os.path.abspath(sys.argv[1])
ERRNO = 18  # EXDEV, which mkdir never answers

# Each process writes the errnos that it gets to a file of its own: the first ones, and
# whatever is another one then. Some call is nearly always received and not answered.
# It ends when there is a file "stop", and tells of as many again when there is "again".
PROGRAM = """
import os, sys, time
name = sys.argv[1]
if name == "first":
    if os.fork() == 0:
        name = "child"
    elif os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        name = "daemon"
out = open(name, "w")
out.write(f"{os.getpid()}\\n")
end = time.monotonic() + 120
count = 0
has_told_again = False
before = answer = None
while time.monotonic() < end and not os.path.exists("stop"):
    if not has_told_again and os.path.exists("again"):
        has_told_again = True
        count = 0
    try:
        os.mkdir("made")
        answer = "made"
    except OSError as error:
        answer = error.errno
    if count < 30 or answer != before:
        out.write(f"{answer}\\n")
        out.flush()
    count += 1
    before = answer
out.write("end\\n")
out.close()
os._exit(7)
"""
NAMES = ("first", "child", "daemon")

failures = 0


def check(what, is_so, text=""):
    global failures
    print(f"{'ok' if is_so else 'FAILED'}: {what}", flush=True)
    if not is_so:
        failures += 1
        print(text)


def wait_for(is_so, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def lines(name):
    try:
        with open(name, encoding="ascii") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def touch(name):
    with open(name, "w", encoding="ascii"):
        pass


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def start(*options, words=None, policy=None, output="told"):
    return subprocess.Popen(
        [CALLGATE, "run", "--explain", f"--explain-output={output}", *options, "-e",
         policy or "default allow; errno EXDEV mkdir", "--",
         *(words or [sys.executable, "-c", PROGRAM, "first"])],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)


def server_of(front):
    with open(f"/proc/{front.pid}/task/{front.pid}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


def end(front):
    """The status; what does not end by itself is ended, and its status is none."""
    try:
        return front.wait(60)
    except subprocess.TimeoutExpired:
        front.kill()
        front.wait()
        return None


def kill_one(which, orphans):
    what = f"the {which} is killed, {orphans}"
    for name in (*NAMES, "again", "stop"):
        if os.path.exists(name):
            os.unlink(name)
    front = start(f"--on-supervisor-death={orphans}")
    check(f"{what}: three processes run",
          wait_for(lambda: all(len(lines(name)) > 20 for name in NAMES)))
    pids = [int(lines(name)[0]) for name in NAMES]
    os.kill(front.pid if which == "front" else server_of(front), signal.SIGKILL)
    if orphans == "kill":
        check(f"{what}: all of them end",
              wait_for(lambda: not any(is_alive(pid) for pid in pids)))
        check(f"{what}: none by itself",
              not any("end" in lines(name) for name in NAMES))
    else:
        before = {name: len(lines(name)) for name in NAMES}
        touch("again")
        check(f"{what}: all of them go on", wait_for(lambda: all(
            len(lines(name)) >= before[name] + 20 for name in NAMES)))
        touch("stop")
        check(f"{what}: … to their end",
              wait_for(lambda: all("end" in lines(name) for name in NAMES)))
    status = end(front)
    if which == "front":
        wanted = -signal.SIGKILL
    else:
        wanted = -signal.SIGKILL if orphans == "kill" else 7
    check(f"{what}: the status", status == wanted, status)
    answers = {line for name in NAMES for line in lines(name)[1:] if line != "end"}
    check(f"{what}: no answer but the policy's", answers == {str(ERRNO)}, answers)


def has_a_call_waiting():
    """Killed while it tells of one call, and has received another."""
    os.mkfifo("full")
    full = os.open("full", os.O_RDWR | os.O_NONBLOCK)
    try:
        while True:
            os.write(full, bytes(512))
    except BlockingIOError:
        pass
    front = start("--on-supervisor-death=continue", output="full", words=[
        "sh", "-c", "touch asks; mkdir one & mkdir two || wait $! || exit 9"])
    wait_for(lambda: os.path.exists("asks"))
    time.sleep(0.5)  # both ask by now, else they ask the other one
    os.kill(server_of(front), signal.SIGKILL)
    told = b""
    has_ended = False
    give_up = time.monotonic() + 60
    while not has_ended and time.monotonic() < give_up:
        has_ended = front.poll() is not None
        if select.select([full], [], [], 0.01)[0]:
            told += os.read(full, 65536)
    check("a call that the killed server had received is answered", end(front) == 9,
          front.returncode)
    check("… and told of", b"mkdir" in told, told.strip(b"\0"))
    os.close(full)


def passes_signals_on():
    early = start(words=["sleep", "60"])
    early.terminate()  # whether the program runs yet or not
    check("SIGTERM ends it at any time", end(early) == -signal.SIGTERM,
          early.returncode)
    front = start(words=["sh", "-c", "trap 'exit 3' TERM; touch ready; "
                                     "while :; do sleep 0.02; done"])
    wait_for(lambda: os.path.exists("ready"))
    front.terminate()
    check("SIGTERM is the program's", end(front) == 3, front.returncode)


def stops_and_goes_on():
    front = start(words=["sh", "-c", "kill -STOP $$; exit 5"])
    stopped = os.waitpid(front.pid, os.WUNTRACED)[1]
    check("it stops as the program does", os.WIFSTOPPED(stopped), stopped)
    os.kill(front.pid, signal.SIGCONT)
    check("… and goes on with it", end(front) == 5, front.returncode)


def dies_of_the_signal():
    front = start(words=["sh", "-c", "kill -SEGV $$"])
    check("it dies of the program's signal", end(front) == -signal.SIGSEGV,
          front.returncode)
    front = start(words=["mkdir", "made"], policy="default allow; kill mkdir")
    check("… also of the policy's", end(front) == -signal.SIGSYS, front.returncode)


TRAPPED = """
import os, signal
signal.signal(signal.SIGSYS, lambda *_: None)
with open("making", "w", encoding="ascii") as file:
    file.write(str(os.getpid()))
os.rename("making", "begun")
while True:
    try:
        os.mkdir("made")
    except OSError:
        pass
"""


def dies_at_its_call():
    """Of a signal while it is stopped, or about to be: at each call, since it traps."""
    wrong = []
    for i in range(40):
        front = start(words=[sys.executable, "-c", TRAPPED],
                      policy="default allow; trap mkdir")
        wait_for(lambda: os.path.exists("begun"))
        time.sleep(0.001 * (i % 10))
        os.kill(int(lines("begun")[0]), signal.SIGKILL)
        if end(front) != -signal.SIGKILL:
            wrong.append(front.returncode)
        os.unlink("begun")
    check("a signal at a call that is stopped: it is what the program dies of", not wrong,
          wrong)


def prints_to_nobody():
    """What the program left behind is served, though nobody reads of it."""
    words = "(for i in $(seq 600); do [ -e go ] && break; sleep 0.05; done; " \
            "mkdir made; echo $? >left) >/dev/null 2>&1 & mkdir made; :"
    read_end, write_end = os.pipe()
    os.close(read_end)
    front = subprocess.Popen(
        [CALLGATE, "run", "--explain", "-e", "default allow; errno EXDEV mkdir", "--",
         "sh", "-c", words], stdin=subprocess.DEVNULL, stderr=write_end)
    os.close(write_end)
    front.wait(timeout=60)
    time.sleep(0.5)
    with open("go", "w", encoding="ascii"):
        pass
    end = time.monotonic() + 30
    while not os.path.exists("left") and time.monotonic() < end:
        time.sleep(0.05)
    check("nobody reads what is told: the status is the program's",
          front.returncode == 0, front.returncode)
    check("… and what it left behind goes on", os.path.exists("left"))
    for name in ("go", "left"):
        if os.path.exists(name):
            os.unlink(name)


def main():
    probe = subprocess.run([CALLGATE, "run", "--explain", "-e", "default allow", "--",
                            "true"], check=False)
    if probe.returncode:
        print("this machine takes no filters with a listener")
        return 77
    for which in ("front", "server"):
        for orphans in ("kill", "continue"):
            kill_one(which, orphans)
    has_a_call_waiting()
    passes_signals_on()
    stops_and_goes_on()
    dies_of_the_signal()
    dies_at_its_call()
    prints_to_nobody()
    return 1 if failures else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        status = main()
        os.chdir("/")
    sys.exit(status)
