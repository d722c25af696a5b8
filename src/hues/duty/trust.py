"""What this room keeps of a person, handed out and erased (hues.people.erasing)."""

from typing import Any
from uuid import UUID

from hues.duty import phones
from hues.duty.models import Absence, CalendarFeed, DutyPhone, Position, Shift, Swap


def erase(person_id: UUID) -> dict[str, int]:
    """Position, number, calendar and the words of swaps and absences go; that somebody was on duty stays a record of the agency."""
    swaps = Swap.objects.filter(asked_by=person_id).exclude(note="").update(note="")
    return {
        "positions": Position.objects.filter(person=person_id).delete()[0],
        "duty_phones": DutyPhone.objects.filter(person=person_id).delete()[0],
        "calendars": CalendarFeed.objects.filter(person=person_id).delete()[0],
        "absences": Absence.objects.filter(person=person_id).delete()[0],
        "swap_notes": swaps,
    }


def export(person_id: UUID) -> dict[str, Any]:
    position = Position.objects.filter(person=person_id).values("agreed_at", "until", "lat", "lon", "at").first()
    shifts = Shift.objects.filter(person=person_id, called_off=False).order_by("starts_at")
    absences = Absence.objects.filter(person=person_id).order_by("starts_at")
    return {
        "position": position,
        "phone": phones.numbers_of([person_id]).get(person_id, ""),
        "shifts": list(shifts.values("starts_at", "ends_at", "role", "standby", "team__name")),
        "absences": list(absences.values("kind", "starts_at", "ends_at", "state", "note")),
    }
