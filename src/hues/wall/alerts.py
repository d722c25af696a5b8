"""What a wall must not be silent about, gravest first. Taken from what the rooms below keep; nothing in it is about a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.cases import reference
from hues.cases.models import CaseTimer
from hues.city.clock import local
from hues.dispatch.models import TaskTimer
from hues.duty import queries as duty
from hues.duty.models import Team
from hues.hotline import access as hotline_access
from hues.hotline import queries as hotline
from hues.insights.queries import samples
from hues.insights.words import number_text
from hues.kernel import clock

MOST = 6
NIGHT = timedelta(hours=12)  # so far ahead a gap in a roster is told
TOGETHER, WITHIN = 5, timedelta(hours=2)  # reports of one kind in one place, within which time
_LEADER = ["leader"]


@dataclass(frozen=True)
class Alert:
    """`tone`: bad or warn. `detail` says where or how much."""

    tone: str
    icon: str
    title: str
    detail: str


def alerts(language: str) -> list[Alert]:
    """Eight statements."""
    found = [*_climbed(language), *_surge(), *_clusters(language), *_gaps(language)]
    return sorted(found, key=lambda one: one.tone != "bad")[:MOST]


def _climbed(language: str) -> Iterator[Alert]:
    """Ladders that went up to the leader, of what is still open. Two statements."""
    own = CaseTimer.objects.filter(
        kind__startswith="ladder", fired_at__isnull=False, data__to__contains=_LEADER, case__is_open=True,
        case__group="immediate", case__phase="handling",
    )  # fmt: skip
    late = TaskTimer.objects.filter(
        kind="ladder-late-200", fired_at__isnull=False, task__state__in=("accepted", "on_way"), task__case__is_open=True
    )
    cases = {timer.case_id: timer.case for timer in own.select_related("case")[:20]}
    cases |= {timer.task.case_id: timer.task.case for timer in late.select_related("task__case")[:20]}
    for case in list(cases.values())[:3]:
        yield Alert("bad", "command", _("The leader was told: nobody there yet"), _what(case, language))
    if len(cases) > 3:
        yield Alert("bad", "command", _("The leader was told: nobody there yet"), f"+{number_text(len(cases) - 3)}")


def _what(case: Any, language: str) -> str:
    if case.visibility == "restricted":
        return f"{_('Restricted case')} · {case.code}"
    unit = reference.units().get(case.unit_id)
    return " · ".join(
        filter(None, [reference.categories()[case.category_id].name(language), unit.name(language) if unit else ""])
    )


def _surge() -> Iterator[Alert]:
    """Two statements."""
    now = hotline.waiting()
    waits = ngettext("{n} caller waits", "{n} callers wait", now.waiting).format(n=number_text(now.waiting))
    if hotline_access.in_surge():
        yield Alert("bad", "phone", _("Surge: more people call than can be answered"), waits)
    elif now.too_many:
        yield Alert("warn", "phone", _("The queue of the hotline is too long"), waits)
    if now.callbacks_due:
        promised = ngettext("{n} promise is over", "{n} promises are over", now.callbacks_due)
        yield Alert("warn", "phone", _("Call-backs are late"), promised.format(n=number_text(now.callbacks_due)))


_CLUSTERS = """
select category_id, unit_id, count(*)::int from cases_case
where received_at > %(since)s and is_open and visibility in ('public', 'masked') and unit_id is not null and is_sample = any(%(samples)s)
  and channel not in ('order', 'command')
group by 1, 2 having count(*) >= %(least)s order by 3 desc, 1, 2 limit 3
"""


def _clusters(language: str) -> Iterator[Alert]:
    """Many reports of one kind in one ward. One statement, over what came in lately."""
    values: dict[str, Any] = {"since": clock.now() - WITHIN, "least": TOGETHER, "samples": samples()}
    with connection.cursor() as cursor:
        cursor.execute(_CLUSTERS, values)
        rows = cursor.fetchall()
    for category_id, unit_id, count in rows:
        category, unit = reference.categories()[category_id], reference.units()[unit_id]
        title = _("{n} reports within two hours").format(n=number_text(count))
        tone = "bad" if category.process_group == "immediate" else "warn"
        yield Alert(tone, "layers", title, f"{category.name(language)} · {unit.name(language)}")


def _gaps(language: str) -> Iterator[Alert]:
    """Teams that have nobody, or too few, within the next hours. Three statements."""
    now = clock.now()
    teams = list(Team.objects.filter(active=True, is_sample__in=samples()))
    gaps = duty.gaps(teams, now, now + NIGHT)
    empty = [gap for gap in gaps if gap.nobody]
    for chosen, title in (
        (empty, _("Nobody on duty")),
        ([gap for gap in gaps if not gap.nobody], _("Too few on duty")),
    ):
        if chosen:
            first = chosen[0]
            name = reference.agencies()[first.agency_id].name(language)
            others = len({gap.team_id for gap in chosen}) - 1
            more = f" +{number_text(others)}" if others else ""
            yield Alert("warn", "user", title, f"{name}, {local(max(first.starts_at, now)):%H:%M}{more}")
