#!/usr/bin/env python3
"""Checks the figures of `sessionhub-bench demo --json`: none missing, lost, doubled or stray."""
import json
import sys

MUST_BE_ZERO = [
    "forwarded_to_uninterested", "lost_after_node_kill", "lost_after_hub_kill", "applied_twice"]
MINIMUM = {"changes": 1, "forwarded": 1, "node_kills": 20, "hub_kills": 20, "unacked_at_kill": 1}
MUST_BE_POSITIVE = [
    "kill_to_first_ack_ms_p99", "hub_bytes_per_change_sticky", "hub_bytes_per_change_round_robin",
    "broadcast_bytes_per_change", "attribute_broadcast_bytes_per_change"]


def problems(figures):
    def number(key):
        value = figures.get(key)
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    for key in MUST_BE_ZERO:
        if number(key) != 0:
            yield f"{key} is {figures.get(key)}, not 0"
    for key, least in MINIMUM.items():
        if number(key) is None or number(key) < least:
            yield f"{key} is {figures.get(key)}, not at least {least}"
    for key in MUST_BE_POSITIVE:
        if number(key) is None or number(key) <= 0:
            yield f"{key} is {figures.get(key)}, not above 0"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        found = list(problems(json.load(file)))
    for problem in found:
        print(f"demo: {problem}", file=sys.stderr)
    print("demo: the figures hold" if not found else f"demo: {len(found)} figures do not hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
