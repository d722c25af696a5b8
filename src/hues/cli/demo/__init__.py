"""`hues demo small|hue`: deterministic sample data, labelled as such."""

import argparse
import time

SIZES = ("small", "hue")


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("demo", help="fill the city with sample data")
    parser.add_argument("size", choices=SIZES, help="small: 400 reports of two months; hue: 183,000 over six years")


def run(args: argparse.Namespace) -> int:
    run_demo(args.size)
    return 0


def run_demo(size: str) -> None:
    """Load the sample city of this size, once: a second call adds nothing. Raises Trouble where real reports exist."""
    from hues.cli.demo.load import load

    began = time.monotonic()
    made = load(size)
    if made:
        print(f"sample city '{size}': {made:,} reports in {time.monotonic() - began:.0f} s")
    else:
        print(f"sample city '{size}' is there already")
