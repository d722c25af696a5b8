"""`hues import boundaries FILE.geojson`: exact boundaries of the units, brought by an operator."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the subcommand of `hues import`."""
    parser = subparsers.add_parser(
        "boundaries", help="exact boundaries of the units (GeoJSON, WGS 84, property `code`)"
    )
    parser.add_argument("file", type=Path, metavar="FILE.geojson")


def run(args: argparse.Namespace) -> int:
    """Import the file and say what became of each feature. 0 if every feature was used, 1 otherwise."""
    from hues.city.actions import import_boundaries
    from hues.kernel.actors import SYSTEM
    from hues.kernel.errors import Problem

    try:
        collection = json.loads(args.file.read_bytes())
    except OSError as error:
        return _failed(f"{args.file}: {error.strerror}")
    except ValueError as error:
        return _failed(f"{args.file}: this is not JSON ({error})")
    try:
        outcome = import_boundaries(actor=SYSTEM, collection=collection, source=args.file.name)
    except Problem as problem:
        return _failed(f"{args.file}: {problem.detail}")
    for line in outcome.problems:
        print(line, file=sys.stderr)
    note = ", simplified" if outcome.simplified else ""
    print(f"{len(outcome.imported)} boundaries imported{note}, {len(outcome.unchanged)} unchanged")
    return 1 if outcome.problems else 0


def _failed(reason: str) -> int:
    print(f"hues: {reason}", file=sys.stderr)
    return 1
