"""What somebody asked for in a scorecard's address, checked, and what of it they may look behind."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import access, reference
from hues.city.clock import local, today
from hues.city.models import Agency, Category, Unit
from hues.insights import cuts, queries
from hues.insights.counting import first_day_kept
from hues.insights.queries import Scope
from hues.insights.scorecards import periods
from hues.insights.scorecards.periods import Period
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid, NotFound

NAMES = ("grain", "at", "by", "show", "unit", "category", "agency", "channel")
BREAKDOWNS = ("unit", "agency", "category", "channel")
CHANNELS = ("web", "hotline", "api", "open311", "import", "staff")


@dataclass(frozen=True)
class Asked:
    """`show` is the indicator that the chart and the order of the table are about."""

    period: Period
    by: str
    show: str
    unit: Unit | None = None
    category: Category | None = None
    agency: Agency | None = None
    channel: str = ""

    def scope(self, period: Period | None = None) -> Scope:
        at = period or self.period
        return self.scope_of(at.first, at.until)

    def scope_of(self, since: date, until: date) -> Scope:
        ids = {name: one.pk for name, one in self.filters.items()}
        return Scope(since, until, channel=self.channel, **ids)

    @property
    def filters(self) -> dict[str, Any]:
        """Unit, category and agency, where one was chosen."""
        return {name: one for name in ("unit", "category", "agency") if (one := getattr(self, name))}

    @property
    def dimensions(self) -> tuple[str, ...]:
        return (*self.filters, *(("channel",) if self.channel else ()))

    @property
    def place(self) -> str:
        """What it is about, in words."""
        language = get_language() or "vi"
        names = [one.name(language) for one in self.filters.values()]
        if self.channel:
            names.append(channel_name(self.channel))
        return " · ".join(names) or _("the whole city, all kinds of report")

    def query(self, **changes: str) -> str:
        values = {
            "grain": self.period.grain,
            "at": f"{self.period.first:%Y-%m-%d}",
            "by": self.by,
            "show": self.show,
            **{name: one.code for name, one in self.filters.items()},
            "channel": self.channel,
            **changes,
        }
        return urlencode({name: value for name, value in values.items() if value})


def read(actor: Actor, asked: Mapping[str, str], *, whole: bool = False) -> Asked:
    """Raises Invalid by field, Forbidden for staff without a desk. Agencies look at themselves unless they say whom, or a
    page shows everyone the `whole` city."""
    problems: dict[str, str] = {}

    def choice(name: str, known: Mapping[str, Any]) -> Any:
        code = asked.get(name, "")
        if code and code not in known:
            problems[name] = _("There is no such choice.")
        return known.get(code)

    found = {
        "unit": choice("unit", reference.units_by_code()),
        "category": choice("category", reference.categories_by_code()),
        "agency": choice("agency", reference.agencies_by_code()),
    }
    channel = asked.get("channel", "")
    if channel and channel not in CHANNELS:
        problems["channel"] = _("There is no such choice.")
    period = _period(asked, problems)
    by, show = asked.get("by") or "", asked.get("show") or "received"
    if by and by not in BREAKDOWNS:
        problems["by"] = _("There is no such choice.")
    if show not in shown_indicators():
        problems["show"] = _("There is no such choice.")
    if problems or period is None:
        raise Invalid(_("Some choices do not fit."), fields=problems)
    wanted = Asked(period, by, show, channel=channel, **found)
    if not whole and not oversees(actor) and wanted.agency is None:
        wanted = replace(wanted, agency=own_agency(actor))
    check_kept(wanted.scope())
    if by and not can_break_down(wanted, by):
        wanted = replace(wanted, by="")
    return wanted if wanted.by else replace(wanted, by=next(iter(breakdowns(wanted)), ""))


def check_kept(scope: Scope) -> None:
    """Raises Invalid for a scope whose counts are not kept."""
    if not cuts.is_kept(scope.dimensions):
        problem = _("At most two of area, kind and agency at a time, and a channel by itself.")
        raise Invalid(_("Some choices do not fit."), fields={scope.dimensions[-1]: problem})
    days = queries.pieces(scope.since, scope.until, "")[2]
    if days and days[0] < first_day_kept():
        raise Invalid(_("Some choices do not fit."), fields={"since": _only_months()})


def _only_months() -> str:
    return _("Single days and weeks are kept for thirteen months. Choose a month, a quarter or a year.")


def shown_indicators() -> dict[str, Any]:
    """Indicators that the kept counts can tell."""
    from hues.insights.catalogue import indicators
    from hues.insights.figures import KNOWN

    return {one.id: one for one in indicators() if one.id in KNOWN}


def breakdowns(asked: Asked) -> list[str]:
    return [by for by in BREAKDOWNS if can_break_down(asked, by)]


def can_break_down(asked: Asked, by: str) -> bool:
    return by not in asked.dimensions and cuts.is_kept((*asked.dimensions, by))


def _period(asked: Mapping[str, str], problems: dict[str, str]) -> Period | None:
    grain = asked.get("grain") or "month"
    if grain not in periods.GRAINS:
        problems["grain"] = _("There is no such choice.")
        return None
    day = read_day(asked.get("at", ""), problems, "at") or today()
    period = periods.of(grain, day)
    if not period.is_kept:
        problems["at"] = _only_months()
        return None
    return period


def read_day(text: str, problems: dict[str, str], name: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if not date(1990, 1, 1) <= day <= today():
        problems[name] = _("There is no such day.")
        return None
    return day


def local_text(at: datetime | None) -> str | None:
    """A moment on the city's clocks, for a table: `2026-11-22 17:00`."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at else None


def channel_name(channel: str) -> str:
    names = {
        "web": _("App and website"),
        "api": _("Programs (API)"),
        "open311": "Open311",
        "hotline": _("Hotline"),
        "import": _("Imported"),
        "staff": _("Staff"),
    }
    return names.get(channel, channel)


# ── Who may look, and behind what ──


def oversees(actor: Actor) -> bool:
    """The centre, auditors, and the chairman's office: they look at the whole city, down to every record."""
    chair = reference.chair()
    return access.sees_all(actor) or (chair is not None and chair.pk in actor.agency_ids)


def has_scorecards(actor: Actor) -> bool:
    return bool(actor.agency_ids) or access.sees_all(actor)


def leads(actor: Actor) -> bool:
    """Who is told every morning: the chairman's office and the centre's leads."""
    from hues.kernel.actors import LEAD

    chair = reference.chair()
    return actor.has(LEAD) or (chair is not None and actor.heads(chair.pk))


def own_agency(actor: Actor) -> Agency:
    """Raises Forbidden for staff of nowhere (administrators)."""
    own = sorted(actor.agency_ids)
    if not own:
        raise Forbidden(_("You have no scorecards here."))
    return reference.agencies()[own[0]]


def may_open(actor: Actor, scope: Scope) -> bool:
    """Whether the records behind a number may be listed: an agency's own, or all by those who oversee the city."""
    return oversees(actor) or (scope.agency in access.agencies_of(actor))


def check_open(actor: Actor, scope: Scope) -> None:
    if not may_open(actor, scope):
        raise NotFound(_("There is no such page."))
