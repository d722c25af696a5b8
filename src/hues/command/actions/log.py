"""The log: decisions, radio, notes. Only ever written on."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hues.command import access, telling
from hues.command.access import Stand
from hues.command.actions.base import locked, next_number, of_incident, text
from hues.command.models import Incident, LogLine
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid

BODY_MOST = 2000
PINS_MOST = 12


def add_log(
    *,
    actor: Actor,
    code: str,
    body: str,
    kind: str = "note",
    caller: str = "",
    inside: bool = False,
    corrects: UUID | None = None,
) -> LogLine:
    """One line. A decision is pinned by itself, and only those who command may write one; a correction names the line it mends.

    `caller` is who spoke, as on the radio; `inside` hides the line from agencies.
    """
    words, who = text(body, BODY_MOST, "body", least=1), text(caller, 80, "caller", multiline=False)
    if kind not in LogLine.Kind.values:
        raise Invalid(_("Please choose from the list."), fields={"kind": _("Please choose from the list.")})
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_not_be_closed(incident)
        _may_write(on, kind, inside)
        mended = of_incident(_lines(incident, on), corrects, _("There is no such line.")) if corrects else None
        line = write(
            actor, incident, words, kind, caller=who, inside=inside or bool(mended and mended.inside), mends=mended
        )
    return line


def _may_write(on: Stand, kind: str, inside: bool) -> None:
    if not on.writes:
        raise Forbidden(_("Auditors read, and change nothing."))
    if kind == LogLine.Kind.DECISION and not on.commands:
        raise Forbidden(_("Only those who command may write decisions."))
    if inside and not on.works:
        raise Forbidden(_("Only the operations centre and those who command may do this."))


def _lines(incident: Incident, on: Stand) -> QuerySet[LogLine]:
    return incident.log.all() if on.whole else incident.log.filter(inside=False)


def write(
    actor: Actor,
    incident: Incident,
    body: str,
    kind: str = "note",
    *,
    caller: str = "",
    inside: bool = False,
    mends: LogLine | None = None,
) -> LogLine:
    """Write a line that the caller has checked; the incident is locked."""
    now = clock.now()
    line = LogLine.objects.create(
        incident=incident,
        number=next_number(incident.log),
        at=now,
        period=incident.period_number,
        kind=kind,
        caller=caller,
        body=body,
        by_id=actor.id if actor.kind == "staff" else None,
        agency_id=next(iter(sorted(actor.agency_ids)), None) if not actor.in_centre else None,
        corrects=mends,
        inside=inside,
        pinned_at=now if kind == LogLine.Kind.DECISION else None,
    )
    _told(actor, incident, line)
    return line


def _told(actor: Actor, incident: Incident, line: LogLine) -> None:
    """What was written goes into the part that its readers see; of a line inside, the others learn nothing."""
    action = "decided" if line.kind == LogLine.Kind.DECISION else "logged"

    def words() -> str:
        form = _("Decision: {text}") if action == "decided" else _("Log: {text}")
        return form.format(text="" if line.inside else line.body[:300])

    to = access.person_ids(incident) if action == "decided" else []
    facts: dict[str, Any] = {"line": line.number, "kind": line.kind}
    if not line.inside:
        facts |= {"body": line.body, "caller": line.caller}
    if line.corrects:
        facts["corrects"] = line.corrects.number
    telling.record(actor, incident, action, telling.said(words), to=to, **facts)


def pin_line(*, actor: Actor, code: str, line_id: UUID, pinned: bool = True) -> LogLine:
    """Keep a line on top of the log, or let it go. The line itself never changes."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        line: LogLine = of_incident(incident.log, line_id, _("There is no such line."))
        if pinned and incident.log.filter(pinned_at__isnull=False).count() >= PINS_MOST and not line.pinned_at:
            raise Conflict(_("At most {n} lines are pinned. Let one go first.").format(n=PINS_MOST))
        line.pinned_at = clock.now() if pinned else None
        line.save(update_fields=["pinned_at"])
        form = telling.said(
            lambda: (_("Line {n} was pinned") if pinned else _("Line {n} was unpinned")).format(n=line.number)
        )
        telling.record(actor, incident, "pinned", form, line=line.number, pinned=pinned)
    return line
