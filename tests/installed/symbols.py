"""What a shared library shows, and what objects call, as the GNU binutils tell it."""

import re
import subprocess

# `class SESSIONHUB_EXPORT Client {`, `friend SESSIONHUB_EXPORT bool operator==(`.
MARKED_CLASS = re.compile(r"\b(?:class|struct)\s+SESSIONHUB_EXPORT\s+(\w+)")
MARKED_FUNCTION = re.compile(r"\bSESSIONHUB_EXPORT\s+(?!class|struct)[^;{(]*?(operator\W+|\w+)\(")
OWNER = re.compile(
    r"^(?:typeinfo(?: name)? for |vtable for )?sessionhub::(operator[^\w\s(]+|\w+)")

# What no function of the client calls, by name as the linker sees it.
ENDS_THE_PROCESS = {"abort", "exit", "_exit", "_Exit", "quick_exit", "raise", "kill",
                    "__assert_fail", "_ZSt9terminatev"}
THROWS = {"__cxa_throw", "__cxa_rethrow"}
PRINTS = {"puts", "putchar", "printf", "fprintf", "vfprintf", "perror", "fputs", "fputc", "fwrite",
          "syslog", "stdout", "stderr", "_ZSt4cout", "_ZSt4cerr", "_ZSt4clog"}
READS_THE_ENVIRONMENT = {"getenv", "secure_getenv", "environ", "setenv"}
BANNED_CALLS = ENDS_THE_PROCESS | THROWS | PRINTS | READS_THE_ENVIRONMENT

# Functions of ours, lambdas in them, and names without a namespace; not what a library's template
# makes of a type of ours.
OWN_FUNCTION = re.compile(r"^(?:_Z+[NKVROL]*10sessionhub|_ZL\d|(?!_Z))")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
RELOCATION = re.compile(r"^\s+[0-9a-f]+:\s+R_\w+\s+(.*?)(?:@[\w.]+)?(?:[-+]0x[0-9a-f]+)?$")


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def public_names(headers):
    """The classes and functions that the texts of `headers` mark for export."""
    names = set()
    for text in headers:
        code = re.sub(r"//.*|^#.*", "", text, flags=re.MULTILINE)
        names.update(MARKED_CLASS.findall(code), MARKED_FUNCTION.findall(code))
    return names


def exported(library):
    """The demangled names of all that `library` defines for others."""
    lines = output_of("nm", "-D", "--defined-only", "-C", library).splitlines()
    return [line.split(" ", 2)[2] for line in lines]


def strangers(symbols, names):
    """Those of `symbols` that belong to none of the public `names` of namespace sessionhub."""
    owners = ((symbol, OWNER.match(symbol)) for symbol in symbols)
    return [symbol for symbol, owner in owners if not owner or owner[1].strip() not in names]


def hidden(symbols, names):
    """Those of the public `names` of which no symbol is shown."""
    return names - {owner[1].strip() for owner in map(OWNER.match, symbols) if owner}


def dynamic(library, tag):
    """The values of a tag of the dynamic section, as NEEDED or SONAME."""
    return re.findall(rf"\({tag}\).*\[(.*)\]", output_of("readelf", "-d", library))


def banned_calls(code, is_optimised=False):
    """(function, name) for each banned name that own functions use, in objdump's text of code.

    Optimised, they hold what headers bring along: std::thread's destructor, which may terminate.
    """
    banned = BANNED_CALLS - {"_ZSt9terminatev"} if is_optimised else BANNED_CALLS
    function = ""
    for line in code.splitlines():
        if found := FUNCTION.match(line):
            function = found[1]
        elif (found := RELOCATION.match(line)) and found[1] in banned:
            if OWN_FUNCTION.match(function):
                yield function, found[1]


def own_code(archive):
    """Without optimisation, .text has what a .cc defines, and little that headers bring along."""
    return output_of("objdump", "-d", "-r", "--no-show-raw-insn", "-j", ".text", archive)
