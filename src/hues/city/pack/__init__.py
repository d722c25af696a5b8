"""The city pack: everything that is true of one city, as YAML and CSV, loaded into the tables and kept in memory."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings as django_settings
from django.db import connection, transaction

from hues.city.memory import forget, remembered
from hues.city.models import PackLoad
from hues.city.pack.checks import contradictions
from hues.city.pack.files import Pack, PackError, fingerprint, read_pack
from hues.city.pack.store import store
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.ids import new_id

__all__ = ["WEEKDAYS", "PackError", "PackMissing", "check_pack", "folder_of", "load_pack", "settings"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PackMissing(RuntimeError):
    """The city's data were asked for before its pack was loaded."""


def folder_of(city: str) -> Path:
    """Where the files of a city pack are."""
    return Path(django_settings.CITIES_DIR) / city


def check_pack(city: str) -> Pack:
    """Read a pack and say every mistake in it. Raises PackError; touches no table."""
    pack = read_pack(folder_of(city))
    problems = contradictions(pack)
    if problems:
        raise PackError(problems)
    return pack


def load_pack(city: str) -> bool:
    """Bring the tables to what the pack of `city` says, in one transaction. Returns whether anything had to be done.

    Loading the same content again does nothing. What the pack no longer names is deactivated. Raises PackError.
    """
    sha256 = fingerprint(folder_of(city))
    if PackLoad.objects.filter(city=city, sha256=sha256).exists():
        return False
    pack = check_pack(city)
    with transaction.atomic():
        with connection.cursor() as cursor:  # one loader at a time; whoever waited finds the work done
            cursor.execute("select pg_advisory_xact_lock(hashtext('hues.city.pack'))")
        if PackLoad.objects.filter(city=city, sha256=sha256).exists():
            return False
        counts = store(pack)
        PackLoad.objects.exclude(city=city).delete()
        PackLoad.objects.update_or_create(
            city=city,
            defaults={
                "sha256": sha256,
                "at": clock.now(),
                "stamp": new_id(),
                "settings": {**pack.city, "map": pack.map},
            },
        )
        journal.record(
            actor=SYSTEM,
            action="city.loaded",
            subject_kind="city",
            subject_id=city_id(city),
            topics=["centre"],
            staff={"city": city, "sha256": sha256, **counts},
        )
    forget()
    return True


def city_id(city: str) -> Any:
    """The subject of what the journal says of a city as a whole."""
    return uuid5(NAMESPACE_URL, f"hues:city:{city}")


@remembered
def settings() -> dict[str, Any]:
    """city.yaml of the city that this deployment serves. Raises PackMissing before it is loaded."""
    row = PackLoad.objects.filter(city=django_settings.CITY).first()
    if row is None:
        raise PackMissing(f"the city pack '{django_settings.CITY}' is not loaded: run `hues migrate`")
    return dict(row.settings)
