#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`callgate top` under load, on a terminal of tmux and as text.

    top.py CALLGATE DOCUMENT [--update]

The document shows a screen, in the block that begins with "callgate top". That block must
have the lines that a screen has now, whatever their numbers; --update writes one.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

WIDTH = 96
HEIGHT = 22 if "--update" in sys.argv else 40  # others may be refused calls meanwhile
POLICY = ("default allow; errno EPERM mkdir, mkdirat; errno ENOSYS statx; "
          "errno EACCES socket(domain == AF_INET)")
# A name that would clear a terminal, but one to look at in the document.
NAME = "fetcher" if "--update" in sys.argv else "busy \x1b[2J"
SHOWN = r"(busy \?\[2J|fetcher)"
LOAD = r"""
import os, socket, sys, time
open("/proc/self/comm", "w").write(sys.argv[1])
while True:
    for _ in range(5):
        try: os.mkdir("/nowhere/x")
        except OSError: pass
    try: socket.socket(socket.AF_INET)
    except OSError: pass
    time.sleep(0.01)
"""
HEAD = r"callgate top  \d\d:\d\d:\d\d  by denied  \d+ of \d+ processes confined  denied \d+"
TITLES = ["PID NAME CALLS/s DENIED/s DENIED LAST DENIED",
          "DENIED/s DENIED CALL VERDICT LAYER INSN PROCESS"]
KEYS = "q quit  p pause  s sort  / filter  a all  h help"
ROWS = [rf" *\d+ {SHOWN}  +\d+\.\d +[1-9]\d*\.\d +\d+  \w+: errno E\w+",
        rf" +[1-9]\d*\.\d +\d+  mkdir +errno EPERM +1/1 +\d+  {SHOWN}",
        rf" +[1-9]\d*\.\d +\d+  socket +errno EACCES +1/1 +\d+  {SHOWN}"]

callgate, document = map(os.path.abspath, sys.argv[1:3])
failures = []


def check(what, good, seen=""):
    print(("ok: " if good else "FAILED: ") + what)
    if not good:
        failures.append(what)
        print(seen)


def squeezed(text):
    return [re.sub(r" +", " ", line).strip() for line in text.split("\n")]


def has_screen(text):
    lines = text.split("\n")
    return (any(re.match(HEAD, line) for line in lines)
            and all(title in squeezed(text) for title in TITLES)
            and all(any(re.match(row, line) for line in lines) for row in ROWS))


def is_filtered(text):
    return "filter: socket" in text and "EACCES" in text and "mkdir  " not in text


def fits(text):
    """A window of twelve lines: it may also be seen between erasing and drawing."""
    return "q quit" in text.split("\n")[11] and TITLES[0] in squeezed(text)


def has_ended(text):
    """The command's status was printed: the command itself says no number."""
    return re.search(r"^ended \d", text, re.MULTILINE)


class Terminal:
    """A shell in a terminal of tmux, of a server of its own."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "tmux")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(WIDTH), "-y",
                  str(HEIGHT), "env PS1='$ ' sh")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True,
                              text=True, check=True, timeout=30).stdout

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def text(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, is_there, seconds=60):
        """The screen when it is as wanted, or as it is then."""
        end = time.monotonic() + seconds
        text = self.text()
        while time.monotonic() < end and not is_there(text):
            time.sleep(0.2)
            text = self.text()
        return text

    def close(self):
        self.tmux("kill-server")


def check_screen(terminal):
    command = f"stty -a >before; {callgate} top --interval 500; echo ended $?"
    terminal.type(command, "Enter")
    screen = terminal.wait(has_screen)
    check("a screen shows who is refused what, and by which rule", has_screen(screen),
          screen)
    check("and what one may press", KEYS in screen)
    terminal.type("p")
    paused = terminal.wait(lambda text: "PAUSED" in text)
    time.sleep(1.2)
    check("p stops it", "PAUSED" in paused and terminal.text() == paused)
    terminal.type("p")
    terminal.type("s")
    check("s sorts by the next column",
          "by total" in terminal.wait(lambda text: "by total" in text))
    terminal.type("s", "s", "s", "s", "/", "socket", "Enter")
    filtered = terminal.wait(is_filtered)
    check("/ filters", is_filtered(filtered), filtered)
    terminal.type("Escape", "h")
    check("h helps", "which of the process's filters decided"
          in terminal.wait(lambda text: "decided" in text))
    terminal.type("h")
    terminal.tmux("resize-window", "-x", "70", "-y", "12")
    small = terminal.wait(fits)
    check("a small window has what fits", fits(small), small)
    terminal.tmux("resize-window", "-x", str(WIDTH), "-y", str(HEIGHT))
    terminal.type("q")
    check("q ends it", "ended 0" in terminal.wait(has_ended))
    return screen


def check_restored(terminal, folder):
    for signal in ("INT", "TERM"):
        terminal.type("clear", "Enter")
        terminal.type(f"{callgate} top; echo ended $?", "Enter")
        terminal.wait(lambda text: KEYS in text)
        check(f"it is there before SIG{signal}",
              terminal.tmux("display", "-p", "#{alternate_on}").strip() == "1")
        shell = terminal.tmux("display", "-p", "#{pane_pid}").strip()
        child = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True,
                               check=True).stdout.split()[0]
        subprocess.run(["kill", f"-{signal}", child], check=True)
        check(f"SIG{signal} ends it",
              "ended 0" in terminal.wait(has_ended))
        check("and the old screen is back",
              terminal.tmux("display", "-p", "#{alternate_on}").strip() == "0")
    terminal.type("stty -a >after", "Enter")
    after = os.path.join(folder, "after")
    for _ in range(50):
        if os.path.exists(after) and os.path.getsize(after):
            break
        time.sleep(0.1)
    with open(os.path.join(folder, "before")) as a, open(after) as b:
        check("the terminal is as it was", a.read() == b.read())


def check_colours(terminal):
    for setting, wanted in (("NO_COLOR=", True), ("NO_COLOR=1", False)):
        terminal.type("clear", "Enter")
        terminal.type(f"{setting} {callgate} top --interval 300", "Enter")
        terminal.wait(has_screen)
        colours = re.search(r"\x1b\[[0-9;]*3[1-7]m", terminal.tmux("capture-pane", "-pe"))
        check(f"{setting}: colours {wanted}", bool(colours) == wanted)
        terminal.type("q")
        terminal.wait(lambda text: KEYS not in text)


def check_batch():
    for _ in range(10):  # a machine that is busy elsewhere may have no load in a frame
        result = subprocess.run([callgate, "top", "--batch", "2", "--interval", "700"],
                                capture_output=True, text=True, check=False, timeout=60)
        if has_screen(result.stdout):
            break
    frames = [frame for frame in result.stdout.split("\n\ncallgate")]
    check("--batch 2 prints two frames",
          result.returncode == 0 and len(frames) == 2 and has_screen(result.stdout),
          result.stdout + result.stderr)
    other = subprocess.run([callgate, "top", "--batch", "1", "--filter", "no such thing"],
                           capture_output=True, text=True, check=False, timeout=60)
    check("--filter leaves out what does not fit", "mkdir" not in other.stdout
          and "callgate top" in other.stdout)


def check_nothing_is_left():
    if not shutil.which("bpftool"):
        return
    for _ in range(50):  # others may run it as well
        listed = subprocess.run(["bpftool", "prog"], capture_output=True, text=True,
                                check=True).stdout
        if "count_enter" not in listed:
            break
        time.sleep(0.1)
    check("nothing stays in the kernel", "count_enter" not in listed)


def block_of(text):
    return re.search(r"```\n(callgate top  .*?)```", text, re.DOTALL)


def check_document(screen):
    with open(document, encoding="utf-8") as file:
        text = file.read()
    block = block_of(text)
    if "--update" in sys.argv:
        lines = [line.rstrip() for line in screen.rstrip("\n").split("\n")]
        with open(document, "w", encoding="utf-8") as file:
            file.write(text[:block.start(1)] + "\n".join(lines) + "\n"
                       + text[block.end(1):])
        return
    check("the document shows such a screen",
          bool(block) and has_screen(block[1]) and KEYS in block[1])


def main():
    if not shutil.which("tmux"):
        print("skipped: tmux is not installed")
        sys.exit(77)
    probe = subprocess.run([callgate, "top", "--batch", "1", "--interval", "100"],
                           capture_output=True, text=True, check=False, timeout=60)
    if probe.returncode:
        print("skipped:", probe.stderr.split("\n")[0])
        sys.exit(77)
    load = subprocess.Popen([callgate, "run", "-e", POLICY, "--", sys.executable, "-c",
                             LOAD, NAME])
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            terminal = Terminal(folder)
            try:
                screen = check_screen(terminal)
                check_restored(terminal, folder)
                check_colours(terminal)
            finally:
                terminal.close()
                os.chdir("/")
        check_batch()
    finally:
        load.kill()
        load.wait()
    check_nothing_is_left()
    check_document(screen)
    sys.exit(1 if failures else 0)


main()
