"""What the home page shows. It answers: is anything wrong near me, and what did my report become?"""

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hues.cases import queries
from hues.cases.models import RESOLVED, Case, Rating
from hues.city.pack import settings as city_settings
from hues.kernel import clock
from hues.web.context import Shell
from hues.web.words import number, percent

DAYS = 90  # the numbers are about reports received in this many days
MINE, RECENT = 3, 6
KEPT = 10 * 60  # seconds that the numbers are kept


def content(request: HttpRequest) -> dict[str, Any]:
    shell = Shell(request)
    actor = shell.actor
    mine = queries.mine(actor.id, limit=MINE).items if actor.kind == "citizen" and actor.id else []
    return {
        "mine": mine,
        "recent": queries.public_list({}, limit=RECENT).items,
        "numbers": _stats(),
        "utilities": _utilities(),
        "days": DAYS,
        "live_topics": [f"person:{actor.id}"] if mine else [],
    }


def _utilities() -> list[dict[str, str]]:
    """What exists, and nothing else."""
    hotline = str(city_settings().get("hotline") or "")
    return [
        {"icon": "map", "label": _("City map"), "url": "/map"},
        {"icon": "search", "label": _("Find a report"), "url": "/cases"},
        *([{"icon": "phone", "label": _("Hotline"), "url": f"tel:{hotline}"}] if hotline else []),
        {"icon": "eye", "label": _("Who sees what"), "url": "/about"},
    ]


def _stats() -> list[dict[str, str]]:
    """The city's numbers, each with what it is a share of."""
    counts: dict[str, int] = cache.get("home-numbers") or _counted()
    cache.set("home-numbers", counts, KEPT)
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
