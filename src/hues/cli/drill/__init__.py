"""`hues drill rain`: the operations centre on its worst evening, played through the real actions in a city of its own, and counted afterwards."""

import argparse
import time

from hues.runtime.trouble import Trouble

SCENARIOS = ("rain",)


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("drill", help="play an emergency in an empty city, and check that nothing was lost")
    parser.add_argument("scenario", choices=SCENARIOS, help="rain: an hour of heavy rain, 400 reports and 200 calls")


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - there is one scenario
    """0 where nothing was lost. Raises Trouble where the city is in use."""
    from hues.cases.models import Case
    from hues.cli.drill.rain import play_rain

    if Case.objects.exists():
        raise Trouble("a drill is played in an empty city: name a new folder with --data-dir")
    began = time.monotonic()
    ledger = play_rain()
    for line in ledger.lines():
        print(line)
    print(f"played in {time.monotonic() - began:.0f} s; `HUES_SANDBOX=1 hues serve` on the same data folder shows it")
    return 0 if ledger.holds else 1
