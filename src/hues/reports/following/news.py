"""The journal becomes news for those who follow.

A step of a listed case is told to those who follow the case. Its first listing and its published end are news of the
place: told at once to those who want to hear at once, and kept for the digest of the day (`digest`). Nothing is told
of a case that is not listed, nor to those whose own case it is: they hear of it anyway.

Those who follow are found by index, a chunk at a time; what does not fit into the first chunk goes on in a job.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from hues.cases import processes, reference
from hues.cases.change import category_of
from hues.cases.models import LISTED, Case, CaseSupport
from hues.cases.pages.words import place
from hues.kernel import clock
from hues.kernel.journal import Entry, follower
from hues.notifications.actions import tell
from hues.reports.following import cells_around
from hues.reports.models import News

CHUNK = 500  # people a time
FRESH = timedelta(days=30)  # a case older than this is not new when it is listed
KEPT = timedelta(days=60)  # news
NOBODY = UUID(int=0)


@follower("following", part="public")
def hear_step(entry: Entry) -> None:
    """A step that the public may see."""
    if entry.subject_kind == "case" and f"public:{entry.subject_id}" in entry.topics:
        _go_on(entry)


@follower("following-moderation", part="centre")
def hear_moderation(entry: Entry) -> None:
    """The centre has let a case be seen; nothing else of such an entry is public."""
    if entry.action == "case.moderated" and "public" not in entry.parts:
        _go_on(entry)


def _go_on(entry: Entry) -> None:
    last = spread(entry)
    if last is not None:
        from hues.reports.jobs import spread_news  # jobs import the rooms' actions

        spread_news.defer(entry_id=str(entry.id), after=str(last))


def spread(entry: Entry, after: UUID = NOBODY) -> UUID | None:
    """Tell the next chunk of those who follow what an entry tells of. Returns where to go on, None at the end.

    Idempotent: the news have the entry's id, and nobody is told twice of an entry.
    """
    case = Case.objects.filter(LISTED, pk=entry.subject_id).first()
    if case is None:
        return None
    news = _news_of(entry, case)
    said = (entry.parts.get("public") or {}).get("said") or {}
    if news is None and not said:
        return None
    found = _followers(case, news, bool(said), after)
    if not found:
        return None
    link, own = f"/cases/{case.code}", senders(case)
    told = [(person, of_case) for person, of_case in found if person not in own]
    if people := [person for person, of_case in told if of_case]:
        tell(entry.id, people, "follow.step", link, _step_words(case, said))
    if news and (people := [person for person, of_case in told if not of_case]):
        tell(entry.id, people, f"follow.{news.kind}", link, _news_words(case, news.kind))
    return found[-1][0] if len(found) == CHUNK else None


def senders(case: Case) -> set[UUID]:
    """Those who reported it, or one that was merged into it: the case itself tells them of each step. One statement."""
    own = {case.reporter_id} | set(Case.objects.filter(parent_id=case.pk).values_list("reporter_id", flat=True))
    return {person_id for person_id in own if person_id}


def concerned(case: Case) -> set[UUID]:
    """Those whose own matter it is: its senders, and who said "me too". Two statements."""
    return senders(case) | set(CaseSupport.objects.filter(case_id=case.pk).values_list("person_id", flat=True))


# What is news


def _news_of(entry: Entry, case: Case) -> News | None:
    """The news of this entry, kept; None where it is none for the surroundings."""
    kind = _kind_of(entry, case)
    if kind is None:
        return None
    row = News(
        entry_id=entry.id, kind=kind, case_id=case.pk, unit_id=case.unit_id, category_id=case.category_id,
        lat=case.public_lat, lon=case.public_lon, at=entry.at,
    )  # fmt: skip
    News.objects.bulk_create([row], ignore_conflicts=True)
    return News.objects.filter(pk=entry.id).first()


def _kind_of(entry: Entry, case: Case) -> str | None:
    process = processes.process(case.process_id)
    step = process.steps.get(entry.action.removeprefix("case."))
    state = process.states.get(str((entry.parts.get("public") or {}).get("state")))
    if step and state and not state.open and ("stamp", "published_at") in step.effects:
        return News.Kind.ENDED
    lists = entry.action == "case.moderated" or (
        step is not None and any(word in ("moderate", "inherit") for word, _p in step.effects)
    )
    if not lists or entry.at - case.received_at > FRESH:
        return None
    known = News.objects.filter(case_id=case.pk, kind=News.Kind.LISTED).exclude(pk=entry.id)
    return None if known.exists() else News.Kind.LISTED


def forget_old() -> int:
    """News that no page and no digest asks for any more; the journal keeps what happened."""
    deleted, _by_model = News.objects.filter(at__lt=clock.now() - KEPT).delete()
    return deleted


# Who follows

_NEAR = """power((lat - %(lat)s) * 111195, 2) + power((lon - %(lon)s) * 111195 * cos(radians(%(lat)s)), 2)
  <= power(radius_m::float8, 2)"""
# Each branch walks its own index in the order of people, so that a chunk costs a chunk.
_OF_CASE = "kind = 'case' and case_id = %(case)s"
_OF_NEWS = (
    "kind = 'unit' and pace = 'now' and unit_id = %(unit)s",
    "kind = 'category' and pace = 'now' and category_id = %(category)s and unit_id = %(unit)s",
    "kind = 'category' and pace = 'now' and category_id = %(category)s and unit_id is null",
)
_OF_PLACE = f"kind = 'place' and pace = 'now' and cell = any(%(cells)s) and {_NEAR}"


def _followers(case: Case, news: News | None, with_case: bool, after: UUID) -> list[tuple[UUID, bool]]:
    """The next people who follow, in their order, and whether it is the case itself that they follow. One statement."""
    wanted = [_OF_CASE] if with_case else []
    values: dict[str, Any] = {"case": case.pk, "after": after, "chunk": CHUNK}
    if news is not None:
        wanted += _OF_NEWS
        values |= {"unit": news.unit_id, "category": news.category_id}
        if news.lat is not None and news.lon is not None:
            wanted.append(_OF_PLACE)
            values |= {"lat": news.lat, "lon": news.lon, "cells": cells_around(news.lat, news.lon)}
    supporters = (
        "(select person_id, true as of_case from cases_casesupport where case_id = %(case)s and person_id > %(after)s"
        " order by person_id limit %(chunk)s)"
    )
    branches = " union all ".join(
        f"(select person_id, kind = 'case' as of_case from reports_follow where {one} and person_id > %(after)s"  # noqa: S608
        " order by person_id limit %(chunk)s)"
        for one in wanted
    )
    if with_case:  # whoever said "me too" hears of it like those who follow it
        branches = f"{branches} union all {supporters}"
    sql = f"select person_id, bool_or(of_case) from ({branches}) f group by 1 order by 1 limit %(chunk)s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


# What they are told


def _step_words(case: Case, said: Mapping[str, str]) -> dict[str, Any]:
    category = category_of(case)
    return {"code": case.code, "title": dict(category.names), "texts": dict(said)}


def _news_words(case: Case, kind: str) -> dict[str, Any]:
    category, unit = category_of(case), reference.units().get(case.unit_id or 0)
    texts = {}
    for language in languages():
        with override(language):
            where = place(case.public_address, unit)
            end = str(case.get_outcome_display()) or _("The agency has answered")
            texts[language] = f"{end} · {where}" if kind == News.Kind.ENDED else where
    return {"code": case.code, "title": dict(category.names), "texts": texts}


def languages() -> Iterable[str]:
    return (code for code, _name in settings.LANGUAGES)
