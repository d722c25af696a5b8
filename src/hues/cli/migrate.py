"""`hues migrate`: bring the tables and the city pack up to date. `hues serve` does it by itself."""

import argparse


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    subparsers.add_parser("migrate", help="bring the tables and the city pack up to date")


def run(_args: argparse.Namespace) -> int:
    from hues.cli.prepare import pending_migrations, prepare

    pending = pending_migrations()
    prepare()
    print(f"{len(pending)} migrations applied; the city pack is loaded")
    return 0
