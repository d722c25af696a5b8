"""Operational periods begin by themselves: once each, late rather than never."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.command import access, telling
from hues.command.actions.base import save
from hues.command.actions.papers import store_draft
from hues.command.models import Incident, Period
from hues.kernel import clock
from hues.kernel.actors import SYSTEM

log = logging.getLogger(__name__)


def begin_due_periods() -> int:
    """Begin every period whose time has come; returns how many. Any number of workers may call it at once.

    After an outage the periods that were missed are written down with the start that was planned, and told as one.
    """
    begun = 0
    tried: list[UUID] = []
    while True:
        try:
            with transaction.atomic():
                due = Incident.objects.filter(state=Incident.State.OPEN, period_ends_at__lte=clock.now())
                incident = (
                    due.exclude(pk__in=tried).select_for_update(skip_locked=True).order_by("period_ends_at").first()
                )
                if incident is None:
                    return begun
                tried.append(incident.pk)
                begun += _begin(incident)
        except Exception:
            log.exception("a period did not begin", extra={"incident": str(tried[-1]) if tried else ""})
            if not tried:
                raise


def _begin(incident: Incident) -> int:
    now, count = clock.now(), 0
    length = timedelta(hours=incident.period_hours)
    while incident.period_ends_at is not None and incident.period_ends_at <= now:
        starts, incident.period_number = incident.period_ends_at, incident.period_number + 1
        incident.period_ends_at = starts + length
        Period.objects.create(
            incident=incident, number=incident.period_number, starts_at=starts, ends_at=incident.period_ends_at
        )
        count += 1
    save(incident, "period_number", "period_ends_at")
    said = telling.said(
        lambda: _("Period {n} of {name} has begun").format(n=incident.period_number, name=incident.name)
    )
    to = access.person_ids(incident)
    telling.record(SYSTEM, incident, "period", said, to=to, number=incident.period_number, missed=count - 1)
    if not incident.sitreps.filter(signed_at=None).exists():
        store_draft(SYSTEM, incident)
    return count
