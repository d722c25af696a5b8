"""Tables of a running city are changed beside the work: nobody who writes waits, and two processes that prepare it do not wait for each other."""

import importlib

import psycopg
import pytest
from django.db import connection

from hues.cli import prepare


def test_the_index_of_the_journal_is_built_without_stopping_who_writes() -> None:
    told = importlib.import_module("hues.kernel.migrations.0006_told_in_public").Migration
    assert told.atomic is False, "inside a transaction PostgreSQL refuses to build beside the work"
    assert all("concurrently" in operation.sql[0] for operation in told.operations[1:])


@pytest.mark.django_db
def test_the_index_is_there_under_its_name_and_valid() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select indisvalid from pg_index where indexrelid = to_regclass('journal_told_in_public')")
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
def test_whoever_waits_to_prepare_a_city_holds_no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A concurrent build waits for every snapshot: one held while waiting for the builder's own lock would stop both."""
    settings = connection.settings_dict
    place = {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
    }
    with psycopg.connect(dbname=settings["NAME"], autocommit=True, **{k: v for k, v in place.items() if v}) as other:
        other.execute("select pg_advisory_lock(%s)", [prepare._LOCK])
        waits: list[float] = []

        def wait(seconds: float) -> None:
            """Between two questions: nothing is running in the database."""
            waits.append(seconds)
            other.execute("select pg_advisory_unlock(%s)", [prepare._LOCK])

        monkeypatch.setattr(prepare.time, "sleep", wait)
        prepare._wait_for_turn()
        assert len(waits) == 1
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [prepare._LOCK])
            assert cursor.fetchone() == (True,)
