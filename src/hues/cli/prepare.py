"""A database made fit for use: reachable, new enough, its tables current, the city pack in it."""

import time

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from hues.runtime.postgres import OLDEST
from hues.runtime.trouble import Trouble

_LOCK = 0x48756553  # one machine at a time prepares a shared database


def check_database() -> None:
    """Raises Trouble if the database cannot be reached or is too old."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        first = str(error).strip().splitlines()[0]
        raise Trouble(f"the database cannot be reached: {first}") from error
    check_version(server_version())


def server_version() -> int:
    """As PostgreSQL counts: 170010 is 17.10."""
    connection.ensure_connection()
    return int(connection.connection.info.server_version)


def check_version(number: int) -> None:
    if number < OLDEST * 10_000:
        raise Trouble(f"the database is PostgreSQL {number // 10_000}.{number % 10_000}; Hue-S needs {OLDEST} or newer")


def pending_migrations() -> list[str]:
    """What is missing in the database, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def prepare(*, only_if_new: bool = False) -> None:
    """Migrate, and load the city pack where it is new or changed. With `only_if_new`, a city that is older than this
    program is refused, not changed.
    """
    check_database()
    _wait_for_turn()
    try:
        if pending := pending_migrations():
            if only_if_new and "django_migrations" in connection.introspection.table_names():
                raise Trouble(
                    f"the database is older than this program (it lacks {pending[0]}): run `hues migrate`", exit_code=1
                )
            call_command("migrate", verbosity=0, interactive=False)
        if pending or not only_if_new:
            load_city()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
        connection.close()


def _wait_for_turn() -> None:
    """One process prepares a city at a time. Asked again and again: a statement that waits for the lock would hold a snapshot, and an index
    that is built concurrently by whoever has the lock waits for every snapshot, so that both would wait for each other."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
            if cursor.fetchone()[0]:
                return
        time.sleep(0.2)


def load_city() -> None:
    """The pack of HUES_CITY and its processes. Loading the same again changes nothing."""
    from hues.cases.processes import load_processes
    from hues.city.pack import load_pack
    from hues.command.playbooks import check

    if not (settings.CITIES_DIR / settings.CITY / "city.yaml").exists():
        raise Trouble(f"there is no city pack {settings.CITIES_DIR / settings.CITY}; HUES_CITY names one")
    load_pack(settings.CITY)
    load_processes(settings.CITY)
    check(settings.CITY)
