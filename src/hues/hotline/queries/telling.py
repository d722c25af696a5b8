"""What callers are told before somebody answers."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from hues.city import pack
from hues.city.models import Unit
from hues.hotline import access
from hues.hotline.models import Announcement
from hues.hotline.policy import policy
from hues.hotline.queries.desk import waiting
from hues.kernel import clock


def running_announcements() -> list[Announcement]:
    """What is told now, of the whole city first. One statement."""
    rows = Announcement.objects.filter(withdrawn_at=None, ends_at__gt=clock.now()).select_related("unit", "written_by")
    return sorted(rows, key=lambda row: (row.unit_id is not None, row.unit.name if row.unit else ""))


def announcements_for(units: Sequence[Unit], language: str) -> dict[str, Any]:
    """For the voice menu: texts of the whole city and of these wards, the consent text, and whether to offer a call-back.
    Three statements.
    """
    ids = [unit.pk for unit in units]
    rows = Announcement.objects.filter(withdrawn_at=None, ends_at__gt=clock.now())
    found = rows.filter(Q(unit=None) | Q(unit_id__in=ids)).select_related("unit").order_by("unit_id", "version")
    surge, now = access.in_surge(), waiting()
    languages = pack.settings()["languages"]
    language = language if language in languages else languages[0]
    rules = policy()
    return {
        "language": language,
        "surge": surge,
        "offer_callback": surge or now.too_many,
        "waiting": now.waiting,
        "recording": _text(rules.announcement, language),
        "overflow": _text(rules.overflow, language) if surge or now.too_many else "",
        "announcements": [
            {
                "id": str(row.pk),
                "unit": row.unit.code if row.unit else "",
                "version": row.version,
                "text": _text(row.texts, language),
                "written_at": row.written_at.isoformat(),
                "ends_at": row.ends_at.isoformat(),
            }
            for row in found
        ],
    }


def _text(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
