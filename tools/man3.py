#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the manual's section 3 of a public header, whose comments are the contracts.

    man3.py --list HEADER...             the pages' file names, one a line
    man3.py FOLDER VERSION HEADER...     writes them

A section of the header, from one "/* --- title --- */" to the next, is a page named after
its first function; its other functions lead there. A comment is about the declarations
that follow it without an empty line; one that an empty line follows is about what comes.
"""

import os
import re
import sys

SECTION = re.compile(r"/\* --- (.*?) -+ \*/\n")
COMMENT = re.compile(r"/\*(.*?)\*/\n", re.DOTALL)
FUNCTION = re.compile(r"\b(callgate_\w+) ?\(")
LIBRARIES = {"callgate.h": "callgate", "callgate-inspect.h": "callgate",
             "callgate-process.h": "callgate",
             "callgate-record.h": "callgate",
             "callgate-explain.h": "callgate-explain",
             "callgate-format.h": "callgate-format"}


class Block:
    """A comment and the declarations that it is about, of which there may be none."""

    def __init__(self, comment):
        self.comment = comment
        self.declarations = []


class Page:
    """A section of a header."""

    def __init__(self, title, header):
        self.title = title
        self.header = header
        self.blocks = []

    def prototypes(self):
        return [d for b in self.blocks for d in b.declarations if is_function(d)]

    def names(self):
        return [FUNCTION.search(p)[1] for p in self.prototypes()]


def is_function(declaration):
    return declaration.startswith("CALLGATE_API ")


def declaration_end(text, start):
    """After the semicolon, its comment and its line's end; the braces are balanced."""
    bare = re.sub(r"/\*.*?\*/", lambda found: " " * len(found[0]), text[start:],
                  flags=re.DOTALL)
    depth = 0
    for offset, letter in enumerate(bare):
        depth += (letter == "{") - (letter == "}")
        if letter == ";" and depth == 0:
            return text.index("\n", start + offset) + 1
    sys.exit(f"man3.py: a declaration has no end: {text[start:start + 60]}")


def plain_comment(body):
    lines = [re.sub(r"^ \* ?", "", line) for line in body.split("\n")]
    return "\n".join(lines).strip(" \n")


def parse_section(page, text):
    """Cuts a section into blocks; what the preprocessor reads is left out."""
    at = 0
    block = None
    while at < len(text):
        comment = COMMENT.match(text, at)
        line_end = text.index("\n", at) + 1
        if comment:
            block = Block(plain_comment(comment[1]))
            page.blocks.append(block)
            at = comment.end()
        elif text[at] == "\n":
            block = None
            at = line_end
        elif text[at] == "#" or text.startswith(("}", 'extern "C"'), at):
            at = line_end
        else:
            if not block:
                block = Block("")
                page.blocks.append(block)
            end = declaration_end(text, at)
            block.declarations.append(text[at:end].rstrip())
            at = end


def first_section(header, text):
    """A header without sections is one page, titled as its opening comment begins."""
    title = re.search(r"\* \S+: (.*?)[.,\n]", text)[1]
    opened = re.search(r'extern "C" \{\n#endif\n', text)
    return [header, title, text[opened.end():]]


def parse_header(path):
    header = os.path.basename(path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    parts = SECTION.split(text)
    if len(parts) == 1:
        parts = first_section(header, text)
    for title, body in zip(parts[1::2], parts[2::2]):
        page = Page(title, header)
        parse_section(page, body)
        if page.names():
            yield page


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def inline(text):
    """Names in a sentence: `argument` and function()."""
    text = re.sub(r"`([^`]*)`", r"\\fI\1\\fR", escape(text))
    return re.sub(r"\b(callgate_\w+)\(\)", r"\\fB\1\\fR()", text)


def code(text):
    return ".in +4n\n.EX\n" + escape(text.expandtabs(8)) + "\n.EE\n.in\n"


def prose(comment):
    out = []
    for paragraph in comment.split("\n\n"):
        if paragraph.startswith("\t"):
            out.append(code(re.sub("^\t", "", paragraph, flags=re.MULTILINE)))
            continue
        for item in re.split(r"^(?=- )", paragraph, flags=re.MULTILINE):
            mark = ".IP \\(bu 2\n" if item.startswith("- ") else ".PP\n"
            words = " ".join(item.removeprefix("- ").split())
            out.append(mark + inline(words) + "\n" if words else "")
    return "".join(out)


def prototype(declaration):
    return " ".join(declaration.removeprefix("CALLGATE_API ").split()).replace(
        "( ", "(")


def describe(block):
    """What is declared, in bold or as it stands; the words follow the first of them."""
    words = prose(block.comment)
    if not block.declarations:
        return words
    out = [f".PP\n.B {escape(prototype(d))}\n" if is_function(d) else ".PP\n" + code(d)
           for d in block.declarations]
    if words:
        out.insert(1, ".RS 4\n" + words + ".RE\n")
    return "".join(out)


def render(page, pages, version):
    library = LIBRARIES[page.header]
    names = page.names()
    others = [other.names()[0] for other in pages if other is not page]
    see = ",\n".join(f"\\fB{name}\\fR(3)" for name in ["callgate"] + others)
    synopsis = "".join(f".PP\n.HP 4\n.B {escape(prototype(p))}\n"
                       for p in page.prototypes())
    return (
        f'.TH "{names[0]}" "3" "" "callgate {version}" "Library"\n'
        ".nh\n.ad l\n"
        f".SH NAME\n{', '.join(names)} \\- {escape(page.title)}\n"
        f".SH LIBRARY\n.EX\ncc \\&... $(pkg\\-config \\-\\-cflags \\-\\-libs "
        f"{escape(library)})\n.EE\n"
        f".SH SYNOPSIS\n.B #include <{escape(page.header)}>\n{synopsis}"
        f".SH DESCRIPTION\n{''.join(map(describe, page.blocks))}"
        ".SH CONVENTIONS\nOwnership, errors, threads and signals are told in\n"
        ".BR callgate (3).\n"
        f".SH SEE ALSO\n{see}\n")


def main():
    if sys.argv[1] == "--list":
        for header in sys.argv[2:]:
            for page in parse_header(header):
                print("\n".join(name + ".3" for name in page.names()))
        return
    folder, version, *headers = sys.argv[1:]
    pages = [page for header in headers for page in parse_header(header)]
    for page in pages:
        first, *rest = page.names()
        texts = {first: render(page, pages, version)}
        texts.update({name: f".so man3/{first}.3\n" for name in rest})
        for name, text in texts.items():
            with open(os.path.join(folder, name + ".3"), "w", encoding="utf-8") as file:
                file.write(text)


main()
