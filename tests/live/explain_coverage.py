#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a run used of its policy, as it is told: explain_coverage.py CALLGATE [PICTURE.png]

Each rule's count is the number of calls that were made; a rule that nothing came to is
named; calls are told by group; and all of it as text, as JSON, and as a page that asks
nobody for anything, as a browser draws it. Without eBPF only denials are known, and that
is what is said.
"""
import html.parser
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import report

CALLGATE = os.path.abspath(sys.argv[1])
# One that everybody may execute.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable

POLICY = """\
arch    x86_64 aarch64 i386
default errno EPERM
allow   getppid
allow   socket(domain == AF_UNIX)
allow   socket(domain == AF_INET, type & SOCK_TYPE_MASK == SOCK_STREAM)
allow   socket(domain == AF_INET6)
errno   EACCES mkdir, mkdirat
@rest = @known - {mkdir, mkdirat, socket, getppid, swapoff}
allow   @rest
kill    swapoff
"""

PROGRAM = """
import os, socket, subprocess, sys, threading
def open_one(*how):
    try:
        socket.socket(*how).close()
    except OSError:
        pass
def many():
    for _ in range(100):
        os.getppid()
for _ in range(1000):
    os.getppid()
thread = threading.Thread(target=many)
thread.start()
thread.join()
if os.fork() == 0:
    many()
    os._exit(0)
os.wait()
for _ in range(7): open_one(socket.AF_UNIX)
for _ in range(3): open_one(socket.AF_INET)
for _ in range(5): open_one(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(2):
    try: os.mkdir("made")
    except OSError: pass
if len(sys.argv) > 1:
    print("ready", flush=True)
    sys.stdin.readline()
"""

# Of each line of the policy: calls let through, denied; None: it is not looked at.
WANTED = {3: (1200, 0), 4: (7, 0), 5: (3, 0), 6: (0, 0), 7: (0, 2), 9: (None, 0),
          10: (0, 0), 2: (0, 5)}

failures = 0


def check(what, is_so, text=""):
    global failures
    print(f"{'ok' if is_so else 'FAILED'}: {what}", flush=True)
    if not is_so:
        failures += 1
        print(text)


def run(*options, before=(), **more):
    return subprocess.run(
        [*before, CALLGATE, "run", *options, "-p", "app.gate", "--", PYTHON, "-c",
         PROGRAM], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False, **more)


def load(text):
    return next(event for event in map(json.loads, text.splitlines())
                if event["event"] == "coverage")


def check_rules(what, coverage):
    rules = {rule["line"]: rule for rule in coverage["rules"]}
    for line, (passed, denied) in WANTED.items():
        rule = rules.get(line)
        good = rule and rule["denied"] == denied
        if good and passed is not None:
            good = rule["passed"] == passed
        elif good:
            good = rule["passed"] > 100
        check(f"{what}: line {line}, {passed} let through, {denied} denied", good, rule)


def check_calls(coverage):
    calls = {call["name"]: call for call in coverage["calls"]}
    check("JSON: socket, 10 let through and 5 denied",
          (calls["socket"]["passed"], calls["socket"]["denied"]) == (10, 5),
          calls["socket"])
    group = next(group for group in coverage["groups"]
                 if group["group"] == calls["socket"]["group"])
    own = [call for call in coverage["calls"] if call["group"] == group["group"]]
    check("JSON: its group has as many as it has calls",
          group["used"] == sum(call["passed"] > 0 for call in own) and
          group["denied"] == sum(call["denied"] > 0 for call in own), (group, own))


class Page(html.parser.HTMLParser):
    """The tags in which a page could ask for something, the classes of calls."""

    def __init__(self):
        super().__init__()
        self.asks, self.classes, self.calls = [], None, {}

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("script", "img", "link", "iframe", "object") or \
                {"src", "href", "onload", "onclick"} & set(attrs):
            self.asks.append(tag)
        self.classes = attrs.get("class") if tag == "b" else None

    def handle_data(self, data):
        if self.classes:
            self.calls[data] = self.classes


def check_page(name):
    page = Page()
    with open(name, encoding="utf-8") as file:
        text = file.read()
    page.feed(text)
    check("the page asks nobody for anything", not page.asks and "http:" not in text and
          "https:" not in text, page.asks)
    wanted = {"getppid": "passed", "socket": "mixed", "mkdir": "hit", "swapon": "unused",
              "swapoff": "none"}
    check("the page: what became of each call",
          wanted.items() <= page.calls.items(), page.calls)


def check_picture(name):
    browsers = ("chromium", "chromium-browser", "google-chrome")
    browser = next(filter(None, map(shutil.which, browsers)), None)
    if not browser:
        print("skipped: no Chromium draws the page")
        return
    picture = os.path.abspath("page.png")
    drawn = report.draw(browser, os.path.abspath(name), picture)
    if not os.path.exists(picture):
        print("skipped: the browser has drawn nothing:", drawn.stdout[-200:].decode(errors="replace"))
        return
    counts = report.pixels(picture)
    for what, colour in {"allowed and called": (0x2F, 0x8F, 0x4E),
                         "called and denied": (0xB8, 0x32, 0x2A)}.items():
        check(f"the picture has the colour of {what}", counts.get(colour, 0) > 20)
    if len(sys.argv) > 2:
        shutil.copyfile(picture, sys.argv[2])


def on_request():
    """SIGUSR1 tells of what was seen until then."""
    program = subprocess.Popen(
        [CALLGATE, "run", "--coverage=now.json", "--explain-output=told", "-p",
         "app.gate", "--", PYTHON, "-c", PROGRAM, "wait"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    program.stdout.readline()
    program.send_signal(signal.SIGUSR1)
    for _ in range(1000):
        if os.path.exists("now.json"):
            break
        try:
            program.wait(0.02)
        except subprocess.TimeoutExpired:
            pass
    check("SIGUSR1: told while the program runs",
          os.path.exists("now.json") and program.poll() is None)
    with open("now.json", encoding="ascii") as file:
        check_rules("SIGUSR1", json.load(file))
    program.communicate("\n", timeout=60)


def without_privilege():
    if os.geteuid() != 0:
        return
    if not shutil.which("setpriv"):
        print("skipped: no setpriv")
        return
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                 "--no-new-privs"]
    told = run("--explain=json", "--coverage", before=as_nobody)
    if told.returncode:
        print("skipped: another user cannot run it from here:", told.stderr[-200:])
        return
    coverage = load(told.stderr)
    rules = {rule["line"]: rule for rule in coverage["rules"]}
    check("without eBPF: it is said that it is not known, and why",
          not coverage["known"] and coverage["reason"], coverage)
    check("without eBPF: denials are known", rules[7]["denied"] == 2 and
          rules[2]["denied"] == 5, rules)
    check("without eBPF: what was let through is not made up",
          all(rule["passed"] is None for rule in coverage["rules"]) and
          all(call["passed"] is None for call in coverage["calls"]), coverage)
    text = run("--coverage", before=as_nobody).stderr
    check("without eBPF: a rule that allows is not said to be unused",
          "never used  app.gate:10" in text and "never used  app.gate:6" not in text,
          text)


def has_ebpf():
    told = run("--explain=json", "--coverage")
    return load(told.stderr)["known"]


def main():
    if run("--explain").returncode:
        print("this machine takes no filters")
        return 77
    if has_ebpf():
        coverage = load(run("--explain=json", "--coverage").stderr)
        check_rules("JSON", coverage)
        check_calls(coverage)
        permissive = load(run("--explain=json", "--coverage", "--log-only").stderr)
        calls = {call["name"]: call for call in permissive["calls"]}
        check("--log-only: what would be denied is not counted as let through",
              (calls["socket"]["passed"], calls["socket"]["denied"]) == (10, 5), calls)
        os.rmdir("made")
        text = run("--coverage").stderr
        check("text: how many rules were used", "app.gate: 5 of 7 rules used" in text,
              text)
        check("text: rules never used", all(
            f"never used  app.gate:{line}" in text for line in (6, 10)) and
              text.count("never used") == 2, text)
        check("text: 80 columns", all(len(line) <= 80 for line in text.partition(
            "what was used")[2].splitlines()), text)
        run("--coverage=page.html", "--explain-output=told")
        check_page("page.html")
        check_picture("page.html")
        on_request()
    else:
        print("skipped: eBPF cannot be used here")
    without_privilege()
    return 1 if failures else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.chmod(folder, 0o755)
        with open("app.gate", "w", encoding="utf-8") as file:
            file.write(POLICY)
        status = main()
        os.chdir("/")
    sys.exit(status)
