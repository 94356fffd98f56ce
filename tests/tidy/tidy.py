#!/usr/bin/env python3
"""Checks that the tree keeps to its own rules: who includes whom, sizes, words, guards.

    tidy.py [FOLDER]    checks the tree (the one that this file is in), exits 1 if a rule is broken
    tidy.py --list      prints the rules

Each rule is a function of one file that yields (line number, message). tidy_test.py shows for each
that it fires on a bad sample. What may break a rule stands in exceptions.py, with the reason.
"""

import pathlib
import sys

import cpp
import documented
import layers
from exceptions import EXCEPTIONS

HEADER_LINES_MAX = 200
SOURCE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

BANNED_EVERYWHERE = ("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")
SLEEPS = ("sleep_for", "sleep_until", "usleep", "nanosleep", "absl::SleepFor")
SKIPPED_FOLDERS = {".git", "build", "third_party"}


def is_cpp(path):
    return path.endswith((".h", ".cc"))


def check_lengths(path, text):
    """Headers have at most 200 lines, sources 500, and no line more than 100 columns."""
    lines = text.splitlines()
    bound = HEADER_LINES_MAX if path.endswith(".h") else SOURCE_LINES_MAX
    if path.endswith((".h", ".cc", ".py")) and len(lines) > bound:
        yield bound + 1, f"file has {len(lines)} lines, more than {bound}: split it"
    if not path.endswith((".h", ".cc", ".py")):
        return
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"line has {len(line)} columns, more than {COLUMNS_MAX}: break it"


def check_functions(path, text):
    """No function has more than 70 lines."""
    if not is_cpp(path):
        return
    for first, count in cpp.function_extents(text):
        if count > FUNCTION_LINES_MAX:
            yield first, f"function has {count} lines, more than {FUNCTION_LINES_MAX}: split it"


def check_words(path, text):
    """No notes to self, no `using namespace`, no sleeping tests, no std::cout in libraries."""
    code = cpp.strip_comments_and_literals(text) if is_cpp(path) else ""
    for number, line in enumerate(text.splitlines(), 1):
        for word in cpp.words(line):
            if word in BANNED_EVERYWHERE:
                yield number, f"{word}: do it, or write an issue"
    for number, line in enumerate(code.splitlines(), 1):
        words = cpp.words(line)
        if cpp.USING_NAMESPACE.search(line):
            yield number, "`using namespace`: name what is used"
        for word in SLEEPS:
            if path.startswith("tests/") and word.split("::")[-1] in words:
                yield number, f"{word} in a test: wait for what you wait for"
        if path.startswith(layers.PURE) and "_clock::now" in line:
            yield number, "the pure core asks no clock: time is an argument"
        library = path.startswith(("hub/", "client/cpp/src/", "client/cpp/include/"))
        if library and {"cout", "cerr", "printf"} & set(words):
            yield number, "a library does not print: log (hub) or return a status (client)"


def check_guard(path, text):
    """A header has a guard named after its path."""
    if not path.endswith(".h"):
        return
    names = {cpp.guard_name(shown) for shown in cpp.include_names(path)}
    found = cpp.guard_of(text)
    if found is None:
        yield 1, f"header has no guard: #ifndef {sorted(names)[0]}"
    elif found not in names:
        yield 1, f"guard is {found}: name it {sorted(names)[0]}"


def check_own_header_first(path, text, exists):
    """A .cc includes its own header before anything else."""
    if not path.endswith(".cc"):
        return
    stem = path[: -len(".cc")]
    for suffix in ("_test", "_posix"):
        stem = stem.removesuffix(suffix)
    own = stem + ".h"
    if not exists(own):
        return
    includes = cpp.includes(text)
    if not includes or includes[0][1] not in cpp.include_names(own):
        yield 1, f"does not include {own} first"


def check_layers(path, text):
    """Includes go one way only; see layers.py."""
    if not is_cpp(path):
        return
    for number, included in cpp.includes(text):
        for reason in layers.violations(path, included):
            yield number, f"includes {included}: {reason}"


def check_documented(path, text):
    """What an installed header declares has a comment, of its own or of its group."""
    if not documented.is_installed(path):
        return
    for number, declaration in documented.undocumented(text):
        yield number, f"no comment says what this is: {declaration}"


RULES = (check_lengths, check_functions, check_words, check_guard, check_own_header_first,
         check_layers, check_documented)


def check_file(path, text, exists=lambda path: False):
    """All findings of one file as (rule name, line number, message)."""
    for rule in RULES:
        name = rule.__name__.removeprefix("check_")
        arguments = (path, text, exists) if rule is check_own_header_first else (path, text)
        for number, message in rule(*arguments):
            yield name, number, message


def files_of(root):
    suffixes = {".h", ".cc", ".py", ".proto", ".cmake", ".txt", ".md", ".sh"}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix in suffixes and path.is_file() and not SKIPPED_FOLDERS & set(relative.parts):
            yield relative.as_posix()


def check_tree(root):
    """Findings of the tree that have no written exception, and exceptions that nothing needs."""
    unused = set(EXCEPTIONS)
    for path in files_of(root):
        text = (root / path).read_text(encoding="utf-8")
        for rule, number, message in check_file(path, text, lambda own: (root / own).exists()):
            if (rule, path) in EXCEPTIONS:
                unused.discard((rule, path))
            else:
                yield f"{path}:{number}: {rule}: {message}"
    for rule, path in sorted(unused):
        yield f"exceptions.py: {path} does not break {rule}: remove the exception"


def main(arguments):
    if arguments == ["--list"]:
        for rule in RULES:
            print(f"{rule.__name__.removeprefix('check_')}: {rule.__doc__}")
        return 0
    root = pathlib.Path(arguments[0] if arguments else __file__).resolve()
    if root.is_file():
        root = root.parents[2]
    findings = list(check_tree(root))
    print("\n".join(findings) or "tidy")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
