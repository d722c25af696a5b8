"""The desk's scorecards: overview, records, fairness, agencies, the catalogue, the morning brief."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hues.cases import reference
from hues.city import queries as city
from hues.insights import queries
from hues.insights.catalogue import groups, indicator, measure_name, population_note, symbols
from hues.insights.queries import Scope
from hues.insights.scorecards import (
    asking,
    brief,
    cards,
    charts,
    equity,
    paper,
    periods,
    ranking,
    records,
    rooms,
    tables,
)
from hues.insights.scorecards.asking import Asked
from hues.kernel import pdf
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.people.decorators import staff_only


@require_GET
@staff_only
def overview(request: HttpRequest) -> HttpResponse:
    actor, asked, errors = _read(request)
    figures = cards.grouped(actor, asked)
    lines = tables.lines(actor, asked) if asked.by else []
    shown = indicator(asked.show)
    context = {
        "asked": asked,
        "errors": errors,
        "headline": cards.headline(figures),
        "cards": figures,
        "trend": charts.trend(asked),
        "trend_exports": _exports(request, "/desk/scorecards/trend"),
        "lines": [
            {"line": bar.line, "bar": bar, "cells": tables.cells(bar.line)}
            for bar in tables.bars(lines, shown, every=True)
        ],
        "few": cards.FEW,
        "bars_target": tables.target_at(lines, shown),
        "shown": shown,
        "columns": tables.columns(),
        "breakdowns": [{"by": by, "name": _BY[by]()} for by in asking.breakdowns(asked)],
        "row_name": _ROW[asked.by]() if asked.by else "",
        "order_url": cards.order_url(
            actor, f"chart:{shown.id}", f"{shown.name} ({asked.place}, {asked.period.days})", asked.query(), "chart"
        ),
        "chart_ordered": rooms.ordered(actor, "chart", [f"chart:{shown.id}"]).get(f"chart:{shown.id}"),
        **_frame(request, actor, asked, errors),
    }
    return render(request, "insights/scorecards.html", context, status=422 if errors else 200)


@require_GET
@staff_only
def behind(request: HttpRequest) -> HttpResponse:
    """The records behind a number."""
    actor = who(request)
    scope, measures = records_asked(request)
    asking.check_open(actor, scope)
    page = records.page(actor, scope, measures, after=request.GET.get("after"))
    title, count = " · ".join(measure_name(name) for name in measures), records.count(scope, measures)
    context = {
        "title": title,
        "count": count,
        "order_url": cards.order_url(
            actor,
            f"records:{','.join(measures)}",
            f"{title}: {count} ({place_of(scope)}, {scope.since:%d/%m/%Y}–{scope.until:%d/%m/%Y})",
            request.GET.urlencode(),
            path=cards.RECORDS,
        ),
        "page": page,
        "first_page": "after" not in request.GET,
        "live": measures[0] == records.LIVE,
        "scope": scope,
        "place": place_of(scope),
        "exports": _exports(request, "/desk/scorecards/records"),
        "state": queries.state(),
        "tab": "overview",
    }
    return render(request, "insights/records.html", context)


@require_GET
@staff_only
def fairness(request: HttpRequest) -> HttpResponse:
    actor, asked, errors = _read(request, whole=True)
    view = equity.view(actor, asked, get_language() or "vi")
    context = {
        "view": view,
        "rows": [equity.told(ward) for ward in view.wards],
        "words": equity.headline(view),
        "average_at": view.average_at,
        "asked": asked,
        "note": population_note(),
        "definitions": [indicator(name) for name in ("reports_per_1000", "equity_index", "fix_gap")],
        "order_url": cards.order_url(
            actor, "chart:equity_index", indicator("equity_index").name, asked.query(), "chart"
        ),
        **_frame(request, actor, asked, errors, path="/desk/scorecards/fairness"),
        "tab": "fairness",
    }
    return render(request, "insights/fairness.html", context, status=422 if errors else 200)


@require_GET
@staff_only
def agencies(request: HttpRequest) -> HttpResponse:
    """All agencies of one kind side by side, ranked where there is enough to rank."""
    actor, asked, errors = _read(request, whole=True)
    kind, shown = request.GET.get("kind", ""), indicator(ranking.shown(asked))
    bars = ranking.ranked(actor, asked, kind)
    context = {
        "asked": asked,
        "ranked": bars,
        "kinds": ranking.kinds(),
        "kind": kind,
        "shown": shown,
        "bars_target": tables.target_at([bar.line for bar in bars], shown),
        "choice": {
            "name": "show",
            "label": _("By which figure"),
            "kind": "select",
            "required": True,
            "value": shown.id,
            "options": [{"value": name, "label": indicator(name).name} for name in ranking.RANKED],
        },
        "order_url": cards.order_url(
            actor, f"chart:{shown.id}", f"{shown.name} ({asked.period.days})", asked.query(show=shown.id), "chart"
        ),
        "few": cards.FEW,
        **_frame(request, actor, asked, errors, path="/desk/scorecards/agencies"),
        "tab": "agencies",
    }
    return render(request, "insights/agencies.html", context, status=422 if errors else 200)


@require_GET
@staff_only
def agency(request: HttpRequest, code: str) -> HttpResponse:
    """One agency: its figures, and where each stands among those of its kind."""
    if code not in reference.agencies_by_code():
        raise NotFound(_("There is no such page."))
    actor, asked, errors = _read(request, agency=code)
    figures = cards.grouped(actor, asked)
    context = {
        "agency": asked.agency,
        "asked": asked,
        "headline": cards.headline(figures),
        "cards": figures,
        "standings": ranking.standings(actor, asked),
        "rank_query": f"{asked.query(agency='', by='')}&kind={ranking.kind_of(code)}",
        "by_query": asked.query(),
        "trend": charts.trend(asked),
        "shown": indicator(asked.show),
        "few": cards.FEW,
        **_frame(request, actor, asked, errors, path=f"/desk/scorecards/agencies/{code}"),
        "tab": "agencies",
    }
    return render(request, "insights/agency.html", context, status=422 if errors else 200)


@require_GET
@staff_only
def catalogue(request: HttpRequest) -> HttpResponse:
    context = {
        "groups": [
            {"key": key, "name": name, "members": [{"one": one, "target": cards.target_text(one)} for one in members]}
            for key, name, members in groups()
        ],
        "symbols": symbols(),
        "tab": "indicators",
        "exports": _exports(request, "/desk/scorecards/indicators"),
    }
    return render(request, "insights/indicators.html", context)


@require_GET
@staff_only
def morning(request: HttpRequest) -> HttpResponse:
    exports = _exports(request, "/desk/scorecards/brief")
    context = {"brief": brief_of(request), "exports": exports, "state": queries.state(), "tab": "brief"}
    return render(request, "insights/brief.html", context)


@require_GET
@staff_only
def morning_paper(request: HttpRequest) -> HttpResponse:
    """The same on one sheet."""
    made = brief_of(request)
    return pdf.answer(paper.draw(made), f"brief-{made.day:%Y-%m-%d}.pdf")


def brief_of(request: HttpRequest) -> brief.Brief:
    actor = who(request)
    if not brief.may_read(actor):
        raise NotFound(_("There is no such page."))
    return brief.build(actor)


# ── What was asked ──


def who(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _read(request: HttpRequest, *, whole: bool = False, agency: str = "") -> tuple[Actor, Asked, dict[str, str]]:
    """What was asked; where it does not fit, the usual and what was wrong. `whole`: of the city, for everyone on the staff."""
    try:
        return *read_strictly(request, whole=whole, agency=agency), {}
    except Invalid as problem:
        actor = who(request)
        return actor, asking.read(actor, _fixed({}, whole, agency), whole=whole), dict(problem.fields)


def read_strictly(request: HttpRequest, *, whole: bool = False, agency: str = "") -> tuple[Actor, Asked]:
    """Raises Invalid, by field."""
    actor = who(request)
    if not asking.oversees(actor):
        asking.own_agency(actor)
    given = {name: request.GET.get(name, "")[:64] for name in asking.NAMES}
    return actor, asking.read(actor, _fixed(given, whole, agency), whole=whole)


def _fixed(given: dict[str, str], whole: bool, agency: str) -> dict[str, str]:
    if not whole and not agency:
        return given
    return given | {"unit": "", "category": "", "channel": "", "agency": agency, "by": "agency" if whole else ""}


def records_asked(request: HttpRequest) -> tuple[Scope, list[str]]:
    """The scope and the measures of a list of records. Raises Invalid."""
    problems: dict[str, str] = {}
    since = asking.read_day(request.GET.get("since", ""), problems, "since")
    until = asking.read_day(request.GET.get("until", ""), problems, "until")
    found = {}
    for name, known in (
        ("unit", reference.units_by_code()),
        ("category", reference.categories_by_code()),
        ("agency", reference.agencies_by_code()),
    ):
        code = request.GET.get(name, "")
        if code and code not in known:
            problems[name] = _("There is no such choice.")
        elif code:
            found[name] = known[code].pk
    channel = request.GET.get("channel", "")
    if channel and channel not in asking.CHANNELS:
        problems["channel"] = _("There is no such choice.")
    if not problems and (not since or not until or since > until):
        problems["since"] = _("There is no such day.")
    if problems or not since or not until:
        raise Invalid(_("Some choices do not fit."), fields=problems)
    scope = Scope(since, until, channel=channel, **found)
    asking.check_kept(scope)
    return scope, records.read_measures(request.GET.get("measure", "received"))


def place_of(scope: Scope) -> str:
    language = get_language() or "vi"
    names = []
    if scope.unit:
        names.append(reference.units()[scope.unit].name(language))
    if scope.category:
        names.append(reference.categories()[scope.category].name(language))
    if scope.agency:
        names.append(reference.agencies()[scope.agency].name(language))
    if scope.channel:
        names.append(asking.channel_name(scope.channel))
    return " · ".join(names) or _("the whole city, all kinds of report")


# ── What surrounds ──

_BY = {
    "unit": lambda: _("By area"),
    "agency": lambda: _("By agency"),
    "category": lambda: _("By kind"),
    "channel": lambda: _("By channel"),
}
_ROW = {
    "unit": lambda: _("Area"),
    "agency": lambda: _("Agency"),
    "category": lambda: _("Kind of report"),
    "channel": lambda: _("Channel"),
}


def _frame(
    request: HttpRequest, actor: Actor, asked: Asked, errors: dict[str, str], *, path: str = "/desk/scorecards"
) -> dict[str, Any]:
    period = asked.period
    grains = {
        "day": _("Day"), "week": _("Week"), "month": _("Month"), "quarter": _("Quarter"), "year": _("Year"),
    }  # fmt: skip
    after = period.after
    before = periods.of(period.grain, period.before.first)
    return {
        "path": path,
        "grains": [{"grain": grain, "name": name, "current": grain == period.grain} for grain, name in grains.items()],
        "before_url": f"{path}?{asked.query(at=f'{before.first:%Y-%m-%d}')}" if before.is_kept else "",
        "after_url": f"{path}?{asked.query(at=f'{after.first:%Y-%m-%d}')}" if after else "",
        "fields": _fields(request, asked, errors),
        "filtered": bool(errors or asked.dimensions),
        "opens": asking.may_open(actor, asked.scope()),
        "exports": _exports(request, path),
        "state": queries.state(),
        "tab": "overview",
    }


def _exports(request: HttpRequest, path: str) -> list[dict[str, str]]:
    query = request.GET.copy()
    query.pop("after", None)
    tail = f"?{query.urlencode()}" if query else ""
    return [{"name": name.upper(), "url": f"{path}.{name}{tail}"} for name in ("xlsx", "csv", "json")]


def _fields(request: HttpRequest, asked: Asked, errors: dict[str, str]) -> list[dict[str, Any]]:
    language = get_language() or "vi"
    kinds = [(row["code"], row["name"]) for domain in city.categories(language) for row in domain["categories"]]
    choices = {
        "unit": (_("Area"), _("Everywhere"), [(row["code"], row["name"]) for row in city.units(language)]),
        "category": (_("Kind of report"), _("All kinds"), kinds),
        "agency": (_("Agency"), _("All agencies"), [(row["code"], row["name"]) for row in city.agencies(language)]),
        "channel": (
            _("Channel"),
            _("All channels"),
            [(channel, asking.channel_name(channel)) for channel in asking.CHANNELS],
        ),
    }
    values = {name: one.code for name, one in asked.filters.items()} | {"channel": asked.channel}
    return [
        {
            "name": name,
            "label": label,
            "kind": "select",
            "value": request.GET.get(name) or values.get(name, ""),
            "required": True,
            "error": errors.get(name, ""),
            "options": [{"value": value, "label": text} for value, text in [("", every), *options]],
        }
        for name, (label, every, options) in choices.items()
    ]
