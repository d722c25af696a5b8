"""The desk's scorecards at Huế's volume, and at a multiple of it: `python -m benchmarks.scorecards [multiple]`.

With a multiple (10 makes 1,830,000 reports) the city's own cases are copied first, each copy a little later, inside the
same years. Use a database of its own for that: `DATABASE_URL`. Pages must stay within their bound and hardly grow.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

PAGES = (
    ("scorecard of the month", "/desk/scorecards"),
    ("scorecard of a week, by agency", "/desk/scorecards?grain=week&by=agency&show=on_time_original"),
    ("scorecard of a year, by kind", "/desk/scorecards?grain=year&by=category&show=hours_to_fix"),
    ("scorecard of one agency, by ward", "/desk/scorecards?grain=quarter&agency=HEP&by=unit"),
    ("records: resolved, this year", "/desk/scorecards/records?measure=resolved&since={year}&until={today}"),
    ("records: reopened, one ward", "/desk/scorecards/records?measure=reopened&since={year}&until={today}&unit=19789"),
    (
        "records: redirected, one agency",
        "/desk/scorecards/records?measure=returned&since={year}&until={today}&agency=SXD",
    ),
    ("records: late now", "/desk/scorecards/records?measure=overdue&since={year}&until={today}"),
    ("fairness between wards", "/desk/scorecards/fairness?grain=year"),
    ("agencies ranked", "/desk/scorecards/agencies?grain=year"),
    ("one agency among its kind", "/desk/scorecards/agencies/HEP?grain=quarter"),
    ("morning brief", "/desk/scorecards/brief"),
    ("wall", "/wall"),
    ("wall, everything that renews itself", "/wall/now?layout=situation"),
    ("wall, map", "/wall/map.json"),
    ("promises", "/desk/promises"),
    ("orders", "/desk/orders"),
    ("numbers of the hotline", "/desk/calls/numbers"),
    ("public numbers", "/numbers?period=all"),
)
BOUND_MS = 150


def pages() -> list[tuple[str, Callable[[int], None]]]:
    """Each page as whoever leads the centre opens it."""
    from django.test import Client

    from hues.city.clock import today
    from hues.people.models import Membership

    client, day = Client(), today()
    client.force_login(Membership.objects.filter(role="lead").order_by("pk")[0].user)

    def opening(path: str) -> Callable[[int], None]:
        path = path.format(year=f"{day.year}-01-01", today=f"{day:%Y-%m-%d}")

        def call(_: int) -> None:
            answer = client.get(path, headers={"accept": "text/html"})
            assert answer.status_code == 200, (path, answer.status_code)

        return call

    return [(name, opening(path)) for name, path in PAGES]


def multiply(times: int) -> None:
    """Copy every sample case `times` - 1 times, each copy some minutes later; without triggers, as a restore does."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(
            """select column_name from information_schema.columns
            where table_name = 'cases_case' and is_generated = 'NEVER' order by ordinal_position"""
        )
        names = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            """select column_name from information_schema.columns
            where table_name = 'cases_case' and data_type = 'timestamp with time zone'"""
        )
        moments = {row[0] for row in cursor.fetchall()}
        for copy in range(1, times):
            made = {name: f"{name} + %(later)s * interval '1 minute'" for name in moments}
            made |= {"id": "gen_random_uuid()", "code": "%(mark)s || substr(code, 3)", "source": "''"}
            columns = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(made.get(name, f'"{name}"') for name in names)
            cursor.execute(
                f"insert into cases_case ({columns}) select {values} from cases_case where code like 'PA-%%'",  # noqa: S608
                {"later": -17 * copy, "mark": f"{copy:02d}"},
            )
            print(f"copy {copy}: {cursor.rowcount:,} cases", flush=True)


def main(times: int) -> int:
    os.environ.setdefault("HUES_DATA_DIR", str(Path(__file__).resolve().parents[1] / "var-bench"))
    os.environ.setdefault("HUES_LOG_LEVEL", "ERROR")
    os.environ.setdefault("HUES_SANDBOX", "1")  # the sample staff works without a second factor
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hues.config.settings")
    from hues.cli import COMMANDS
    from hues.cli.attach import city_at_hand

    with city_at_hand(next(command for command in COMMANDS if command.name == "demo")):
        return run(times)


def run(times: int) -> int:
    from benchmarks.measure import HEADER, Bound, measure
    from benchmarks.prepare import fill
    from hues.cases.models import Case
    from hues.insights.actions import check_tallies, rebuild_tallies

    fill(183_000)
    if times > 1 and not Case.objects.filter(code__startswith=f"{times - 1:02d}-").exists():
        multiply(times)
    for name, work in (("count everything", rebuild_tallies), ("compare everything", check_tallies)):
        begun = time.perf_counter()
        work()
        print(f"{name}: {time.perf_counter() - begun:.1f} s", flush=True)
    print(f"{Case.objects.count():,} cases\n{HEADER}")
    # Milliseconds of processor, ours and the database's: what a busy machine does besides does not count.
    bound = Bound(total_cpu_ms=BOUND_MS, statements=40)
    results = [measure(name, call, bound, times=30, warm=3) for name, call in pages()]
    for result in results:
        print(result.line(), flush=True)
    return 1 if any(result.broken for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
