#!/usr/bin/python3
"""Makes the report of a comparison from what `sessionhub-bench compare` has written.

    compare_report.py RUN.json --out DIR

Writes into DIR, which it makes if need be: index.html, which needs no other file; report.md with
the pictures as *.svg; summary.md, all of it in one table; and the run's own file as run.json. Exits
with 1 if the run cannot be read or DIR not written, saying why, and with 2 for wrong usage.
"""

import argparse
import pathlib
import sys

# Without these packages Python's own message would not say what to do.
try:
    import jinja2  # noqa: F401
    import matplotlib  # noqa: F401
except ImportError as error:
    sys.exit(f"compare_report: the Python package {error.name} is missing: install Debian's "
             f"python3-{error.name} (deploy/install-packages compare), and use /usr/bin/python3")

import page
import svg
from run_data import RunDataError, read_run

JSON_NAME = "run.json"


def write_report(run, json_bytes, folder):
    """All files of the report, into a folder that is made if it is not there."""
    report = page.Report(run)
    texts = {picture.file_name: svg.standalone(picture.svg)
             for picture in report.pictures.values()}
    texts |= {name: page.rendered(report, name, JSON_NAME)
              for name in ("index.html", "report.md", "summary.md")}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / JSON_NAME).write_bytes(json_bytes)


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="compare_report.py", description="Makes a page of a comparison's figures.")
    parser.add_argument("json", type=pathlib.Path, metavar="JSON",
                        help="what sessionhub-bench compare has written")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR",
                        help="where the report goes; made if it is not there")
    asked = parser.parse_args(arguments)
    try:
        run = read_run(asked.json)
    except RunDataError as error:
        print(f"compare_report: {asked.json}: {error}", file=sys.stderr)
        return 1
    try:
        write_report(run, asked.json.read_bytes(), asked.out)
    except OSError as error:
        print(f"compare_report: cannot write {error.filename or asked.out}: {error.strerror}",
              file=sys.stderr)
        return 1
    print(f"compare_report: {asked.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
