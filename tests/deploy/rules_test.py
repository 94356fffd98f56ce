#!/usr/bin/env python3
"""Prometheus' own tool accepts the rules and the configuration, and the rules' tests hold.

Skipped where promtool is not installed: deploy/install-packages check.
"""

import shutil
import subprocess
import sys

from hub_watched import ROOT

SKIPPED = 77
COMMANDS = (("check", "config", "prometheus.yml"),
            ("check", "rules", "rules.yml"),
            ("test", "rules", "rules_test.yml"))


def main():
    promtool = shutil.which("promtool")
    if promtool is None:
        print("promtool is not installed (Debian: prometheus): deploy/install-packages check")
        return SKIPPED
    failed = 0
    for command in COMMANDS:
        done = subprocess.run([promtool, *command], cwd=ROOT / "deploy/prometheus", check=False)
        failed += done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
