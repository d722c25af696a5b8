"""What callers are told before somebody answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from hues.city import pack
from hues.city.models import Unit
from hues.hotline import access
from hues.hotline.models import Announcement, AnnouncementSound
from hues.hotline.policy import policy
from hues.hotline.queries.desk import waiting
from hues.kernel import clock
from hues.kernel.errors import NotFound


def running_announcements() -> list[Announcement]:
    """What is told now, of the whole city first, with its sounds. Two statements."""
    rows = (
        Announcement.objects.filter(withdrawn_at=None, ends_at__gt=clock.now())
        .select_related("unit", "written_by")
        .prefetch_related("sounds")
    )
    return sorted(rows, key=lambda row: (row.unit_id is not None, row.unit.name if row.unit else ""))


def announcements_for(units: Sequence[Unit], language: str) -> dict[str, Any]:
    """For the voice menu: texts of the whole city and of these wards, the consent text, and whether to offer a call-back.
    Four statements. `sound` is the path of a WAV (8 kHz, 16 bit, mono), signed for like this; empty: read the text aloud.
    """
    ids = [unit.pk for unit in units]
    rows = Announcement.objects.filter(withdrawn_at=None, ends_at__gt=clock.now())
    found = (
        rows.filter(Q(unit=None) | Q(unit_id__in=ids))
        .select_related("unit")
        .order_by("unit_id", "version")
        .prefetch_related("sounds")
    )
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
                **_sound(row, language),
                "written_at": row.written_at.isoformat(),
                "ends_at": row.ends_at.isoformat(),
            }
            for row in found
        ],
    }


def _sound(row: Announcement, language: str) -> dict[str, Any]:
    found = next((one for one in row.sounds.all() if one.language == language), None)
    if found is None:
        return {"sound": "", "sound_seconds": 0}
    return {"sound": f"/api/v1/cti/announcements/{row.pk}/{found.pk}.wav", "sound_seconds": found.seconds}


def sound_of(announcement_id: UUID, sound_id: UUID) -> AnnouncementSound:
    """Of what is told now. Raises NotFound."""
    found = AnnouncementSound.objects.filter(
        pk=sound_id,
        announcement_id=announcement_id,
        announcement__withdrawn_at=None,
        announcement__ends_at__gt=clock.now(),
    ).first()
    if found is None:
        raise NotFound(_("This announcement is gone already."))
    return found


def _text(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
