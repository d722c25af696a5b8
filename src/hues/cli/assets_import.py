"""`hues import assets LAYER FILE`: lamps, drains, trees, roads, zones, brought by an operator."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declare the subcommand of `hues import`."""
    parser = subparsers.add_parser("assets", help="assets of a layer of the city pack (GeoJSON or CSV, WGS 84)")
    parser.add_argument("layer", metavar="LAYER", help="its code in layers.yaml: lamp, drain, cityroad, …")
    parser.add_argument("file", type=Path, metavar="FILE.geojson|.csv")
    parser.add_argument("--complete", action="store_true", help="end (never delete) what the file does not name")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")


def run(args: argparse.Namespace) -> int:
    """Import the file and say what is wrong with which line. 0 if every line was used, 1 otherwise."""
    from hues.city.assets.actions import import_assets
    from hues.kernel.actors import SYSTEM
    from hues.kernel.errors import Problem

    try:
        content = args.file.read_bytes()
        outcome = import_assets(
            actor=SYSTEM,
            layer=args.layer,
            name=args.file.name,
            content=content,
            complete=args.complete,
            dry_run=args.dry_run,
        )
    except OSError as error:
        print(f"hues: {args.file}: {error.strerror}", file=sys.stderr)
        return 1
    except Problem as problem:
        print(f"hues: {args.file}: {problem.detail}", file=sys.stderr)
        return 1
    for line, text in outcome.problems:
        print(f"{args.file}:{line}: {text}", file=sys.stderr)
    if outcome.wrong > len(outcome.problems):
        print(f"… and {outcome.wrong - len(outcome.problems)} more lines", file=sys.stderr)
    for column in outcome.ignored:
        print(f"note: the layer knows no column {column}", file=sys.stderr)
    print(
        f"{'would be: ' if args.dry_run else ''}{outcome.added} added, {outcome.changed} changed, {outcome.ended} ended, "
        f"{outcome.unchanged} unchanged, {outcome.wrong} left out"
    )
    return 1 if outcome.wrong else 0
