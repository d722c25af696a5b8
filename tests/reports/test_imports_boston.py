"""Real input: 67,178 service requests of Boston, through a deployment that serves Boston, killed on the way."""

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from hues.cases.clocks import on_time
from hues.kernel import clock
from hues.reports.imports.mapping import load_mapping

ROOT = Path(__file__).resolve().parents[2]
MAPPING = ROOT / "cities" / "boston" / "import.yaml"
ROWS, JUDGED = 67_178, 44_485


@pytest.fixture(scope="session")
def file(shared_data: Path) -> Path:
    return shared_data / "boston311.csv.gz"


def test_on_time_computed_from_the_dates_agrees_with_the_citys_own_flag(file: Path) -> None:
    mapping, agreed = load_mapping(MAPPING), Counter[tuple[bool | None, str]]()
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if row["case_status"] == "Closed" and row["target_dt"] and row["ontime_status"]:
                case = mapping.incoming(row, clock.now())
                agreed[on_time(case.due_at, case.closed_at), row["ontime_status"]] += 1
    assert agreed == {(True, "ONTIME"): 33_728, (False, "OVERDUE"): 10_757}
    assert agreed.total() == JUDGED


@pytest.fixture(scope="module")
def boston(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a deployment that serves Boston, with a database of its own."""
    base, name = os.environ["DATABASE_URL"], f"test_boston_{os.getpid()}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(urlsplit(base)._replace(path=f"/{name}")),
        "HUES_CITY": "boston",
        "HUES_DATA_DIR": str(tmp_path_factory.mktemp("boston")),
    }
    hues(environment, "migrate")
    yield environment
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def hues(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hues", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def count(environment: dict[str, str], what: str) -> int:
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        return int(connection.execute(sql.SQL("select count(*) from " + what)).fetchone()[0])  # type: ignore[index,arg-type]  # noqa: S608


@pytest.mark.slow
def test_an_import_killed_on_the_way_is_finished_by_the_next(boston: dict[str, str], file: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "hues", "import", "reports", str(file)], env=boston, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while count(boston, "cases_case") < 10_000 and first.poll() is None:
        time.sleep(0.2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kept = count(boston, "cases_case")
    assert 10_000 <= kept < ROWS
    assert kept == count(boston, "kernel_journalentry where action = 'case.imported'")

    second = hues(boston, "import", "reports", str(file))
    assert second.returncode == 0, second.stderr
    assert f"{ROWS:,} rows: {ROWS - kept:,} added, 0 changed, {kept:,} unchanged, 0 bad" in second.stdout
    assert count(boston, "cases_case") == ROWS

    third = hues(boston, "import", "reports", str(file))
    assert f"{ROWS:,} rows: 0 added, 0 changed, {ROWS:,} unchanged, 0 bad" in third.stdout
    assert count(boston, "kernel_journalentry where action like 'case.%'") == ROWS

    in_time = "(answered_at <= due_original_at) = (source_data ->> 'ontime_status' = 'ONTIME')"
    judged = "closed_at is not null and due_original_at is not null and source_data ? 'ontime_status'"
    assert count(boston, f"cases_case where {judged}") == JUDGED
    assert count(boston, f"cases_case where {judged} and {in_time}") == JUDGED
    assert count(boston, "cases_case where unit_id is not null") == 56_340
    assert count(boston, "cases_case where agency_id is null") == 0
    assert count(boston, "cases_case where not is_open") == 56_350

    numbers = json.loads(hues(boston, "stats", "--by", "month").stdout)
    assert (numbers["received"], numbers["open"]) == (ROWS, 10_828)
    assert numbers["duplicate_ratio"]["of"] == 1_731
    assert numbers["on_time_original"]["over"] < JUDGED  # without what was rejected or a duplicate
    assert sum(month["received"] for month in numbers["by"].values()) == ROWS
    assert next(iter(numbers["by"])) == "2015-01"


def test_the_mapping_fits_the_file(file: Path) -> None:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        load_mapping(MAPPING).check_header(next(csv.reader(text)))
