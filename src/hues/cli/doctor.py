"""`hues doctor`: is this installation well? One line a check; exit code 1 if something has to be mended.

Beside a serving city it also checks what runs; otherwise it starts the database for the time of the examination.
"""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hues.runtime.trouble import Trouble

_LITTLE_SPACE = 1_000_000_000
_CLOCKS_APART = 2.0  # seconds
_LONG_LOG = 200_000  # entries: more take longer than a doctor should


@dataclass(frozen=True)
class Finding:
    well: bool
    what: str
    detail: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.well else 'FAIL'}  {self.what:<14} {self.detail}"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    subparsers.add_parser("doctor", help="check this installation", description=__doc__)


def run(_args: argparse.Namespace) -> int:
    ill = False
    for finding in examine():
        print(finding, flush=True)
        ill |= not finding.well
    return 1 if ill else 0


def examine() -> Iterator[Finding]:
    for check in (python, data_folder, space, secrets, postgres_programs, nats_program):
        yield from guarded(check)
    from hues.cli import Command, Needs
    from hues.cli.attach import city_at_hand

    try:
        with city_at_hand(Command("doctor", __name__, "", Needs.DATABASE)):
            for check in (database, clocks, tables, city_pack, texts_and_styles, journal_log):
                yield from guarded(check)
            if is_served():
                for check in (processes, neighbours):
                    yield from guarded(check)
    except Trouble as trouble:
        yield Finding(False, "database", str(trouble))


def guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A check that breaks is a finding too."""
    try:
        yield from check()
    except Exception as error:
        yield Finding(False, check.__name__.replace("_", " "), f"{type(error).__name__}: {error}")


def python() -> Iterator[Finding]:
    yield Finding(sys.version_info >= (3, 11), "Python", f"{platform.python_version()} on {platform.machine()}")


def data_folder() -> Iterator[Finding]:
    from hues.runtime import places

    yield Finding(True, "data folder", str(places.make_data_dir()))


def space() -> Iterator[Finding]:
    from hues.runtime import places

    free = shutil.disk_usage(places.data_dir()).free
    yield Finding(free > _LITTLE_SPACE, "disk", f"{free / 1e9:.1f} GB free")


def secrets() -> Iterator[Finding]:
    from hues.runtime import places

    found = sorted((places.data_dir() / "secrets").glob("*.key"))
    readable = [path.name for path in found if path.stat().st_mode & 0o077]
    detail = f"others can read {', '.join(readable)}" if readable else f"{len(found)} files, for this service only"
    yield Finding(not readable, "secrets", detail)


def postgres_programs() -> Iterator[Finding]:
    from hues.runtime.postgres import binaries

    found = binaries()
    yield Finding(True, "PostgreSQL", f"{found.major} in {found.bin_dir}")


def nats_program() -> Iterator[Finding]:
    from hues.runtime.nats import executable

    yield Finding(os.access(executable(), os.X_OK), "NATS", str(executable()))


def database() -> Iterator[Finding]:
    from hues.cli.prepare import server_version
    from hues.config.health import database_parts

    major, minor = divmod(server_version(), 10_000)
    part = database_parts()["database"]
    version = f"PostgreSQL {major}.{minor}"
    yield Finding(part["ok"], "database", f"{version}, answers in {part.get('ms', '?')} ms")


def clocks() -> Iterator[Finding]:
    from django.db import connection

    from hues.kernel import clock

    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        apart = abs((clock.now() - cursor.fetchone()[0]).total_seconds())
    yield Finding(apart < _CLOCKS_APART, "clocks", f"ours and the database's are {apart:.2f} s apart")


def tables() -> Iterator[Finding]:
    from hues.cli.prepare import pending_migrations

    pending = pending_migrations()
    yield Finding(not pending, "tables", f"{len(pending)} migrations to apply: hues migrate" if pending else "current")


def city_pack() -> Iterator[Finding]:
    from django.conf import settings

    from hues.city.models import PackLoad

    loaded = PackLoad.objects.filter(city=settings.CITY).first()
    detail = (
        f"{settings.CITY}, loaded {loaded.at:%Y-%m-%d %H:%M} UTC"
        if loaded
        else f"{settings.CITY} is not loaded: hues migrate"
    )
    yield Finding(loaded is not None, "city pack", detail)


def texts_and_styles() -> Iterator[Finding]:
    from django.conf import settings

    import hues

    built = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    yield Finding(built, "static files", "built" if built else "not built: hues build-web")
    catalogues = list(Path(hues.__file__).parent.rglob("locale/*/LC_MESSAGES/django.po"))
    stale = [
        po for po in catalogues if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime
    ]
    yield Finding(
        not stale,
        "translations",
        f"{len(stale)} not compiled: hues compile-texts" if stale else f"{len(catalogues)} compiled",
    )


def journal_log() -> Iterator[Finding]:
    from hues.kernel.log import queries, verify

    size = queries.size()
    if size > _LONG_LOG:
        yield Finding(True, "log", f"{size} entries; `hues log verify` checks them all")
        return
    verdict = verify.verify()
    detail = f"{verdict.entries} entries are what they were" if verdict.sound else verdict.problems[0]
    yield Finding(verdict.sound, "log", detail)


def is_served() -> bool:
    from hues.runtime import places

    return bool(places.written_url("database"))


def processes() -> Iterator[Finding]:
    from hues.config.health import database_parts

    parts = database_parts()
    yield Finding(parts["relay"]["ok"], "relay", f"{parts['relay']['waiting']} entries waiting")
    heard = parts["worker"]["last_heartbeat_s"]
    yield Finding(parts["worker"]["ok"], "worker", "never heard of" if heard is None else f"heard of {heard:.0f} s ago")


def neighbours() -> Iterator[Finding]:
    from hues.config.health import nats_part

    yield Finding(nats_part()["ok"], "NATS", "answers" if nats_part()["ok"] else "does not answer")
