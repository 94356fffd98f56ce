"""unittest's main, whose exit code tells ctest whether tests were skipped."""

import sys
import unittest

SKIPPED = 77


def main():
    result = unittest.main(exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped else 0)
