"""Which public declarations of a header have no comment: a scanner of lines, not a parser.

A declaration has a comment if one stands right above it or at the end of one of its lines, or right
above the first of its group: declarations without a blank line between them. What needs none:
destructors, copies and moves, which the class's comment covers; forward declarations; whatever is
private or in a namespace of NAMESPACES_HIDDEN.
"""

import re

import cpp

# Namespaces whose contents are public only because templates need them.
NAMESPACES_HIDDEN = {"client"}
OPENS_SCOPE = re.compile(
    r"(?:template <.*> )?(namespace|class|struct|union|enum)\b([^;()]*?)(?: final)?(?: :.*)? ?\{$")
LABEL = re.compile(r"(public|protected|private):$")
NEEDS_NONE = re.compile(
    r"(?:friend )?(?:class|struct|union) \w+;$|friend class\b|static_assert\b"  # no declarations
    r"|(?:virtual )?~|(\w+)\((?:const )?\1 ?&&?[\w ]*\)|.*\boperator=\(")


class Scope:
    """A namespace, class or enumeration that the scanner is in."""

    def __init__(self, kind, parent_shown, shown):
        self.kind = kind
        self.parent_shown = parent_shown
        self.shown = parent_shown and shown


def is_installed(path):
    return path.endswith(".h") and path.startswith(
        ("client/cpp/include/", "client/cpp/testing/include/", "proto/sessionhub/"))


def has_comment_at_its_end(line, code):
    """True for a comment after code; what only silences a checker explains nothing."""
    return bool(code.strip()) and bool(re.search(r"//(?! NOLINT)", line[len(code.rstrip()):]))


def is_complete(declaration, in_enum):
    """True unless a declaration goes on in the next line."""
    if any(declaration.count(a) != declaration.count(b) for a, b in ("()", "{}")):
        return False
    return in_enum or declaration.endswith((";", "}"))


def undocumented(text):
    """(line number, beginning of the declaration) of each that has no comment."""
    code_text = cpp.PREPROCESSOR.sub(lambda match: "\n" * match.group(0).count("\n"),
                                     cpp.strip_comments_and_literals(text))
    scopes = [Scope("file", True, True)]
    declaration, first = "", 0
    headed = False  # a comment stands right above, or above the group
    told = False  # at the end of a line of the declaration
    for number, (line, code) in enumerate(zip(text.splitlines(), code_text.splitlines()), 1):
        stripped = code.strip()
        if not declaration:
            if not stripped:
                headed = line.strip().startswith("//")
                continue
            label = LABEL.match(stripped)
            if label or stripped.startswith("}"):
                headed = False
                if label:
                    scopes[-1].shown = scopes[-1].parent_shown and label.group(1) == "public"
                else:
                    scopes.pop()
                continue
            first, told = number, False
        declaration = f"{declaration} {stripped}".strip()
        told = told or has_comment_at_its_end(line, code)
        scope = scopes[-1]
        opened = OPENS_SCOPE.match(declaration)
        if not opened and not is_complete(declaration, scope.kind == "enum"):
            continue
        is_namespace = opened and opened.group(1) == "namespace"
        if scope.shown and not (headed or told or is_namespace or NEEDS_NONE.match(declaration)):
            yield first, declaration[:40]
        if opened:
            kind, name = opened.group(1), opened.group(2).strip()
            shown = kind != "class" and name not in NAMESPACES_HIDDEN
            scopes.append(Scope(kind, scope.shown, shown))
            headed = False
        declaration = ""
    if declaration or len(scopes) != 1:  # what follows was not looked at
        yield first, f"{declaration[:40]} (the scanner cannot follow)"
