"""The morning brief: what is not as it should be first, then yesterday in figures. One page, as a page and as a paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.cases.models import Case, Promise
from hues.city.clock import start_of_day, today
from hues.insights import queries
from hues.insights.catalogue import Indicator, indicator
from hues.insights.counting import back
from hues.insights.measures import NOT_REPORTS
from hues.insights.queries import Scope, end_of, samples
from hues.insights.scorecards import asking, cards, periods, rooms
from hues.insights.scorecards.asking import Asked
from hues.insights.words import number_text, share_text
from hues.kernel import clock
from hues.kernel.actors import Actor

MOST = 8  # exceptions on the page: more would be a list again
USUAL_DAYS = 28
RISE = 3.0  # standard deviations of a count above its usual value
LATE_WORTH = 3  # late cases of one agency that are worth a line
LOST_CALLS, FEW_CALLS = 0.2, 10
CHECKED = ("on_time_original", "true_resolution", "acceptance_worst_case", "accepted_in_time", "broke_again")


@dataclass(frozen=True)
class Oddity:
    """Something that is not as it should be. `weight` orders them; `bad` is what cannot wait."""

    weight: float
    tone: str
    text: str
    url: str = ""
    order_url: str = ""


@dataclass(frozen=True)
class Line:
    id: str  # of the indicator
    name: str
    value: str
    usual: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Brief:
    day: date  # the morning; what is told is of the day before, and of now
    made_at: datetime
    exceptions: Sequence[Oddity]
    lines: Sequence[Line]
    late: Sequence[tuple[str, int, str, str]]  # agency, late cases, since when, the address of its records
    risen: Sequence[tuple[str, int, str, str]]  # kind, reports yesterday, usual, the address of its records


def build(actor: Actor) -> Brief:
    """For whoever oversees the city. About fifteen statements."""
    day = today()
    yesterday = Asked(periods.of("day", day - timedelta(days=1)), "", "received")
    late = _late(yesterday)
    risen = _risen(yesterday, "category") + _risen(yesterday, "unit")
    risen.sort(key=lambda one: -one["weight"])
    told = rooms.values(yesterday, yesterday.period)
    found = [
        *_about_late(actor, late),
        *(_about_rise(actor, one) for one in risen[:3]),
        *_about_immediate(actor, yesterday),
        *_about_promises(day),
        *_about_calls(told),
        *_about_orders(day),
        *_about_targets(actor, day),
    ]
    found.sort(key=lambda one: (one.tone != "bad", -one.weight))
    return Brief(
        day,
        clock.now(),
        found[:MOST],
        _lines(yesterday, sum(row["n"] for row in late), told),
        [(row["name"], row["n"], _waited(row["oldest"]), row["url"]) for row in late[:5]],
        [
            (one["name"], one["n"], number_text(round(one["usual"], 1)), one["url"])
            for one in risen
            if one["by"] == "category"
        ][:5],
    )


# ── What is not as it should be ──


def _late(asked: Asked) -> list[dict[str, Any]]:
    """Agencies with open cases past their date now, the most first; the centre's own unread ones under no agency."""
    language = get_language() or "vi"
    rows = (
        Case.objects.filter(is_open=True, due_at__lt=clock.now(), is_sample__in=samples())
        .exclude(channel__in=NOT_REPORTS)
        .values("agency_id")
        .annotate(n=Count("pk"), oldest=Min("due_at"))
    )
    found = []
    for row in rows:
        agency = reference.agencies().get(row["agency_id"])
        name = agency.name(language) if agency else _("Waiting to be accepted by the centre")
        scope = Asked(asked.period, "", "received", agency=agency)
        url = cards.records_url(scope, ["overdue"]) if agency else "/desk?queue=late"
        found.append({**row, "name": name, "agency": agency, "url": url, "scope": scope})
    return sorted(found, key=lambda row: (-row["n"], row["name"]))


def _about_late(actor: Actor, late: Sequence[Mapping[str, Any]]) -> list[Oddity]:
    found = []
    for row in late:
        if row["n"] < LATE_WORTH:
            continue
        text = ngettext(
            "{name}: {n} case is late, the oldest by {time}",
            "{name}: {n} cases are late, the oldest by {time}",
            row["n"],
        ).format(name=row["name"], n=number_text(row["n"]), time=_waited(row["oldest"]))
        order = cards.order_url(actor, "overdue", text, row["scope"].query())
        found.append(Oddity(row["n"], "bad", text, row["url"], order))
    return found[:3]


def _waited(since: datetime) -> str:
    spent = clock.now() - since
    if spent < timedelta(days=2):
        hours = max(1, int(spent.total_seconds() // 3600))
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    return _("{n} days").format(n=spent.days)


def _risen(asked: Asked, by: str) -> list[dict[str, Any]]:
    """Kinds or wards with clearly more reports than usual: the usual is the mean of the four weeks before."""
    at = asked.period.first
    now = {row.key: row.counts["received"] for row in queries.broken_down(asked.scope(), by, spans=False)}
    before = Scope(at - timedelta(days=USUAL_DAYS), at - timedelta(days=1))
    usual = {row.key: row.counts["received"] / USUAL_DAYS for row in queries.broken_down(before, by, spans=False)}
    language, found = get_language() or "vi", []
    known: Mapping[int, Any] = reference.categories() if by == "category" else reference.units()
    for key, n in now.items():
        rise = (n - usual.get(key, 0)) / sqrt(max(1, usual.get(key, 0)))
        if rise < RISE or key not in known:
            continue
        one = known[key]
        scope = Asked(asked.period, "", "received", **{by: one})
        url = cards.records_url(scope, ["received"])
        found.append(
            {"by": by, "name": one.name(language), "n": n, "usual": usual.get(key, 0), "weight": rise, "url": url,
             "scope": scope}
        )  # fmt: skip
    return sorted(found, key=lambda one: -one["weight"])


def _about_rise(actor: Actor, one: Mapping[str, Any]) -> Oddity:
    text = _("{name}: {n} reports yesterday, usually {usual}").format(
        name=one["name"], n=number_text(one["n"]), usual=number_text(round(one["usual"], 1))
    )
    order = cards.order_url(actor, "received", text, one["scope"].query())
    return Oddity(one["weight"], "warn", text, one["url"], order)


def _about_immediate(actor: Actor, asked: Asked) -> list[Oddity]:
    counts = queries.whole(asked.scope()).counts
    slow = counts["sent"] - counts["accepted_in_time"]
    if not slow:
        return []
    text = _("{n} of {over} immediate tasks were not accepted within 5 minutes yesterday").format(
        n=number_text(slow), over=number_text(counts["sent"])
    )
    order = cards.order_url(actor, "accepted_in_time", text, asked.query())
    return [Oddity(slow, "bad", text, cards.records_url(asked, ["sent"]), order)]


def _about_promises(day: date) -> list[Oddity]:
    counted = Promise.objects.filter(case__is_sample__in=samples()).aggregate(
        broken=Count("pk", filter=Q(state=Promise.State.BROKEN, settled_at__gte=start_of_day(day - timedelta(days=7)))),
        today=Count("pk", filter=Q(state=Promise.State.OPEN, on=day)),
    )
    found = []
    if counted["broken"]:
        text = ngettext(
            "{n} promise was broken in the last seven days",
            "{n} promises were broken in the last seven days",
            counted["broken"],
        ).format(n=number_text(counted["broken"]))
        found.append(Oddity(counted["broken"], "bad", text, "/desk/promises?list=broken"))
    if counted["today"]:
        text = ngettext("{n} promise is due today", "{n} promises are due today", counted["today"]).format(
            n=number_text(counted["today"])
        )
        found.append(Oddity(counted["today"], "warn", text, "/desk/promises"))
    return found


def _about_calls(told: Mapping[str, Any]) -> list[Oddity]:
    lost = told.get("calls_abandoned")
    if not lost or lost["over"] < FEW_CALLS or (lost["share"] or 0) <= LOST_CALLS:
        return []
    text = _("{n} of {over} callers hung up before anybody answered").format(
        n=number_text(lost["of"]), over=number_text(lost["over"])
    )
    return [Oddity(lost["of"], "bad", text, "/desk/calls")]


def _about_orders(day: date) -> list[Oddity]:
    late = rooms.orders_late(day)
    if not late:
        return []
    text = ngettext("{n} order is past its date", "{n} orders are past their date", late).format(n=number_text(late))
    return [Oddity(late, "bad", text, "/desk/orders?list=late")]


def _about_targets(actor: Actor, day: date) -> list[Oddity]:
    """Targets that the last whole month missed, the widest miss first; two at most."""
    first = back(day.replace(day=1), 1)
    asked = Asked(periods.of("month", first), "", "received")
    figures = queries.whole(Scope(first, end_of(first, 1))).figures()
    missed = []
    for one in map(indicator, CHECKED):
        value = figures[one.id]
        if one.target is None or cards.meets(one, value) is not False:
            continue
        text = _("{name} in {period}: {value}, the target is {target}").format(
            name=one.name, period=asked.period.name, value=share_text(value), target=cards.target_text(one)
        )
        order = cards.order_url(actor, one.id, text, asked.query(show=one.id))
        gap = abs((value["share"] or 0) - one.target)
        missed.append(Oddity(gap, "warn", text, f"/desk/scorecards?{asked.query(show=one.id)}", order))
    return sorted(missed, key=lambda one: -one.weight)[:2]


# ── Yesterday in figures ──


def _lines(asked: Asked, late: int, told: Mapping[str, Any]) -> list[Line]:
    at = asked.period.first
    now = {**queries.whole(asked.scope()).figures(), **told}
    usual = queries.whole(Scope(at - timedelta(days=USUAL_DAYS), at - timedelta(days=1))).figures()
    month = Asked(periods.of("month", back(today().replace(day=1), 1)), "", "received")
    settled = queries.whole(month.scope()).figures()
    lines = [
        _line(asked, indicator("received"), now, number_text(round(usual["received"] / USUAL_DAYS, 1))),
        Line("overdue", indicator("overdue").name, number_text(late), "", _("right now"), cards.records_url(asked, ["overdue"])),
        *(
            _line(asked, indicator(name), now, cards.text_of(indicator(name), usual[name]))
            for name in ("first_read_minutes", "sent", "accepted_in_time", "minutes_to_accept", "minutes_to_arrive")
            if name != "sent"
        ),
        *(_line(asked, indicator(name), now, "") for name in ("calls_in", "calls_in_20s") if told.get("calls_in")),
        *(
            _line(month, indicator(name), settled, cards.target_text(indicator(name)), month.period.name)
            for name in (
                "on_time_original", "on_time_final", "true_resolution", "hours_to_fix", "acceptance",
                "acceptance_worst_case",
            )
        ),
    ]  # fmt: skip
    return lines


def _line(asked: Asked, one: Indicator, figures: Mapping[str, Any], usual: str, when: str = "") -> Line:
    when = when or _("yesterday")
    value = figures[one.id]
    note = " · ".join(filter(None, (when, cards.note_of(one, value))))
    url = cards.records_url(asked, one.of) if one.of else ""
    return Line(one.id, one.name, cards.text_of(one, value), usual, note, url)


def may_read(actor: Actor) -> bool:
    return asking.oversees(actor)
