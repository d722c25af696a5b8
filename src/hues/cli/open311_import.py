"""`hues import open311 URL`: the requests of another city's Open311 server as cases of ours."""

import argparse
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hues.cli.reports_import import failed, summary


def add(subparsers: Any) -> None:
    """Declare the subcommand of `hues import`."""
    parser = subparsers.add_parser("open311", help="requests from another city's Open311 server")
    parser.add_argument("url", metavar="URL", help="the endpoint, or a discovery.xml that names it")
    parser.add_argument("--name", help="what this city is called here (default: the host)")
    parser.add_argument(
        "--jurisdiction", default="", metavar="ID", help="jurisdiction_id there, where it serves several"
    )
    parser.add_argument(
        "--since", type=_day, metavar="YYYY-MM-DD", help="default: where the last import stopped, else 90 days"
    )
    parser.add_argument(
        "--services", type=Path, metavar="FILE.yaml", help="their service_code: our category (`*`: any other)"
    )


def run(args: argparse.Namespace) -> int:
    """Read what is there; whatever cannot be read is told on stderr. 0 if everything became a case, 1 otherwise."""
    import yaml

    from hues.city.clock import city_zone
    from hues.kernel.errors import Problem
    from hues.reports.imports.actions import Tally
    from hues.reports.open311.actions import know_city
    from hues.reports.open311.client import RemoteError, discover
    from hues.reports.open311.reading import read_city

    began = time.monotonic()

    def progress(total: Tally) -> None:
        if sys.stderr.isatty():
            print(f"\r{total.read:,} requests", end="", file=sys.stderr, flush=True)

    def bad(line: str) -> None:
        print(line, file=sys.stderr)

    try:
        services = yaml.safe_load(args.services.read_text("utf-8")) if args.services else None
        endpoint = discover(args.url, jurisdiction_id=args.jurisdiction, zone=city_zone())
        offered = endpoint.services()  # before the city is remembered: is anybody there?
        name = args.name or re.sub(r"[^a-z0-9.-]", "", (urlsplit(endpoint.url).hostname or "").lower())[-24:]
        city = know_city(name=name, url=endpoint.url, jurisdiction_id=args.jurisdiction, services_in=services)
        total = read_city(city, endpoint, offered, since=args.since, bad=bad, progress=progress)
    except (OSError, yaml.YAMLError) as error:
        return failed(f"{args.services}: {error}")
    except RemoteError as error:
        return failed(str(error))
    except Problem as problem:
        return failed("; ".join([problem.detail, *(f"{field}: {text}" for field, text in problem.fields.items())]))
    print(f"{name}: {summary(total)} in {time.monotonic() - began:.1f} s")
    return 1 if total.bad else 0


def _day(text: str) -> datetime:
    try:
        day = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date") from error
    return day if day.tzinfo else day.replace(tzinfo=UTC)
