"""What the home page shows. It answers: is anything wrong near me, and what did my report become?

What is the same for everybody is kept for a minute (`_kept`): a morning on which everyone looks costs the database a few
statements.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import queries, reference
from hues.cases.models import RESOLVED, Case, Rating
from hues.cases.queries.own import OwnRow, waiting_for
from hues.cases.queries.public import lately_fixed
from hues.city import queries as city
from hues.city.models import Unit
from hues.city.pack import settings as city_settings
from hues.kernel import clock
from hues.web.context import Shell
from hues.web.words import number, percent

DAYS = 90  # the numbers are about reports received in this many days
MINE, RECENT, FIXED = 3, 5, 3
NUMBERS_KEPT, LISTS_KEPT = 10 * 60, 60  # seconds
WARD_COOKIE = "hues_ward"


def content(request: HttpRequest) -> dict[str, Any]:
    shell = Shell(request)
    actor = shell.actor
    own = _mine(actor.id) if actor.kind == "citizen" and actor.id else []
    ward = chosen_ward(request)
    numbers = _stats()
    return {
        "mine": own,
        "ward": ward,
        "wards": [(row["code"], row["name"]) for row in city.units(get_language() or "vi")],
        "recent": _recent(ward),
        "fixed": _kept("home-fixed", LISTS_KEPT, lambda: lately_fixed(FIXED)),
        "received": numbers[0] if numbers else None,
        "numbers": numbers[1:],
        "utilities": _utilities(),
        "visitors": _visitors(),
        "days": DAYS,
        "live_topics": [f"person:{actor.id}"] if own else [],
    }


def chosen_ward(request: HttpRequest) -> Unit | None:
    """The ward that this browser's owner calls theirs."""
    unit = reference.units_by_code().get(request.COOKIES.get(WARD_COOKIE, ""))
    return unit if unit is not None and unit.valid_to is None else None


def _kept(key: str, seconds: int, build: Callable[[], Any]) -> Any:
    found = cache.get(key)
    if found is None:
        found = build()
        cache.set(key, found, seconds)
    return found


def _mine(person_id: Any) -> list[OwnRow]:
    """Open reports, the one that waits for me first; without any, the last one and how it ended."""
    waiting = waiting_for(person_id, limit=1)
    rows = [row for row in queries.mine(person_id, limit=8).items if row.id not in {one.id for one in waiting}]
    still_open = [row for row in rows if row.is_open]
    return [*waiting, *(still_open or rows[:1])][:MINE]


def _recent(ward: Unit | None) -> list[Any]:
    filters = {"unit": ward.code} if ward else {}
    return list(_kept(f"home-recent-{ward.pk if ward else ''}", LISTS_KEPT,
                      lambda: queries.public_list(filters, limit=RECENT).items))  # fmt: skip


def _utilities() -> list[dict[str, str]]:
    """What exists, and nothing else."""
    hotline = str(city_settings().get("hotline") or "")
    return [
        {"icon": "map", "label": _("City map"), "url": "/map"},
        {"icon": "search", "label": _("Find a report"), "url": "/cases"},
        {"icon": "bell", "label": _("Follow a place"), "url": "/me/following"},
        *([{"icon": "phone", "label": _("Hotline"), "url": f"tel:{hotline}"}] if hotline else []),
    ]


def _visitors() -> dict[str, str] | None:
    """For visitors: what the pack names as theirs to report, and how fast it is acted on."""
    named = city_settings().get("visitors") or {}
    category = reference.categories_by_code().get(str(named.get("category") or ""))
    if category is None or not category.active:
        return None
    return {"url": f"/report?category={category.code}", "text": str((named.get("texts") or {}).get("en") or "")}


def _stats() -> list[dict[str, str]]:
    """The city's numbers, each with what it is a share of."""
    counts: dict[str, int] = _kept("home-numbers", NUMBERS_KEPT, _counted)
    if not counts["received"]:
        return []
    return [
        {
            "value": number(counts["received"]),
            "label": _("reports received"),
            "note": _("in the last {n} days").format(n=DAYS),
        },
        _share(counts["resolved"], counts["ended"], _("resolved, with proof"), _("of {n} that were answered")),
        _share(
            counts["on_time"], counts["answered"], _("answered on time"), _("of {n} answered; extensions count as late")
        ),
        _share(counts["content"], counts["rated"], _("satisfied or accepting"), _("of {n} that were rated")),
    ]


def _share(part: int, whole: int, label: str, note: str) -> dict[str, str]:
    return {"value": percent(part / whole if whole else None), "label": label, "note": note.format(n=number(whole))}


def _counted() -> dict[str, int]:
    """One statement over the recent reports. On time is measured against the first due date, before any extension."""
    dated = Q(answered_at__isnull=False, due_original_at__isnull=False)
    ended = Q(outcome__gt="", phase="done")
    return Case.objects.filter(received_at__gt=clock.now() - timedelta(days=DAYS)).aggregate(
        received=Count("id"),
        ended=Count("id", filter=ended),
        resolved=Count("id", filter=ended & Q(outcome__in=RESOLVED)),
        answered=Count("id", filter=dated),
        on_time=Count("id", filter=dated & Q(answered_at__lte=F("due_original_at"))),
        rated=Count("id", filter=Q(rating__gt="")),
        content=Count("id", filter=Q(rating__in=(Rating.SATISFIED, Rating.ACCEPTS))),
    )
