"""Looking ahead: a gap in the coming days is told to those who can fill it, once when it is seen and once the day before."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from hues.city import clock as city_clock
from hues.duty import access
from hues.duty.actions.noting import note, span_text
from hues.duty.models import GapNotice, Team
from hues.duty.queries.gaps import Gap, gaps
from hues.kernel import clock
from hues.kernel.actors import SYSTEM
from hues.kernel.journal import Notify

DAYS = 14
SOON = timedelta(hours=24)


def check_coverage(*, team_ids: Collection[UUID] | None = None, days: int = DAYS) -> int:
    """Tell of gaps that were not told yet; returns how many. Any number of callers at once tell each gap once."""
    now = clock.now()
    start = city_clock.start_of_day(city_clock.today())
    teams = Team.objects.filter(active=True).select_related("agency").order_by("pk")
    if team_ids is not None:
        teams = teams.filter(pk__in=team_ids)
    told = 0
    by_team = {team.pk: team for team in teams}
    coming = [gap for gap in gaps(list(by_team.values()), start, now + timedelta(days=days)) if gap.ends_at > now]
    for pk, team in by_team.items():
        if own := [gap for gap in coming if gap.team_id == pk]:
            told += _tell(team, own, start, now)
    return told


@transaction.atomic
def _tell(team: Team, found: list[Gap], start: datetime, now: datetime) -> int:
    Team.objects.select_for_update().get(pk=team.pk)  # one at a time
    keys = [_key(gap, start, now) for gap in found]
    known = set(
        GapNotice.objects.filter(team=team, starts_at__in=[at for at, _ in keys]).values_list("starts_at", "stage")
    )
    new = [gap for gap, key in zip(found, keys, strict=True) if key not in known]
    if not new:
        return 0
    rows = [GapNotice(team=team, starts_at=at, stage=stage, told_at=now) for at, stage in set(keys) - known]
    GapNotice.objects.bulk_create(rows)
    first = new[0]
    data = {
        "team": team.name,
        "when": {one: span_text(first.starts_at, first.ends_at, one) for one in ("vi", "en")},
        "count": len(new),
        "there": first.there,
        "needed": first.needed,
    }
    template = "duty.gap" if first.nobody else "duty.gap_thin"
    link = f"/desk/duty?agency={team.agency.code}&day={city_clock.local(first.starts_at).date()}"
    notify = [Notify(person, template, link, data) for person in access.managers_of(team)]
    spans = [{"from": g.starts_at.isoformat(), "until": g.ends_at.isoformat(), "there": g.there} for g in new]
    note(SYSTEM, "gap", ("team", team.pk), team, staff={"gaps": spans}, notify=notify)
    return len(new)


def _key(gap: Gap, start: datetime, now: datetime) -> tuple[datetime, str]:
    """What a gap is known by. One that was there before today has no beginning here: it is told once a week."""
    if gap.starts_at <= start:
        today = city_clock.local(start).date()
        return city_clock.start_of_day(today - timedelta(days=today.weekday())), "soon"
    return gap.starts_at, "soon" if gap.starts_at <= now + SOON else "ahead"
