"""`hues stats`: the numbers of the city as JSON, each share with its denominator."""

import argparse
import json
from datetime import datetime
from typing import Any, get_args


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("stats", help="the numbers of the city, as JSON")
    parser.add_argument("--since", metavar="YYYY-MM-DD", help="reports received from this day on")
    parser.add_argument("--until", metavar="YYYY-MM-DD", help="reports received before this day")
    parser.add_argument("--source", default="", help="only cases of this import")
    parser.add_argument("--sample", action="store_true", help="count sample data too")
    parser.add_argument("--by", default="", help="unit, agency, category, channel or month: the same for each")


def run(args: argparse.Namespace) -> int:
    from hues.city.clock import city_zone
    from hues.cli.reports_import import failed
    from hues.insights.exact import By, city_numbers

    if args.by not in get_args(By):
        return failed(f"--by: one of {', '.join(filter(None, get_args(By)))}")
    try:
        since, until = (
            datetime.fromisoformat(day).replace(tzinfo=city_zone()) if day else None for day in (args.since, args.until)
        )
    except ValueError as error:
        return failed(str(error))
    numbers = city_numbers(since=since, until=until, source=args.source, sample=args.sample, by=args.by)
    print(json.dumps(numbers, ensure_ascii=False, indent=2))
    return 0
