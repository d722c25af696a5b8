"""What somebody follows, and the latest of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from hues.cases import engine, reference
from hues.cases.models import LISTED, Case
from hues.cases.pages.words import place
from hues.kernel import clock
from hues.reports.following.digest import MATCHES
from hues.reports.models import CheckBack, Confirmation, Follow, Thanks

RECENT = timedelta(days=14)


@dataclass(frozen=True)
class Followed:
    """One thing that somebody follows, in words."""

    id: UUID
    kind: str
    pace: str
    icon: str
    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Headline:
    """One piece of news of a followed place, area or kind."""

    code: str
    kind: str
    title: str
    icon: str
    where: str
    at: datetime


def follows_of(person_id: UUID, language: str) -> list[Followed]:
    """The newest first. One statement."""
    rows = Follow.objects.filter(person_id=person_id).select_related("case").order_by("-pk")
    return [_in_words(row, language) for row in rows.defer("case__answers", "case__source_data", "case__clock")]


def _in_words(follow: Follow, language: str) -> Followed:
    unit = reference.units().get(follow.unit_id or 0)
    category = reference.categories().get(follow.category_id or 0)
    where = unit.name(language) if unit else _("the whole city")
    match follow.kind:
        case Follow.Kind.CASE if follow.case is not None:
            of = reference.categories()[follow.case.category_id]
            words = (of.icon, of.name(language), follow.case.code, f"/cases/{follow.case.code}")
        case Follow.Kind.PLACE:
            metres = follow.radius_m or 0
            within = _("Within {distance}").format(distance=f"{metres} m" if metres < 1000 else f"{metres // 1000} km")
            words = ("pin", follow.label or _("A place on the map"), within, f"/map?lat={follow.lat}&lon={follow.lon}")
        case Follow.Kind.CATEGORY if category is not None:
            link = f"/cases?category={category.code}" + (f"&unit={unit.code}" if unit else "")
            words = (category.icon, category.name(language), where, link)
        case _:
            words = ("map", where, _("Everything in this area"), f"/cases?unit={unit.code if unit else ''}")
    return Followed(follow.pk, follow.kind, follow.pace, *words)


def case_follow(person_id: UUID | None, case_id: UUID) -> bool:
    """Whether somebody follows a case. One statement."""
    return person_id is not None and Follow.objects.filter(person_id=person_id, kind="case", case_id=case_id).exists()


_NEWS = f"""
select distinct on (n.at, n.entry_id) c.code, n.kind, n.category_id, n.unit_id, c.public_address, n.at
from reports_news n
join cases_case c on c.id = n.case_id and c.moderated and c.visibility in ('public', 'masked')
join reports_follow f on f.person_id = %(person)s and {MATCHES}
where n.at > %(since)s order by n.at desc, n.entry_id limit %(limit)s
"""  # noqa: S608 - only our own expressions


def news_for(person_id: UUID, language: str, limit: int = 15) -> list[Headline]:
    """The latest news of the places, areas and kinds that somebody follows. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, {"person": person_id, "since": clock.now() - RECENT, "limit": limit})
        rows = cursor.fetchall()
    found = []
    for code, kind, category_id, unit_id, address, at in rows:
        category = reference.categories()[category_id]
        where = place(address, reference.units().get(unit_id))
        found.append(Headline(code, kind, category.name(language), category.icon, where, at))
    return found


def listed_case(code: str) -> Case | None:
    """The case that a code names, where everyone may see it."""
    if not engine.is_code(code):
        return None
    return Case.objects.filter(LISTED, code=engine.normal_code(code)).only("id", "code", "category_id").first()


def export_of(person_id: UUID) -> dict[str, Any]:
    """Everything of this room about a person that is not a report."""
    follows = Follow.objects.filter(person_id=person_id).values(
        "kind", "pace", "case__code", "unit__code", "category__code", "lat", "lon", "radius_m", "label", "created_at"
    )
    words = Confirmation.objects.filter(person_id=person_id).values("case__code", "fixed", "note", "at")
    thanks = Thanks.objects.filter(person_id=person_id).values("case__code", "body", "at")
    return {"follows": list(follows), "confirmations": list(words), "thanks": list(thanks)}


def asked_again(case_id: UUID) -> datetime | None:
    """When those who reported a case were asked whether it is still fixed."""
    return CheckBack.objects.filter(case_id=case_id).values_list("asked_at", flat=True).first()
