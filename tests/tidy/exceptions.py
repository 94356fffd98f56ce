"""What may break a rule of tidy.py: (rule, path) -> the reason.

An entry that nothing needs is reported, so that the list only holds what is true.
"""

EXCEPTIONS = {}
