"""What may break a rule of tidy.py: (rule, path) -> the reason.

An entry that nothing needs is reported, so that the list only holds what is true.
"""

EXCEPTIONS = {
    ("words", "tests/integration/fake_admin.cc"):
        "gRPC's synchronous service can only look whether its caller is gone; no test waits on it",
}
