"""Transcripts: the scripted conversations of the kit, as a list of steps.

A line is one step, and a line that begins with white space goes on with it; `#` begins a comment.
README.md says what each step means.
"""
import re
import shlex

from google.protobuf import text_format
from sessionhub.v1 import frames_pb2

STEP = re.compile(r"^(\S+)\s*(.*)$", re.S)
VARIABLE = re.compile(r"\$([a-z]\w*)")
# Stands for a variable in a parsed message. No transcript uses such numbers for anything else.
FIRST_MARK = 4_294_900_000


class BadTranscript(Exception):
    """A transcript that cannot be read; the text says where and why."""


class Step:
    """One step: `verb`, the rest as text, and the number of its first line."""

    def __init__(self, verb, rest, line):
        self.verb, self.rest, self.line = verb, rest, line

    def words(self):
        return shlex.split(self.rest)

    def __str__(self):
        return f"line {self.line}: {self.verb} {' '.join(self.rest.split())}"


def read(path):
    """The steps of a file, and what its first comment says."""
    blocks, about = [], ""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("#"):
                about = about or line.strip("# \n")
            elif not line.strip():
                continue
            elif line[0].isspace():
                blocks[-1][1] += line
            else:
                blocks.append([number, line])
    return [make_step(number, text) for number, text in blocks], about


def make_step(number, text):
    match = STEP.match(text.strip())
    if not match:
        raise BadTranscript(f"line {number}: no step")
    return Step(match.group(1), match.group(2), number)


class Variables:
    """What `$name` stands for: the value met first, and the same ever after."""

    def __init__(self):
        self.values, self.names = {}, []

    def fill(self, text):
        """The text with the values of variables, all of which must have one."""
        return VARIABLE.sub(lambda match: str(self.values[match.group(1)]), text)

    def mark(self, text):
        """The text with a mark for each variable that has no value yet."""
        def one(match):
            name = match.group(1)
            if name in self.values:
                return str(self.values[name])
            if name not in self.names:
                self.names.append(name)
            return str(FIRST_MARK + self.names.index(name))
        return VARIABLE.sub(one, text)

    def same(self, expected, found):
        """True if a number is what is expected; gives a marked variable its value."""
        if isinstance(expected, int) and FIRST_MARK <= expected < FIRST_MARK + len(self.names):
            return self.values.setdefault(self.names[expected - FIRST_MARK], found) == found
        return expected == found


def parse(message_type, text, line):
    try:
        return text_format.Parse(text, message_type())
    except text_format.ParseError as error:
        raise BadTranscript(f"line {line}: {error}") from error


def hub_frame(step, variables):
    return parse(frames_pb2.HubFrame, variables.fill(step.rest), step.line)


def difference(expected, found, variables, where=""):
    """Why `found` is not what `expected` asks for, or None. Fields that `expected` leaves out may
    be anything, but lists must have the same length."""
    for field, value in expected.ListFields():
        name = f"{where}{field.name}"
        if field.label == field.LABEL_REPEATED:
            items = getattr(found, field.name)
            if len(items) != len(value):
                return f"{name} has {len(items)} entries, not {len(value)}"
            pairs = zip(value, items)
        else:
            if field.has_presence and not found.HasField(field.name):
                return f"{name} is not set"
            pairs = [(value, getattr(found, field.name))]
        for one, other in pairs:
            if field.message_type:
                problem = difference(one, other, variables, name + ".")
            elif variables.same(one, other):
                problem = None
            else:
                problem = f"{name} is {other!r}, not {one!r}"
            if problem:
                return problem
    return None
