"""Which table stands behind each page of the scorecards, for taking along as a file."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.insights.catalogue import Indicator, indicator, indicators, measure_name, population_note
from hues.insights.figures import KNOWN, SPANS
from hues.insights.queries import Scope
from hues.insights.scorecards import asking, charts, equity, ranking, records, tables
from hues.insights.scorecards.asking import Asked
from hues.insights.scorecards.brief import Brief
from hues.insights.scorecards.files import Table, Value
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid
from hues.kernel.pages import MOST

RECORDS_MOST = 20_000


def side_by_side(actor: Actor, asked: Asked) -> Table:
    """Units, agencies, kinds or channels with every indicator, numerators and denominators apart."""
    shown = [indicator(name) for name in KNOWN]
    lines = tables.lines(actor, asked) if asked.by else []
    return Table(
        f"scorecards-{asked.by}-{asked.period.grain}-{asked.period.first:%Y-%m-%d}",
        _("Scorecards") + f": {asked.place}",
        _("Received {days}").format(days=asked.period.days),
        [("code", _("Code")), ("name", _("What it is called")), *_columns(shown)],
        [[line.code, line.name, *_values(shown, line.figures)] for line in lines],
        shown,
        scope={"period": asked.period.days, "place": asked.place},
    )


def through_time(asked: Asked) -> Table:
    """The chosen indicator by the periods of the chart."""
    found = charts.trend(asked)
    one = found.indicator
    return Table(
        f"trend-{one.id}-{asked.period.grain}-{asked.period.first:%Y-%m-%d}",
        f"{one.name}: {asked.place}",
        f"{found.points[0].label}–{found.points[-1].label}",
        [("since", _("Period")), *_columns([one])],
        [[f"{point.first:%Y-%m-%d}", *_values([one], point.figures)] for point in found.points],
        [one],
        scope={"period": asked.period.days, "place": asked.place},
    )


def of_brief(made: Brief) -> Table:
    """The figures of the morning brief, with its exceptions as notes."""
    columns = (
        ("what", _("What is counted")), ("value", _("Value")), ("usual", _("Usual, or target")), ("of", _("Of what")),
    )  # fmt: skip
    return Table(
        f"brief-{made.day:%Y-%m-%d}",
        _("Morning brief"),
        f"{made.day:%d/%m/%Y}",
        columns,
        [[line.name, line.value, line.usual, line.note] for line in made.lines],
        [indicator(name) for name in dict.fromkeys(line.id for line in made.lines)],
        [one.text for one in made.exceptions],
        {"period": f"{made.day:%Y-%m-%d}"},
    )


def _columns(shown: Sequence[Indicator]) -> list[tuple[str, str]]:
    columns = []
    for one in shown:
        if one.kind == "share":
            columns += [
                (f"{one.id}_of", f"{one.name}: {_('numerator')}"),
                (f"{one.id}_over", f"{one.name}: {_('out of')}"),
            ]
            columns.append((one.id, one.name))
        elif one.id in SPANS:
            columns += [(f"{one.id}_p50", f"{one.name} (p50)"), (f"{one.id}_p90", f"{one.name} (p90)")]
        else:
            columns.append((one.id, one.name))
    return columns


def _values(shown: Sequence[Indicator], figures: Any) -> list[Value]:
    values: list[Value] = []
    for one in shown:
        value = figures.get(one.id)
        if one.kind == "share":
            values += [value["of"], value["over"], value["share"]] if value else [None, None, None]
        elif one.id in SPANS:
            values += [value["p50"], value["p90"]] if value else [None, None]
        else:
            values.append(value)
    return values


def ranked(actor: Actor, asked: Asked, kind: str) -> Table:
    shown = indicator(ranking.shown(asked))
    bars = ranking.ranked(actor, asked, kind)
    return Table(
        f"agencies-{shown.id}-{asked.period.first:%Y-%m-%d}",
        _("Agencies side by side") + f": {shown.name}",
        _("Received {days}").format(days=asked.period.days),
        [("rank", _("Rank")), ("code", _("Code")), ("name", _("Agency")), *_columns([shown])],
        [[bar.rank or None, bar.line.code, bar.line.name, *_values([shown], bar.line.figures)] for bar in bars],
        [shown],
        [_("Without a rank: too few to say anything.")],
        {"period": asked.period.days},
    )


def of_agency(actor: Actor, asked: Asked) -> Table:
    """One agency among those of its kind."""
    rows: list[list[Value]] = []
    for one in ranking.standings(actor, asked):
        if one.bar is not None:
            rows.append(
                [one.indicator.id, one.indicator.name, one.bar.text, one.bar.of, one.bar.rank or None, one.ranked,
                 one.best, one.middle, one.target]
            )  # fmt: skip
    columns = (
        ("id", _("Id")), ("name", _("Indicator")), ("value", _("This agency")), ("of", _("Of what")), ("rank", _("Rank")),
        ("ranked", _("Ranked agencies")), ("best", _("Best")), ("middle", _("Middle")), ("target", _("Target")),
    )  # fmt: skip
    code = asked.agency.code if asked.agency else ""
    return Table(
        f"agency-{code}-{asked.period.first:%Y-%m-%d}",
        asked.place,
        _("Received {days}").format(days=asked.period.days),
        columns,
        rows,
        [indicator(str(row[0])) for row in rows],
        scope={"period": asked.period.days, "agency": code},
    )


def fairness(actor: Actor, asked: Asked) -> Table:
    view = equity.view(actor, asked, get_language() or "vi")
    columns = (
        ("code", _("Code")), ("name", _("Area")), ("population", _("Population (see the note)")),
        ("received", _("Received")), ("reports_per_1000", indicator("reports_per_1000").name),
        ("equity_index", indicator("equity_index").name), ("reported_by_several", _("Reported by several, of ten")),
        ("hours_to_fix_p50", indicator("hours_to_fix").name), ("fix_gap", indicator("fix_gap").name),
    )  # fmt: skip
    return Table(
        f"fairness-{asked.period.grain}-{asked.period.first:%Y-%m-%d}",
        _("Fairness between wards"),
        _("Received {days}").format(days=asked.period.days),
        columns,
        [
            [ward.unit.code, ward.name, ward.population, ward.received, _rounded(ward.per_1000), _rounded(ward.index),
             _rounded(ward.echo), ward.fix_hours, _rounded(ward.fix_gap)]
            for ward in view.wards
        ],
        [indicator(name) for name in ("reports_per_1000", "equity_index", "fix_gap", "hours_to_fix")],
        [population_note()],
        {"period": asked.period.days},
    )  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def behind(actor: Actor, scope: Scope, measures: Sequence[str], place: str) -> Table:
    """The records behind a number, without a word of what was written. Raises Invalid for very many."""
    if records.count(scope, measures) > RECORDS_MOST:
        problem = _("More than {n} records: choose a shorter period.").format(n=RECORDS_MOST)
        raise Invalid(problem, fields={"since": problem})
    rows: list[list[Value]] = []
    after: str | None = None
    while True:
        page = records.page(actor, scope, measures, after=after, limit=MOST)
        rows += [_record(one) for one in page]
        after = page.next
        if after is None:
            break
    days = f"{scope.since:%d/%m/%Y}–{scope.until:%d/%m/%Y}"
    columns = [(name, name) for name in _RECORD]
    return Table(
        f"records-{'-'.join(measures)}-{scope.since:%Y-%m-%d}",
        " · ".join(measure_name(name) for name in measures) + f": {place}",
        _("Received {days}").format(days=days),
        columns,
        rows,
        scope={"period": days, "place": place, "measures": ",".join(measures)},
    )


_RECORD = (
    "code", "category", "unit", "agency", "channel", "group", "state", "open", "received_at", "first_read_at",
    "assigned_at", "due_original_at", "due_final_at", "answered_at", "published_at", "outcome", "rating", "reopened",
    "returned",
)  # fmt: skip


def _record(one: records.Record) -> list[Value]:
    moments = (
        one.received_at, one.first_read_at, one.assigned_at, one.due_original_at, one.due_final_at, one.answered_at,
        one.published_at,
    )  # fmt: skip
    return [
        one.code,
        one.category.code if one.category else None,
        one.unit.code if one.unit else None,
        one.agency.code if one.agency else None,
        one.channel,
        one.group,
        one.state,
        int(one.is_open),
        *(asking.local_text(at) for at in moments),
        one.outcome,
        one.rating,
        one.reopened,
        one.hops,
    ]


def catalogue() -> Table:
    columns = (
        ("id", _("Id")), ("group", _("Group")), ("name", _("Indicator")), ("formula", _("Formula")),
        ("over", _("Of what")), ("target", _("Target")), ("better", _("Better")), ("source", _("Source")),
        ("owner", _("Answers for it")), ("refresh", _("Renewed")), ("meaning", _("Meaning")),
    )  # fmt: skip
    return Table(
        "indicators",
        _("Indicators"),
        "",
        columns,
        [
            [one.id, one.group, one.name, one.formula, one.denominator, one.target, one.better, one.taken_from,
             one.owned_by, one.refreshed, one.definition]
            for one in indicators()
        ],
    )  # fmt: skip
