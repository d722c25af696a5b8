"""The rules of conduct of a city, and what a restricted account may still do.

Reading, everything that is urgent, and one's own cases stay open to everybody, always.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hues.city.clock import day_text
from hues.city.pack import settings as city_settings
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden
from hues.kernel.limits import spend
from hues.people.models import Restriction


@dataclass(frozen=True)
class Policy:
    """From `conduct:` in the pack's city.yaml."""

    abuse_reasons: tuple[str, ...]  # reasons of rejection that count as abuse
    signal_from: int  # so many within 90 days are listed for the lead
    limited_reports_a_day: int
    longest_limit: int  # days
    longest_lock: int  # days
    appeal_days: int  # working days until an appeal is answered
    texts: dict[str, list[str]]  # the city's own rules, by language
    source: dict[str, str]  # where they are written down

    def longest(self, kind: str) -> int:
        return self.longest_lock if kind == Restriction.Kind.LOCK else self.longest_limit


def policy() -> Policy:
    given: dict[str, Any] = city_settings().get("conduct") or {}
    return Policy(
        abuse_reasons=tuple(given.get("abuse_reasons", ("spam",))),
        signal_from=given.get("signal_from", 3),
        limited_reports_a_day=given.get("limited_reports_a_day", 2),
        longest_limit=given.get("longest_limit", 30),
        longest_lock=given.get("longest_lock", 90),
        appeal_days=given.get("appeal_days", 5),
        texts=given.get("rules", {}),
        source=given.get("source", {}),
    )


@dataclass(frozen=True)
class Standing:
    """What is in force against an account now."""

    locked: Restriction | None
    limited: Restriction | None


def standing_of(person_id: UUID | None, at: datetime | None = None) -> Standing:
    """One statement."""
    if person_id is None:
        return Standing(None, None)
    rows = Restriction.objects.filter(user_id=person_id, ends_at__gt=at or clock.now(), lifted_at=None)
    found = {row.kind: row for row in rows.order_by("ends_at")}
    return Standing(found.get(Restriction.Kind.LOCK), found.get(Restriction.Kind.LIMIT))


def check_may_report(actor: Actor, *, urgent: bool) -> None:
    """Raises Forbidden for a locked account and TooMany for a limited one that used up its day; never when urgent.

    Costs nothing for everybody else.
    """
    if urgent or actor.kind != "citizen" or not actor.restricted:
        return
    standing = standing_of(actor.id)
    if standing.locked:
        text = _("Your account cannot send ordinary reports until %(day)s. The reason, and how to appeal: Settings.")
        raise Forbidden(text % {"day": day_text(standing.locked.ends_at)}, code="account-locked")
    if standing.limited:
        spend(f"limited:{actor.id}", limit=policy().limited_reports_a_day, window=86400)
