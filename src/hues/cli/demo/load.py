"""Loading a sample city once, as a whole or not at all."""

from django.conf import settings
from django.db import connection, transaction

from hues.cases.models import Case
from hues.cases.upkeep import merge_map_cells
from hues.city.pack import city_id
from hues.cli.demo import assets, command, console, dispatch, duty, hotline, orders
from hues.cli.demo.texts import read_texts
from hues.insights.actions import rebuild_tallies
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.models import JournalEntry
from hues.runtime.trouble import Trouble

ACTION = "demo.loaded"


def load(size: str) -> int:
    """Returns how many reports were made; 0 if they were there. Raises Trouble where real reports exist."""
    texts = read_texts()
    with transaction.atomic():
        with connection.cursor() as cursor:  # one loader at a time; whoever waited finds the work done
            cursor.execute("select pg_advisory_xact_lock(hashtext('hues.demo'))")
        if JournalEntry.objects.filter(action=ACTION, parts__staff__size=size).exists():
            return 0
        if Case.objects.filter(is_sample=False).exists():
            raise Trouble("this city holds real reports; sample data is loaded into an empty city only")
        if size == "small":
            from hues.cli.demo.small import play_small

            made = play_small(texts, clock.now())
        else:
            from hues.cli.demo.years import build_city

            made = build_city(texts, clock.now())
        assets.fill(size)
        duty.fill(size)
        dispatch.fill(size)
        hotline.fill(size)
        orders.fill(size)
        command.fill(size)
        console.fill(size)
        journal.record(
            actor=SYSTEM,
            action=ACTION,
            subject_kind="city",
            subject_id=city_id(settings.CITY),
            topics=["centre"],
            staff={"size": size, "reports": made},
        )
        merge_map_cells()
        rebuild_tallies()
    _tidy()
    return made


def _tidy() -> None:
    """The planner and index-only scans must not wait for autovacuum, nor the map carry what was added up."""
    with connection.cursor() as cursor:
        if connection.in_atomic_block:  # tests
            cursor.execute("analyze")
            return
        cursor.execute("vacuum (full) case_map_cell")
        cursor.execute("vacuum (analyze)")
