"""What the journal is told of duty, and how a clash of shifts is said."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hues.city.clock import day_text, time_text
from hues.duty.models import Shift, Team
from hues.kernel import journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict
from hues.kernel.journal import Notify


def note(
    actor: Actor,
    action: str,
    subject: tuple[str, UUID],
    team: Team,
    *,
    people: Iterable[UUID] = (),
    staff: Mapping[str, Any] | None = None,
    notify: Iterable[Notify] = (),
) -> None:
    """One entry about a team's duty: for its agency, the centre, and the people it is about."""
    journal.record(
        actor=actor,
        action=f"duty.{action}",
        subject_kind=subject[0],
        subject_id=subject[1],
        topics=[f"agency:{team.agency_id}", "centre", *(f"person:{one}" for one in people)],
        staff={"team": str(team.pk), **(staff or {})},
        notify=[one for one in notify if one.person_id != actor.id],
    )


def told(shift: Shift) -> dict[str, Any]:
    """A shift as the journal keeps it."""
    return {
        "person": str(shift.person_id),
        "from": shift.starts_at.isoformat(),
        "until": shift.ends_at.isoformat(),
        "role": shift.role,
        "standby": shift.standby,
    }


def span_text(start: datetime, end: datetime, language: str | None = None) -> str:
    """`thứ Bảy, 28/11, 23:30–07:30`."""
    return f"{day_text(start, language)}, {time_text(start)}–{time_text(end)}"


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Raises Conflict where the database refuses a second shift at once, naming whose."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "shift_one_at_a_time" not in str(error):
            raise
        raise Conflict(_("%(name)s already has a shift in that time.") % {"name": name}) from None
