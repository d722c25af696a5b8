"""The hotline in numbers. Ended calls are added up by the hour as they change (CallTally), so a year costs what it costs at
ten times the calls; call-backs are counted in their index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hues.city.clock import start_of_day
from hues.hotline.models import Call, CallBack, CallTally
from hues.hotline.policy import policy

DEFINITIONS: dict[str, tuple[str | Promise, str | Promise]] = {
    "answered_fast": (
        _("Answered fast"),
        _("Incoming calls answered within the city's seconds, of all incoming calls that ended."),
    ),
    "abandoned": (
        _("Given up before an answer"),
        _(
            "Incoming calls that ended before anybody answered, of all incoming calls that ended. Those given up within "
            "the first seconds are in it, and counted beside it."
        ),
    ),
    "wait": (_("Average wait"), _("Seconds from the first ring to the answer, of incoming calls that were answered.")),
    "handle": (
        _("Average handling"),
        _(
            "Seconds of talk, hold and wrap-up, of answered calls whose end is known: a call that closed itself does not count."
        ),
    ),
    "first_call": (
        _("Solved by the first call"),
        _(
            "Answered incoming calls with a number that did not call again within the city's days, of all answered "
            "incoming calls with a number. The newest may still call again."
        ),
    ),
    "callbacks": (
        _("Call-backs made in time"),
        _(
            "People reached by the promised time, of the call-backs that became due; withdrawn ones (they called again, "
            "or were answered after all) do not count unless they were reached."
        ),
    ),
}


@dataclass(frozen=True)
class Figures:
    """Sums of ended calls from a day to a day, both included. Shares are None where there is nothing to divide by."""

    calls_in: int = 0
    answered: int = 0
    fast: int = 0
    early: int = 0
    wait_s: int = 0
    handle_s: int = 0
    timed: int = 0
    known: int = 0
    again: int = 0
    calls_out: int = 0
    reached_out: int = 0
    callbacks: int = 0
    callbacks_kept: int = 0
    callbacks_open: int = 0

    @property
    def abandoned(self) -> int:
        return self.calls_in - self.answered

    @property
    def answered_fast_share(self) -> float | None:
        return _share(self.fast, self.calls_in)

    @property
    def answered_share(self) -> float | None:
        return _share(self.answered, self.calls_in)

    @property
    def abandoned_share(self) -> float | None:
        return _share(self.abandoned, self.calls_in)

    @property
    def average_wait_s(self) -> float | None:
        return _share(self.wait_s, self.answered)

    @property
    def average_handle_s(self) -> float | None:
        return _share(self.handle_s, self.timed)

    @property
    def first_call_share(self) -> float | None:
        return _share(self.known - self.again, self.known)

    @property
    def callbacks_share(self) -> float | None:
        return _share(self.callbacks_kept, self.callbacks)


def _share(of: int, over: int) -> float | None:
    return of / over if over else None


_SUMS = ("answered", "fast", "early", "wait_s", "handle_s", "timed", "known", "again")


def figures(first: date, last: date) -> Figures:
    """Two statements, however many calls there are."""
    within = CallTally.objects.filter(day__range=(first, last))
    incoming = Q(direction=Call.Direction.IN)
    summed = within.aggregate(
        calls_in=Sum("calls", filter=incoming, default=0),
        calls_out=Sum("calls", filter=~incoming, default=0),
        reached_out=Sum("answered", filter=~incoming, default=0),
        **{name: Sum(name, filter=incoming, default=0) for name in _SUMS},
    )
    return Figures(**{name: int(value) for name, value in summed.items()}, **_callbacks(first, last))


def _callbacks(first: date, last: date) -> dict[str, int]:
    within = CallBack.objects.filter(
        made_at__gte=start_of_day(first), made_at__lt=start_of_day(last + timedelta(days=1))
    )
    return within.aggregate(
        callbacks=Count("pk", filter=~Q(state__in=[CallBack.State.OPEN, CallBack.State.WITHDRAWN])),
        callbacks_kept=Count("pk", filter=Q(kept=True)),
        callbacks_open=Count("pk", filter=Q(state=CallBack.State.OPEN)),
    )


@dataclass(frozen=True)
class Hour:
    """Incoming calls of an hour of the day, over all days asked for."""

    hour: int
    calls: int
    answered: int
    fast: int
    wait_s: int

    @property
    def average_wait_s(self) -> float | None:
        return _share(self.wait_s, self.answered)

    @property
    def fast_share(self) -> float | None:
        return _share(self.fast, self.calls)


def by_hour(first: date, last: date) -> list[Hour]:
    """All 24, in order. One statement."""
    found = {row["hour"]: row for row in _grouped(first, last, "hour")}
    return [Hour(hour, *(int(found.get(hour, {}).get(f.name, 0)) for f in fields(Hour)[1:])) for hour in range(24)]


def by_day(first: date, last: date) -> list[Mapping[str, Any]]:
    """Days (months, where it is more than 92 of them) with what was answered and given up. One statement."""
    if (last - first).days <= 92:
        return [{**row, "at": row["day"]} for row in _grouped(first, last, "day")]
    return _months(first, last)


_MONTHS = """
select date_trunc('month', day)::date as at, sum(calls)::int as calls, sum(answered)::int as answered, sum(fast)::int as fast
from hotline_calltally where direction = 'in' and day between %s and %s group by 1 order by 1
"""


def _months(first: date, last: date) -> list[Mapping[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, [first, last])
        return [dict(zip(("at", "calls", "answered", "fast"), row, strict=True)) for row in cursor.fetchall()]


def _grouped(first: date, last: date, by: str) -> Any:
    rows = CallTally.objects.filter(day__range=(first, last), direction=Call.Direction.IN).values(by).order_by(by)
    return rows.annotate(
        calls=Sum("calls"), answered=Sum("answered"), fast=Sum("fast"), wait_s=Sum("wait_s")
    )  # fmt: skip


def by_code(first: date, last: date) -> list[dict[str, Any]]:
    """How answered calls ended, by wrap-up code, the most frequent first; "" where nobody said. One statement."""
    rows = CallTally.objects.filter(day__range=(first, last)).values("code").annotate(
        answered=Sum("answered"), handle_s=Sum("handle_s"), timed=Sum("timed"), known=Sum("known"), again=Sum("again")
    )  # fmt: skip
    found = []
    for row in rows.order_by("-answered", "code"):
        if not row["answered"]:
            continue
        named = policy().code(row["code"])
        found.append({**row, "name": named.name if named else row["code"], "handle": _share(row["handle_s"], row["timed"]),
                      "first_call": _share(row["known"] - row["again"], row["known"])})  # fmt: skip
    return found
