"""`hues cities …`: the other cities that we feed through Open311, and how the cases there are doing."""

import argparse
import sys
from pathlib import Path
from typing import Any

from hues.cli.reports_import import failed


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("cities", help="the other cities that are fed through Open311")
    kinds = parser.add_subparsers(dest="kind", metavar="DO", required=True)
    city = kinds.add_parser("add", help="add a city, or change what is known of it")
    city.add_argument("name", help="what it is called here")
    city.add_argument("url", metavar="URL", help="the endpoint, or a discovery.xml that names it")
    city.add_argument("--jurisdiction", default="", metavar="ID")
    city.add_argument("--key-stdin", action="store_true", help="read our api_key there from standard input")
    city.add_argument("--services", type=Path, metavar="FILE.yaml", help="in: {theirs: ours}, out: {ours: theirs}")
    city.add_argument("--feed-on", metavar="TARGET", help="redirections to this target are sent there")
    kinds.add_parser("list", help="the cities, and how their cases are doing")


def run(args: argparse.Namespace) -> int:
    return _city(args) if args.kind == "add" else _cities()


def _city(args: argparse.Namespace) -> int:
    import yaml

    from hues.kernel.errors import Problem
    from hues.reports.open311.actions import know_city
    from hues.reports.open311.client import RemoteError, discover

    try:
        services = yaml.safe_load(args.services.read_text("utf-8")) if args.services else {}
        endpoint = discover(args.url, jurisdiction_id=args.jurisdiction)
        offered = endpoint.services()
        city = know_city(
            name=args.name,
            url=endpoint.url,
            jurisdiction_id=args.jurisdiction,
            api_key=sys.stdin.readline().strip() if args.key_stdin else None,
            services_in=services.get("in"),
            services_out=services.get("out"),
            feed_on=args.feed_on,
        )
    except (OSError, yaml.YAMLError) as error:
        return failed(f"{args.services}: {error}")
    except RemoteError as error:
        return failed(str(error))
    except Problem as problem:
        return failed("; ".join([problem.detail, *(f"{name}: {text}" for name, text in problem.fields.items())]))
    unknown = sorted(set(city.services_out.values()) - offered.keys())
    if unknown:
        print(f"hues: {args.name} offers no service {', '.join(unknown)}", file=sys.stderr)
    print(f"{city.name}: {city.url}, {len(offered)} services")
    return 1 if unknown else 0


def _cities() -> int:
    from hues.reports.queries import cases_by_city, remote_cities

    counts = cases_by_city()
    for city in remote_cities():
        sent, waiting, stuck = counts.get(city.pk, (0, 0, 0))
        read = f"read until {city.read_until:%Y-%m-%d %H:%M}" if city.read_until else "never read"
        feed = f"fed on {city.feed_on}: {sent} sent, {waiting} waiting, {stuck} given up" if city.feed_on else "not fed"
        print(f"{city.name}\t{city.url}\t{read}\t{feed}")
    return 0
