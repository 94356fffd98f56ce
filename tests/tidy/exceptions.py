"""What may break a rule of tidy.py: (rule, path) -> the reason.

An entry that nothing needs is reported, so that the list only holds what is true.
"""

EXCEPTIONS = {
    ("lengths", "tests/unit/hub/shard/machine_bench.h"):
        "one sentence for each kind of effect, in one place",
    ("words", "hub/offline/main.cc"):
        "a program's answers go to its standard output",
    ("lengths", "client/cpp/src/client_machine.h"):
        "one declaration for each thing that can happen to a node",
}
