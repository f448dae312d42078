#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is told of denials, on a terminal of 80 columns: explain_screens.py CALLGATE [FOLDER]

Each message fits, has colours there, and none with NO_COLOR or in a pipe, where the words
are the same. With FOLDER the screens are kept there as pictures, NAME.svg.
"""
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

CALLGATE = os.path.abspath(sys.argv[1])
WIDTH, HEIGHT = 80, 100
END = "the end of it"

FILES = {
    "notes.gate": """\
# notes: keeps its notes in a folder, and tells nobody
arch    x86_64
default errno EPERM

errno   EACCES @mount
kill    ptrace
@rest = @known - {@mount, ptrace, mkdir, mkdirat, socket}
allow   @rest
allow   socket(domain == AF_UNIX)
""",
    "notes.c": """\
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int make_folder(const char *name)
{
	return mkdir(name, 0750);
}

static int keep_notes(void)
{
	if (make_folder("kept"))
		perror("kept");
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

int main(void)
{
	return keep_notes();
}
""",
}

# name, command, what must be on the screen
SCREENS = [
    ("explain", "callgate run --explain -p notes.gate -- ./notes",
     ['mkdir("kept", 0750) denied (EPERM)', "make_folder+0x", "notes.c:7",
      "add at the end:  allow mkdir", "2 denials at 2 places"]),
    ("learn", "callgate run --learn -p notes.gate -- ./notes </dev/null",
     ["would be denied", "+allow mkdir", "--yes applies without asking"]),
    ("coverage", "callgate run --coverage --explain-output=told -p notes.gate -- ./notes;"
     " sed '1,/^callgate/d' told", ["never used", "calls of"]),
    ("call", "callgate explain -p notes.gate 'socket(AF_INET, SOCK_STREAM, 0)'",
     ["socket(AF_INET, SOCK_STREAM, 0) denied (EPERM)", "does not hold"]),
    ("log", "callgate explain -p notes.gate --audit log",
     ["denied (kill)", "arguments decide"]),
]
LOG = ('type=SECCOMP msg=audit(1700000000.123:45): uid=33 pid=7 comm="notes" '
       'exe="/usr/bin/notes" sig=31 arch=c000003e syscall=41 ip=0x7f12 code=0x80000000\n')

failures = 0


def check(what, is_so, text=""):
    global failures
    print(f"{'ok' if is_so else 'FAILED'}: {what}", flush=True)
    if not is_so:
        failures += 1
        print(text)


class Terminal:
    """One command on a terminal of tmux, of a server of its own."""

    count = 0

    def __init__(self, environment):
        Terminal.count += 1  # the server before may still be about to end
        self.socket = os.path.abspath(f"tmux{Terminal.count}")
        # the terminal of a shell that begins with nothing on it
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(WIDTH), "-y",
                  str(HEIGHT), f"{environment} sh -c '. ./command'; echo {END}; sleep 60")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True,
                              text=True, check=False, timeout=60).stdout

    def screens(self):
        """The screen in plain text with lines as they were written, and with colours."""
        for _ in range(1000):
            if END in self.tmux("capture-pane", "-p"):
                break
            time.sleep(0.05)
        plain = self.tmux("capture-pane", "-pJ")
        colours = self.tmux("capture-pane", "-pe")
        self.tmux("kill-server")
        return plain.partition(END)[0], colours.partition(END)[0]


def show(command, environment=""):
    shutil.rmtree("kept", ignore_errors=True)
    with open("command", "w", encoding="utf-8") as file:
        file.write(f"PATH={os.path.dirname(CALLGATE)}:$PATH\n{command}\n")
    return Terminal(f"TERM=xterm-256color {environment}").screens()


def squeezed(text):
    """The words, in any order: where lines are broken, and numbers, are others."""
    return sorted(re.sub(r"\d+", "N", text).split())


# --- pictures ----------------------------------------------------------------------------

COLOURS = {31: "#e06c60", 32: "#7fc77f", 33: "#d9b35a", 34: "#6fa8dc", 35: "#c58fd0",
           36: "#5fbfbf"}
CELL, LINE = 7.8, 17


def spans(line, state):
    """(text, style) of a line with escape sequences; `state` goes on to the next."""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not code:
            if part:
                yield part, dict(state)
            continue
        for number in map(int, (code[1] or "0").split(";")):
            if number == 0:
                state.clear()
            elif number == 1:
                state["font-weight"] = "bold"
            elif number == 39:
                state.pop("fill", None)
            elif number in COLOURS:
                state["fill"] = COLOURS[number]


def picture(command, screen):
    lines = [f"$ {command}", *screen.rstrip().splitlines()]
    width, height = WIDTH * CELL + 24, len(lines) * LINE + 20
    state, rows = {}, []
    for number, line in enumerate(lines):
        at, row = 0, []
        for text, style in spans(line, state):
            attributes = "".join(f' {key}="{value}"' for key, value in style.items())
            row.append(f'<tspan x="{12 + at * CELL:.1f}"{attributes}>'
                       f"{html.escape(text)}</tspan>")
            at += len(text)
        rows.append(f'<text y="{24 + number * LINE}" xml:space="preserve">'
                    f'{"".join(row)}</text>\n')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
            f'width="{width:.0f}" height="{height}" font-size="13" fill="#d8dee6" '
            f'font-family="ui-monospace, DejaVu Sans Mono, monospace">\n'
            f'<rect width="100%" height="100%" rx="6" fill="#161b22"/>\n'
            f'{"".join(rows)}</svg>\n')


# --- checks ------------------------------------------------------------------------------

def check_screen(name, command, wanted):
    plain, coloured = show(command)
    check(f"{name}: says what it should", all(text in plain for text in wanted), plain)
    check(f"{name}: fits into {WIDTH} columns",
          all(len(line) <= WIDTH for line in plain.splitlines()
              if not line.startswith("+")), plain)  # a policy's line is as it is
    without, raw = show(command, "NO_COLOR=1")
    check(f"{name}: NO_COLOR has no colours", "\x1b[" not in raw, repr(raw))
    if name != "coverage":
        check(f"{name}: has colours", "\x1b[" in coloured, plain)
    shutil.rmtree("kept", ignore_errors=True)
    piped = subprocess.run(["sh", "./command"], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, timeout=60, check=False)
    check(f"{name}: a pipe has no colours", "\x1b" not in piped.stdout + piped.stderr)
    # a pipe has both streams apart, and lines as long as they are
    words = piped.stdout + piped.stderr
    check(f"{name}: a pipe has the same words", squeezed(words) == squeezed(without),
          words + without)
    if len(sys.argv) > 2:
        with open(f"{sys.argv[2]}/{name}.svg", "w", encoding="utf-8") as file:
            file.write(picture(command, coloured))


def main():
    if os.uname().machine != "x86_64":
        print("skipped: the policy is for x86-64")
        return 77
    for tool in ("tmux", "gcc"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed")
            return 77
    if subprocess.run([CALLGATE, "run", "--explain", "-e", "default allow", "--", "true"],
                      check=False).returncode:
        print("skipped: this machine takes no filters")
        return 77
    if len(sys.argv) > 2:
        sys.argv[2] = FOLDER
    for name, text in [*FILES.items(), ("log", LOG)]:
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    # the functions keep frames of their own
    subprocess.run(["gcc", "-g", "-O0", "-o", "notes", "notes.c"], check=True)
    for screen in SCREENS:
        check_screen(*screen)
    return 1 if failures else 0


if __name__ == "__main__":
    FOLDER = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        status = main()
        os.chdir("/")
    sys.exit(status)
