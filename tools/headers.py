# SPDX-License-Identifier: MIT
"""What kernel headers of any ABI say, asked of clang as a cross compiler.

clang knows the layout rules of every ABI without a cross toolchain: constants are
evaluated by compiling them to LLVM's text form, in which an array of 64-bit numbers
looks the same for every target. CLANG in the environment names another clang.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

# What a few kernel headers want of the C library's; layouts need no more than this.
LIBC = {
    "stdlib.h": "",
    "string.h": "",
    "sys/ioctl.h": "",
    "sys/socket.h": "struct sockaddr { unsigned short sa_family; char sa_data[14]; };\n",
    "sys/time.h": "struct timeval { long tv_sec, tv_usec; };\n",
    "sys/types.h": "",
    "time.h": "",
    "unistd.h": "#define _SC_PAGESIZE 30\n",
}

# Headers that others use without including them.
FIRST = ["stddef.h", "linux/types.h", "linux/ioctl.h", "asm/ioctls.h",
         "asm/termios.h", "asm/termbits.h", "linux/serial.h", "linux/fcntl.h"]

ENUM = re.compile(r"\benum\b[^{};()]*\{([^}]*)\}")
MACRO = re.compile(r"^#define ([A-Za-z_]\w*)(?: (.*))?$", re.M)
MARKER = re.compile(r'# \d+ "(.*?)"')
INCLUDE = re.compile(r"#include(?:_next)? <(.*?)>")


class HeadersError(RuntimeError):
    """clang could not read headers, alone or together."""


class File:
    """One header as clang met it: its own text and what it includes."""

    def __init__(self):
        self.text = []
        self.includes = []

    def names(self):
        """Macros without arguments and enumerators, in the order of their definition."""
        text = "\n".join(self.text)
        found = {match[1]: match.start() for match in MACRO.finditer(text) if match[2]}
        plain = re.sub(r"^#.*$", lambda m: " " * len(m[0]), text, flags=re.M)
        for match in ENUM.finditer(plain):
            for part in match[1].split(","):
                name = re.match(r"\s*([A-Za-z_]\w*)", part)
                if name:
                    found.setdefault(name[1], match.start(1))
        return sorted(found, key=found.get)


class Headers:
    """The headers of one ABI: a row of abis.tsv and the folder above its headers."""

    def __init__(self, abi, sysroot):
        include = Path(sysroot) / abi["headers"].lstrip("=") / "include"
        if not (include / "linux").is_dir():
            abi.refuse(f"no kernel headers in {include}; see tools/update-tables.sh")
        self.include = include
        self.libc = tempfile.TemporaryDirectory()
        for name, text in LIBC.items():
            path = Path(self.libc.name) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.command = [os.environ.get("CLANG", "clang"), f"--target={abi['target']}",
                        "-w", "-ffreestanding", "-nostdlibinc", "-isystem", str(include),
                        "-idirafter", self.libc.name, "-x", "c"]

    def _run(self, flags, source):
        with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
            file.write(source)
            file.flush()
            return subprocess.run(self.command + flags + [file.name], text=True,
                                  capture_output=True, check=False)

    def exists(self, header):
        return (self.include / header).is_file()

    def names(self, headers):
        """{header: names that it defines, alone or by including others}

        One run for all of them: who includes whom is in clang's output.
        """
        source = "".join(f"#include <{h}>\n" for h in headers)
        made = self._run(["-E", "-dD", "-dI"], source)
        if made.returncode:
            raise HeadersError(f"clang could not read {headers}:\n{made.stderr}")
        files = {}
        file = File()
        for line in made.stdout.splitlines():
            marker, include = MARKER.match(line), INCLUDE.match(line)
            if marker:
                path = marker[1].replace(f"{self.include}/", "")
                file = files.setdefault(path, File())
            elif include:
                file.includes.append(include[1])
            else:
                file.text.append(line)
        own = {path: file.names() for path, file in files.items()}
        return {h: list(dict.fromkeys(name for path in self._reach(files, h)
                                      for name in own[path])) for h in headers}

    @staticmethod
    def _reach(files, header):
        """The header and all below it, included ones first."""
        seen, order = set(), []

        def visit(path):
            if path in files and path not in seen:
                seen.add(path)
                for below in files[path].includes:
                    visit(below)
                order.append(path)

        visit(header)
        return order

    def values_of(self, wanted):
        """{name: 64-bit value} out of {header: names}; some do not go together."""
        try:
            return self.values(list(wanted), {name: name for names in wanted.values()
                                              for name in names})
        except HeadersError:
            if len(wanted) == 1:
                raise
        items = list(wanted.items())
        middle = len(items) // 2
        return (self.values_of(dict(items[:middle]))
                | self.values_of(dict(items[middle:])))

    def values(self, headers, expressions):
        """{name: 64-bit value} of those {name: C text} that are integer constants."""
        left = dict(expressions)
        while left:
            source, first = self._source(headers, left)
            made = self._run(["-S", "-emit-llvm", "-o", "-", "-ferror-limit=0",
                              "-fno-caret-diagnostics"], source)
            if made.returncode == 0:
                break
            if re.search(r"\.h:\d+:\d+: (fatal )?error", made.stderr):
                raise HeadersError(f"clang could not read {headers}:\n{made.stderr}")
            bad = {int(n) - first
                   for n in re.findall(r"\.c:(\d+):\d+: error", made.stderr)}
            kept = [item for at, item in enumerate(left.items()) if at not in bad]
            if len(kept) == len(left):
                raise HeadersError(f"clang could not read {headers}:\n{made.stderr}")
            left = dict(kept)
        if not left:
            return {}
        array = re.search(r"@values = .*?\[(i64 .*)\]", made.stdout)[1]
        numbers = [int(word) % 2**64 for word in re.findall(r"i64 (-?\d+)", array)]
        return dict(zip(left, numbers[1:]))

    @staticmethod
    def _source(headers, expressions):
        """One line an expression, and the number of the first such line."""
        lines = [f"#include <{header}>" for header in [*FIRST, *headers]]
        # A pointer or a structure times 0 is an error; 1 is there so that not all are 0.
        lines += ["const unsigned long long values[] = { 1,"]
        first = len(lines) + 1
        lines += [f"((unsigned long long)({text}) + 0 * ({text})),"
                  for text in expressions.values()]
        return "\n".join(lines) + "\n};\n", first
