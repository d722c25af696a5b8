"""`hues import reports FILE.csv[.gz]`: real reports of a city, by the mapping of its pack."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the subcommand of `hues import`."""
    parser = subparsers.add_parser("reports", help="reports from a CSV file (plain or gzipped)")
    parser.add_argument("file", type=Path, metavar="FILE.csv[.gz]")
    parser.add_argument("--mapping", type=Path, metavar="FILE.yaml", help="instead of the city pack's import.yaml")


def run(args: argparse.Namespace) -> int:
    """Import the file; bad rows are told on stderr with their line. 0 if every row became a case, 1 otherwise."""
    from hues.reports.imports.actions import Tally
    from hues.reports.imports.files import Unreadable
    from hues.reports.imports.mapping import MappingError, load_mapping
    from hues.reports.imports.runs import import_file

    began = time.monotonic()

    def progress(total: Tally) -> None:
        if sys.stderr.isatty():
            print(f"\r{total.read:,} rows", end="", file=sys.stderr, flush=True)

    def bad(line: str) -> None:
        print(f"{args.file.name}: {line}", file=sys.stderr)

    try:
        total = import_file(args.file, load_mapping(args.mapping), bad=bad, progress=progress)
    except OSError as error:
        return failed(f"{args.file}: {error.strerror}")
    except (MappingError, Unreadable) as error:
        return failed(f"{args.file}: {error}")
    print(f"{summary(total)} in {time.monotonic() - began:.1f} s")
    return 1 if total.bad else 0


def summary(total: Any) -> str:
    """What became of the rows, in one line."""
    left = f", {total.left_alone:,} left alone (worked on here since)" if total.left_alone else ""
    return (
        f"{total.read:,} rows: {total.added:,} added, {total.changed:,} changed, "
        f"{total.unchanged:,} unchanged, {total.bad:,} bad{left}"
    )


def failed(reason: str) -> int:
    print(f"hues: {reason}", file=sys.stderr)
    return 1
