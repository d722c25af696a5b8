"""How every write begins: the incident locked, the actor's stand known."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from hues.command import access
from hues.command.access import Stand
from hues.command.models import Incident, IncidentAgency
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid, NotFound
from hues.kernel.text import clean

NAME_MOST = 160


def locked(actor: Actor, code: str) -> tuple[Incident, Stand]:
    """Inside a transaction: whoever comes second waits, and finds what the first one left. Raises NotFound."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an incident is locked inside the transaction of its change")
    incident = access.find(actor, code, lock=True)
    return incident, access.stand(actor, incident)


def unchanged(incident: Incident, version: int | None) -> None:
    """`version` is what a form had read, if it says. Raises Conflict."""
    if version is not None and version != incident.version:
        raise Conflict(_("Somebody changed {code} meanwhile. Look at it as it is now.").format(code=incident.code))


def save(incident: Incident, *fields: str) -> None:
    incident.version += 1
    incident.save(update_fields=[*fields, "version"])


def text(value: object, most: int, field: str, *, least: int = 0, multiline: bool = True) -> str:
    """What somebody typed. Raises Invalid on the field."""
    if not isinstance(value, str):
        raise Invalid(_("This must be text."), fields={field: _("This must be text.")})
    found = clean(value, max_length=most, multiline=multiline, field=field)
    if len(found) < least:
        reason = _("Please write it in a few words.")
        raise Invalid(reason, fields={field: reason})
    return found


def later(due_at: datetime | None, field: str = "due_at") -> datetime | None:
    """A deadline lies ahead. Raises Invalid."""
    if due_at is not None and due_at <= clock.now():
        reason = _("The deadline must be in the future.")
        raise Invalid(reason, fields={field: reason})
    return due_at


def next_number(rows: Any) -> int:
    """The number after the last; the incident is locked, so nobody else takes it."""
    return int(rows.aggregate(last=Max("number"))["last"] or 0) + 1


def of_incident(rows: Any, pk: object, nothing: str) -> Any:
    """A row that belongs to the incident. Raises NotFound."""
    found = rows.filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise NotFound(nothing)
    return found


def join_agencies(incident: Incident, agency_ids: Iterable[int], at: datetime) -> None:
    """Let agencies take part; those that left come back. At most two statements."""
    wanted = set(agency_ids)
    if not wanted:
        return
    incident.agencies.filter(agency_id__in=wanted, left_at__isnull=False).update(left_at=None, joined_at=at)
    IncidentAgency.objects.bulk_create(
        [IncidentAgency(incident=incident, agency_id=agency_id, joined_at=at) for agency_id in sorted(wanted)],
        ignore_conflicts=True,
    )
