"""How a command comes to its city: the serving one, the database it is told of, or the embedded one, started for as
long as the command runs.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hues.cli import Command, Needs
from hues.runtime import places
from hues.runtime.embedded import Embedded, forget_addresses
from hues.runtime.lock import CityLock
from hues.runtime.supervisor import Stopped, Supervisor
from hues.runtime.trouble import Trouble

_PATIENCE = 120.0  # seconds for a city that is starting beside us


@contextmanager
def city_at_hand(command: Command) -> Iterator[None]:
    """Everything the command needs stands while the block runs."""
    if command.needs is Needs.NOTHING:
        yield
    elif os.environ.get("DATABASE_URL"):
        places.make_data_dir()
        _set_up(command, only_if_new=True)
        yield
    else:
        data_dir = places.make_data_dir()
        lock = CityLock(data_dir)
        holder = lock.take_or_join(command.name)
        if holder and command.needs is Needs.STANDSTILL:
            raise Trouble(f"the city in {data_dir} is served (process {holder.pid}): stop it first")
        if holder:
            _join(command, holder.url)
            yield
        else:
            try:
                with _own_database(data_dir, command):
                    yield
            finally:
                lock.release()


def _join(command: Command, url: str) -> None:
    """Use the city that is being served; it writes its addresses down once its database is up to date."""
    deadline = time.monotonic() + _PATIENCE
    while not places.written_url("database"):
        if time.monotonic() > deadline:
            raise Trouble("the city that is starting here does not get ready", exit_code=1)
        time.sleep(0.1)
    os.environ["DATABASE_URL"] = places.written_url("database")
    if nats := places.written_url("nats"):
        os.environ.setdefault("NATS_URL", nats)
    os.environ.setdefault("HUES_PUBLIC_URL", url)
    _set_up(command, only_if_new=True)


@contextmanager
def _own_database(data_dir: Path, command: Command) -> Iterator[None]:
    """The embedded database, for this command only."""
    supervisor = Supervisor(data_dir / "run")
    forget_addresses(data_dir)
    embedded = Embedded(data_dir, with_nats=False)
    with supervisor, suppress(Stopped):
        embedded.start(supervisor)
        embedded.wait(supervisor)
        _set_up(command)
        with supervisor.signals_as_usual():
            yield
    del os.environ["DATABASE_URL"]


def _set_up(command: Command, *, only_if_new: bool = False) -> None:
    """A database that somebody else may be using is filled if it is new, never changed."""
    import django
    from django.utils import translation

    from hues.cli.prepare import check_database, prepare

    django.setup()
    translation.activate("en")  # commands speak to operators
    check_database()
    if command.needs is Needs.CITY:
        prepare(only_if_new=only_if_new)
