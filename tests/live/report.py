#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A report as a browser shows it: headless Chromium draws it, and the picture has the
colours that it should. Skipped where there is no Chromium.

    report.py CALLGATE POLICY [PICTURE.png]

With a third argument the picture is kept there.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

WIDTH, HEIGHT = 1200, 1400
SKIPPED = 77

# What must be seen: the style sheet's colours for allowed, depends and killed.
COLOURS = {"allowed": (0x2F, 0x8F, 0x4E), "depends": (0x2B, 0x6C, 0xB0),
           "refused": (0xD9, 0x8A, 0x1F)}


def chunks(data):
    at = 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8:at + 8 + length]
        at += length + 12


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def unfilter(kind, line, above, size):
    for i, byte in enumerate(line):
        a = line[i - size] if i >= size else 0
        b, c = above[i], above[i - size] if i >= size else 0
        line[i] = (byte + (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) & 255


def pixels(path):
    """How often each colour occurs in a PNG of 8 bits a channel."""
    with open(path, "rb") as file:
        parts = list(chunks(file.read()))
    width, height, depth, kind = struct.unpack_from(">IIBB", parts[0][1])
    assert depth == 8 and kind in (2, 6), "not the PNG that Chromium writes"
    size = 3 if kind == 2 else 4
    data = zlib.decompress(b"".join(d for k, d in parts if k == b"IDAT"))
    above, counts = bytearray(width * size), {}
    for y in range(height):
        start = y * (width * size + 1)
        line = bytearray(data[start + 1:start + 1 + width * size])
        unfilter(data[start], line, above, size)
        for x in range(0, len(line), size):
            colour = tuple(line[x:x + 3])
            counts[colour] = counts.get(colour, 0) + 1
        above = line
    return counts


def draw(browser, page, picture):
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--user-data-dir=" + os.path.dirname(page) + "/profile",
             f"--window-size={WIDTH},{HEIGHT}", "--screenshot=" + picture,
             "file://" + page]
    try:
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=90, check=False)
    except subprocess.TimeoutExpired:  # a busy machine draws no pictures
        return subprocess.CompletedProcess(words, 1, b"it took too long")


def check_layers(callgate, folder):
    """A process that has loaded two filters; left out where nobody may look into it."""
    sleeper = subprocess.Popen([callgate, "run", "-e", "default allow", "-e",
                                "default allow; errno EPERM mkdir", "--", "sleep", "30"])
    try:
        for _ in range(100):
            with open(f"/proc/{sleeper.pid}/comm", encoding="utf-8") as file:
                if file.read().strip() == "sleep":
                    break
            time.sleep(0.05)
        page = subprocess.run([callgate, "report", f"pid:{sleeper.pid}"], cwd=folder,
                              capture_output=True, text=True, timeout=60, check=False)
    finally:
        sleeper.kill()
        sleeper.wait()
    if page.returncode == 4:
        print("layers left out:", page.stderr.splitlines()[0])
        return True
    return "has loaded 2 filters" in page.stdout and "<td>2</td><td>" in page.stdout


def main():
    callgate, policy = map(os.path.abspath, sys.argv[1:3])
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next(filter(None, map(shutil.which, names)), None)
    if not browser:
        print("no Chromium")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as folder:
        page, picture = folder + "/report.html", folder + "/report.png"
        subprocess.run([callgate, "report", os.path.basename(policy), "-o", page],
                       cwd=os.path.dirname(policy), check=True)
        if not check_layers(callgate, folder):
            sys.exit("the layers of a process are not told")
        result = draw(browser, page, picture)
        if not os.path.exists(picture):
            print(result.stdout.decode(errors="replace"), "the browser has drawn nothing")
            sys.exit(SKIPPED if result.returncode else 1)
        counts = pixels(picture)
        if len(sys.argv) > 3:
            shutil.copyfile(picture, sys.argv[3])
    missing = [name for name, colour in COLOURS.items() if counts.get(colour, 0) < 20]
    print("not seen:" if missing else "seen:", ", ".join(missing or COLOURS))
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
