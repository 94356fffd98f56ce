"""As much of C++ as tidy.py must understand: includes, guards, comments, extents of functions."""

import re

INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)
GUARD = re.compile(r"^#ifndef\s+(\w+)\s*\n#define\s+(\w+)\s*$", re.M)
# Namespaces of literals exist to be used whole.
USING_NAMESPACE = re.compile(r"\busing\s+namespace\s+(?!std::(chrono_|string_)?literals;)")
# A comment, a raw string, a string or a character; a digit separator is none of them.
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S,
)
# What stands before a brace that does not open a function.
NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$")
PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
# Include folders of the build: `proto/sessionhub/value.h` is included as `sessionhub/value.h` too.
INCLUDE_ROOTS = ("client/cpp/include/", "client/cpp/testing/include/", "proto/")


def words(line):
    return re.findall(r"\w+", line)


def includes(text):
    """(line number, what is included), in order."""
    return [(line_at(text, match.start(1)), match.group(1)) for match in INCLUDE.finditer(text)]


def include_names(path):
    """The names by which a header of this tree may be included, the short one first."""
    short = [path[len(root):] for root in INCLUDE_ROOTS if path.startswith(root)]
    return short + [path]


def guard_name(name):
    return re.sub(r"[^A-Za-z0-9]", "_", name).upper() + "_"


def guard_of(text):
    match = GUARD.search(text)
    return match.group(1) if match and match.group(1) == match.group(2) else None


def strip_comments_and_literals(text):
    """The same text with blanks in place of comments and literals; lines stay lines."""
    return TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def function_extents(text):
    """(first line, number of lines) of every outermost function body with its braces.

    A brace opens a function if a parameter list, and no class or namespace, stands between it and
    the end of what was before. Namespaces and classes are entered, functions are not.
    """
    code = PREPROCESSOR.sub(lambda match: "\n" * match.group(0).count("\n"),
                            strip_comments_and_literals(text))
    depth = 0  # inside a function
    first = 0
    head_start = 0
    for match in re.finditer(r"[{};]", code):
        at, symbol = match.start(), match.group(0)
        if symbol == "{":
            if depth or opens_function(code[head_start:at]):
                first = first if depth else line_at(code, at)
                depth += 1
        elif symbol == "}" and depth:
            depth -= 1
            if not depth:
                yield first, line_at(code, at) - first + 1
        if not depth:
            head_start = at + 1


def line_at(text, at):
    return text.count("\n", 0, at) + 1


def opens_function(head):
    return ")" in head and not NOT_A_FUNCTION.search(head) and not re.search(r"=\s*$", head)
