"""`hues import …`: real data from elsewhere. One module for each kind."""

import argparse
from typing import Any

from hues.cli import assets_import, boundaries, open311_import, reports_import

KINDS = {"assets": assets_import, "boundaries": boundaries, "reports": reports_import, "open311": open311_import}


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("import", help="bring in boundaries, assets or reports")
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for module in KINDS.values():
        module.add(kinds)


def run(args: argparse.Namespace) -> int:
    return KINDS[args.kind].run(args)
